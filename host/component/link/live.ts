/**
 * One live root instance being linked: follows the steps of a `LinkPlan` and keeps what they make.
 * How functions are bound to it is `functions.ts`; what the host sees of it is `face.ts`.
 */
import type { CoreFunction } from '../bind/interpret-call.ts';
import { Memory, type Realloc } from '../bind/memory.ts';
import { guardedRealloc, type Side } from '../bind/side.ts';
import type { Imports } from '../component.ts';
import { trap } from '../run/fault.ts';
import { disposeHostObject, guestResourceFace, HostObjects, hostResourceFace } from '../run/host-objects.ts';
import { ComponentInstance, type Root } from '../run/instance.ts';
import { type HandleFace, Resource } from '../run/resource.ts';
import type { ResourceType } from '../types.ts';
import { makeTrampoline } from './functions.ts';
import { givenClass, givenFunction, givenModule } from './host-imports.ts';
import type { CoreItem, LinkedOptions, LinkPlan, ModulePlan, ResourceEnvironment } from './plan.ts';
import { resourceClass } from './resource-class.ts';

/** Names come from the component; `__proto__` is one only where there is no prototype, which costs more. */
function namespace<T>(hasProtoNames: boolean): Record<string, T> {
  return hasProtoNames ? (Object.create(null) as Record<string, T>) : {};
}

/** A core module, and what it imports beside what the component gives it. */
export interface CompiledModule {
  readonly module: WebAssembly.Module;
  readonly imports: (() => WebAssembly.Imports) | undefined;
}

export class Live {
  readonly plan: LinkPlan;
  readonly root: Root;
  readonly imports: Imports;
  readonly instances: ComponentInstance[] = [];
  readonly hostObjects = new HostObjects();
  readonly #slots: WebAssembly.Exports[] = [];
  readonly #trampolines: CoreFunction[] = [];
  readonly #memories: Memory[] = [];
  #reallocs: Map<CoreFunction, { readonly memory: Memory; readonly guarded: Realloc }> | undefined;
  readonly #resources: Resource[] = [];
  readonly #hostFaces: HandleFace[] = [];
  readonly #classes: (new (...args: unknown[]) => unknown)[] = [];

  constructor(plan: LinkPlan, root: Root, imports: Imports) {
    this.plan = plan;
    this.root = root;
    this.imports = imports;
    for (const parent of plan.parents) {
      this.instances.push(
        new ComponentInstance(root, parent === undefined ? undefined : this.instances[parent]),
      );
    }
  }

  /** Instantiate the core modules in order. */
  run(modules: readonly (CompiledModule | undefined)[]): void {
    for (const path of this.plan.unused) givenFunction(this.imports, path);
    for (const step of this.plan.steps) {
      if (step.step === 'ready') {
        this.instances[step.instance]!.entered = 0;
        continue;
      }
      const imports = namespace<Record<string, WebAssembly.ImportValue>>(step.hasProtoNames);
      for (const { module, name, item } of step.imports) {
        if (name === '*') imports[module] = this.#slots[(item as { slot: number }).slot]!;
        else {
          if (!Object.hasOwn(imports, module)) imports[module] = namespace(step.hasProtoNames);
          imports[module]![name] = this.core(item) as WebAssembly.ImportValue;
        }
      }
      const compiled = modules[step.module];
      if (compiled?.imports !== undefined) Object.assign(imports, compiled.imports());
      const module = compiled?.module ?? this.#givenModule(step.module);
      this.#slots[step.slot] = new WebAssembly.Instance(module, imports).exports;
    }
  }

  #givenModule(index: number): WebAssembly.Module {
    const plan = this.plan.modules[index] as Extract<ModulePlan, { kind: 'host' }>;
    return givenModule(this.imports, plan.path, plan.type);
  }

  /** What an item of the plan is here. */
  core(item: CoreItem): unknown {
    if (item.kind === 'export') return this.#slots[item.slot]![item.name];
    this.#trampolines[item.index] ??= makeTrampoline(this, this.plan.trampolines[item.index]!);
    return this.#trampolines[item.index];
  }

  func(item: CoreItem): CoreFunction {
    return this.core(item) as CoreFunction;
  }

  memory(index: number): Memory {
    this.#memories[index] ??= new Memory(
      this.core(this.plan.memories[index]!) as WebAssembly.Memory,
      this.root.limits,
    );
    return this.#memories[index];
  }

  /** All distinct memories that core instances export. */
  #allMemories(): Set<WebAssembly.Memory> {
    const memories = new Set<WebAssembly.Memory>();
    for (const exports of this.#slots) {
      for (const value of Object.values(exports))
        if (value instanceof WebAssembly.Memory) memories.add(value);
    }
    return memories;
  }

  memoryBytes(): number {
    let total = 0;
    for (const memory of this.#allMemories()) total += memory.buffer.byteLength;
    return total;
  }

  memoryIsFull(): boolean {
    for (const memory of this.#allMemories()) {
      try {
        memory.grow(1);
      } catch (error) {
        // A memory with 64-bit addresses wants a bigint; components have none.
        if (error instanceof RangeError) return true;
      }
    }
    return false;
  }

  resource(index: number): Resource {
    this.#resources[index] ??= this.#makeResource(index);
    return this.#resources[index];
  }

  #makeResource(index: number): Resource {
    const plan = this.plan.resources[index]!;
    const name = plan.type.typeName?.name ?? 'resource';
    if (plan.kind === 'host') {
      return new Resource(undefined, name, (rep) => disposeHostObject(this.hostObjects, rep, name));
    }
    const impl = this.instances[plan.instance]!;
    const { destructor } = plan;
    return new Resource(impl, name, (rep, caller) => {
      const entering = impl.enteringSet(caller);
      for (const one of entering) {
        if (one.entered === 0) continue;
        if (caller === undefined) throw impl.root.refusal(`the destructor of ${name}`);
        trap('cannot-enter', `wasm trap: cannot enter component instance: the destructor of ${name}`);
      }
      if (destructor === undefined) return;
      for (const one of entering) one.entered = 1;
      const entered = impl.root.guard?.enter();
      try {
        this.func(destructor)(rep);
      } catch (error) {
        if (caller === undefined) throw impl.root.fault(error, `the destructor of ${name}`);
        throw error;
      } finally {
        if (entered !== undefined) impl.root.guard!.leave(entered);
      }
      for (const one of entering) if (one.entered === 1) one.entered = 0;
    });
  }

  /** The class of a resource as the host sees it. */
  class(index: number): new (...args: unknown[]) => unknown {
    this.#classes[index] ??= this.#makeClass(index);
    return this.#classes[index];
  }

  #makeClass(index: number): new (...args: unknown[]) => unknown {
    const plan = this.plan.resources[index]!;
    const given = plan.kind === 'host' ? givenClass(this.imports, plan.path) : undefined;
    return given ?? resourceClass(plan.type.typeName?.name ?? 'resource');
  }

  #hostFace(index: number): HandleFace {
    this.#hostFaces[index] ??= this.#makeHostFace(index);
    return this.#hostFaces[index];
  }

  #makeHostFace(index: number): HandleFace {
    const plan = this.plan.resources[index]!;
    const resource = this.resource(index);
    if (plan.kind === 'guest') return guestResourceFace(resource, this.class(index).prototype as object);
    return hostResourceFace(resource, this.hostObjects, givenClass(this.imports, plan.path));
  }

  /** One for each of the guest's, however many functions name it. */
  #realloc(realloc: CoreFunction, memory: Memory, instance: ComponentInstance): Realloc {
    const known = this.#reallocs?.get(realloc);
    if (known?.memory === memory) return known.guarded;
    const guarded = guardedRealloc(realloc, memory, instance);
    this.#reallocs ??= new Map();
    this.#reallocs.set(realloc, { memory, guarded });
    return guarded;
  }

  /** A side of a call. `towards` says who is at the other end. */
  side(
    instance: number,
    options: LinkedOptions,
    environment: ResourceEnvironment,
    towards: 'host' | 'guest',
  ): Side {
    const component = this.instances[instance]!;
    const memory = options.memory === undefined ? undefined : this.memory(options.memory);
    const realloc =
      memory && options.realloc ? this.#realloc(this.func(options.realloc), memory, component) : undefined;
    const face = (type: ResourceType): HandleFace => {
      const index = environment.get(type)!;
      return towards === 'host' ? this.#hostFace(index) : this.resource(index).guestFace;
    };
    return { instance: component, encoding: options.encoding, memory, realloc, towards, face };
  }
}
