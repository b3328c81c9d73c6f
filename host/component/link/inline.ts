/** Makes the `LinkPlan` of a validated component: walks its definitions with symbolic values, nested components included. */
import type { CanonOptions, CanonSyntax, CoreSort, Definition, SortIndex } from '../decode/syntax.ts';
import { UnsupportedError } from '../errors.ts';
import type { ExternType, InstanceType, ResourceType } from '../types.ts';
import type { Fact, ValidComponent } from '../validate/component.ts';
import type {
  CalleePlan,
  CoreImportPlan,
  CoreItem,
  HostFunctionPlan,
  HostPath,
  ItemPlan,
  LinkedOptions,
  LinkPlan,
  ModulePlan,
  ResourcePlan,
  Step,
  TrampolinePlan,
} from './plan.ts';

/** Instantiations that one component may hold; beyond it the plan itself would be the attack. */
const maxInstances = 10_000;

/** A component with the scope that it closes over. */
interface Closure {
  readonly valid: ValidComponent;
  readonly parent: Frame | undefined;
}

type Items = ReadonlyMap<string, SymbolicItem>;

type SymbolicItem =
  | { readonly sort: 'func'; readonly func: CalleePlan }
  | { readonly sort: 'instance'; readonly items: Items }
  | { readonly sort: 'component'; readonly closure: Closure }
  | { readonly sort: 'core module'; readonly module: number }
  | { readonly sort: 'type'; readonly resource: number | undefined };

type CoreInstance =
  | { readonly kind: 'slot'; readonly slot: number }
  | { readonly kind: 'bundle'; readonly items: ReadonlyMap<string, CoreItem> };

/** The index spaces of one component instance being planned. */
class Frame {
  readonly instance: number;
  readonly parent: Frame | undefined;
  readonly environment = new Map<ResourceType, number>();
  readonly core: Record<Exclude<CoreSort, 'type' | 'module' | 'instance'>, CoreItem[]> = {
    func: [],
    table: [],
    memory: [],
    global: [],
    tag: [],
  };
  readonly coreModules: number[] = [];
  readonly coreInstances: CoreInstance[] = [];
  readonly funcs: CalleePlan[] = [];
  readonly types: (number | undefined)[] = [];
  readonly components: Closure[] = [];
  readonly instances: Items[] = [];
  readonly exports = new Map<string, SymbolicItem>();

  constructor(instance: number, parent: Frame | undefined) {
    this.instance = instance;
    this.parent = parent;
  }

  add(item: SymbolicItem): void {
    switch (item.sort) {
      case 'func':
        this.funcs.push(item.func);
        break;
      case 'instance':
        this.instances.push(item.items);
        break;
      case 'component':
        this.components.push(item.closure);
        break;
      case 'core module':
        this.coreModules.push(item.module);
        break;
      case 'type':
        this.types.push(item.resource);
        break;
    }
  }

  item({ sort, index }: SortIndex): SymbolicItem {
    switch (sort) {
      case 'func':
        return { sort, func: this.funcs[index]! };
      case 'instance':
        return { sort, items: this.instances[index]! };
      case 'component':
        return { sort, closure: this.components[index]! };
      case 'core module':
        return { sort, module: this.coreModules[index]! };
      default:
        return { sort: 'type', resource: this.types[index] };
    }
  }
}

/** @throws UnsupportedError where the component wants from the host what no host can give yet */
export function planLinking(valid: ValidComponent): LinkPlan {
  return new Inliner().plan(valid);
}

class Inliner {
  readonly #modules: ModulePlan[] = [];
  readonly #moduleIndices = new Map<Definition, number>();
  readonly #parents: (number | undefined)[] = [];
  readonly #resources: ResourcePlan[] = [];
  readonly #trampolines: TrampolinePlan[] = [];
  readonly #memories: CoreItem[] = [];
  readonly #memoryIndices = new Map<string, number>();
  readonly #steps: Step[] = [];
  #slots = 0;
  #suspends = false;
  readonly #unlowered = new Set<HostFunctionPlan>();

  plan(valid: ValidComponent): LinkPlan {
    const exports = this.#component({ valid, parent: undefined }, undefined, undefined);
    return {
      modules: this.#modules,
      parents: this.#parents,
      resources: this.#resources,
      trampolines: this.#trampolines,
      memories: this.#memories,
      steps: this.#steps,
      exports: linkable(exports),
      unused: [...this.#unlowered].map((func) => func.path),
      suspends: this.#suspends || this.#trampolines.some(blocks),
      asksForTasks: this.#trampolines.some((one) => one.kind === 'builtin'),
    };
  }

  #component(closure: Closure, instantiator: Frame | undefined, args: Items | undefined): Items {
    const instance = this.#parents.push(instantiator?.instance) - 1;
    if (instance > maxInstances) {
      throw new UnsupportedError(
        'very many instances',
        `a component may hold ${maxInstances} component instances`,
      );
    }
    const frame = new Frame(instance, closure.parent);
    for (const definition of closure.valid.syntax.definitions) {
      this.#define(frame, definition, closure.valid.facts.get(definition), args);
    }
    this.#steps.push({ step: 'ready', instance });
    return frame.exports;
  }

  #define(frame: Frame, definition: Definition, fact: Fact | undefined, args: Items | undefined): void {
    switch (definition.kind) {
      case 'core module':
        frame.coreModules.push(this.#module(definition));
        break;
      case 'core instantiate':
        this.#instantiateModule(frame, definition);
        break;
      case 'core bundle':
        frame.coreInstances.push({
          kind: 'bundle',
          items: new Map(definition.exports.map((one) => [one.name, coreSpace(frame, one.sort)[one.index]!])),
        });
        break;
      case 'component':
        frame.components.push({ valid: fact!.nested!, parent: frame });
        break;
      case 'instantiate': {
        const supplied = new Map(definition.args.map((arg) => [arg.name, frame.item(arg)]));
        const items = this.#component(frame.components[definition.component]!, frame, supplied);
        bindResources(fact!.type!, { sort: 'instance', items }, frame.environment);
        frame.instances.push(items);
        break;
      }
      case 'bundle':
        frame.instances.push(new Map(definition.exports.map((one) => [one.name, frame.item(one)])));
        break;
      case 'alias export':
        frame.add(frame.instances[definition.instance]!.get(definition.name)!);
        break;
      case 'alias core export': {
        const item = coreExport(frame.coreInstances[definition.instance]!, definition.name);
        coreSpace(frame, definition.sort).push(item);
        break;
      }
      case 'alias outer': {
        let target = frame;
        for (let i = 0; i < definition.count; i++) target = target.parent!;
        if (definition.sort !== 'core type') frame.add(target.item(definition));
        break;
      }
      case 'type': {
        if (definition.type.kind !== 'resource') {
          frame.types.push(undefined);
          break;
        }
        const { destructor } = definition.type;
        const type = fact!.resource!;
        const index =
          this.#resources.push({
            kind: 'guest',
            instance: frame.instance,
            destructor: destructor === undefined ? undefined : frame.core.func[destructor]!,
            type,
          }) - 1;
        frame.environment.set(type, index);
        frame.types.push(index);
        break;
      }
      case 'canon':
        this.#canon(frame, definition.canon, fact!);
        break;
      case 'import': {
        const type = fact!.type!;
        const item = args
          ? args.get(definition.name)!
          : this.#hostItem(type, [definition.name], frame.environment);
        bindResources(type, item, frame.environment);
        frame.add(item);
        break;
      }
      case 'export': {
        const item = frame.item(definition.item);
        bindResources(fact!.type!, item, frame.environment);
        frame.exports.set(definition.name, item);
        frame.add(item);
        break;
      }
    }
  }

  #module(definition: Extract<Definition, { kind: 'core module' }>): number {
    let index = this.#moduleIndices.get(definition);
    if (index === undefined) {
      index = this.#modules.push({ kind: 'bytes', bytes: definition.bytes, offset: definition.offset }) - 1;
      this.#moduleIndices.set(definition, index);
    }
    return index;
  }

  #instantiateModule(frame: Frame, definition: Extract<Definition, { kind: 'core instantiate' }>): void {
    const imports: CoreImportPlan[] = [];
    for (const arg of definition.args) {
      const instance = frame.coreInstances[arg.instance]!;
      if (instance.kind === 'bundle') {
        for (const [name, item] of instance.items) imports.push({ module: arg.name, name, item });
      } else {
        imports.push({
          module: arg.name,
          name: '*',
          item: { kind: 'export', slot: instance.slot, name: '*' },
        });
      }
    }
    const slot = this.#slots++;
    if (this.#steps.length > maxInstances * 2) {
      throw new UnsupportedError(
        'very many instances',
        `a component may hold ${maxInstances} core instances`,
      );
    }
    const hasProtoNames = imports.some(({ module, name }) => module === '__proto__' || name === '__proto__');
    this.#steps.push({
      step: 'module',
      module: frame.coreModules[definition.module]!,
      slot,
      imports,
      hasProtoNames,
    });
    frame.coreInstances.push({ kind: 'slot', slot });
  }

  #canon(frame: Frame, canon: CanonSyntax, fact: Fact): void {
    const { instance, environment } = frame;
    if (fact.func?.async) this.#suspends = true;
    if (canon.canon === 'lift') {
      const core = frame.core.func[canon.coreFunc]!;
      const options = this.#options(frame, canon.options);
      frame.funcs.push({ kind: 'lift', instance, core, type: fact.func!, options, environment });
      return;
    }
    let plan: TrampolinePlan;
    switch (canon.canon) {
      case 'lower': {
        const callee = frame.funcs[canon.func]!;
        if (callee.kind === 'host') this.#unlowered.delete(callee);
        const options = this.#options(frame, canon.options);
        plan = { kind: 'lower', instance, callee, type: fact.func!, options, environment };
        break;
      }
      case 'resource.new':
      case 'resource.drop':
      case 'resource.rep':
        plan = { kind: canon.canon, instance, resource: frame.types[canon.type]! };
        break;
      default: {
        const syntax = 'options' in canon ? canon.options : undefined;
        const options = syntax && this.#options(frame, syntax);
        const memory = 'memory' in canon ? this.#memory(frame.core.memory[canon.memory]!) : undefined;
        plan = {
          kind: 'builtin',
          instance,
          canon,
          options: memory === undefined ? options : { ...noOptions, memory },
          result: fact.result,
          environment,
        };
      }
    }
    frame.core.func.push({ kind: 'trampoline', index: this.#trampolines.push(plan) - 1 });
  }

  #options(frame: Frame, options: CanonOptions): LinkedOptions {
    const func = (index: number | undefined) => (index === undefined ? undefined : frame.core.func[index]!);
    return {
      encoding: options.stringEncoding,
      memory: options.memory === undefined ? undefined : this.#memory(frame.core.memory[options.memory]!),
      realloc: func(options.realloc),
      postReturn: func(options.postReturn),
      callback: func(options.callback),
      async: options.async,
    };
  }

  #memory(item: CoreItem): number {
    const key = JSON.stringify(item);
    let index = this.#memoryIndices.get(key);
    if (index === undefined) {
      index = this.#memories.push(item) - 1;
      this.#memoryIndices.set(key, index);
    }
    return index;
  }

  /** What an import of the root stands for. */
  #hostItem(type: ExternType, path: HostPath, environment: Map<ResourceType, number>): SymbolicItem {
    switch (type.kind) {
      case 'func': {
        const func: HostFunctionPlan = { kind: 'host', path, type, environment };
        this.#unlowered.add(func);
        return { sort: 'func', func };
      }
      case 'instance': {
        const items = new Map<string, SymbolicItem>();
        for (const extern of type.exports) {
          items.set(extern.name, this.#hostItem(extern.type, [...path, extern.name], environment));
        }
        return { sort: 'instance', items };
      }
      case 'type': {
        if (type.type.kind !== 'resource') return { sort: 'type', resource: undefined };
        const known = environment.get(type.type);
        if (known !== undefined) return { sort: 'type', resource: known };
        const index = this.#resources.push({ kind: 'host', path, type: type.type }) - 1;
        environment.set(type.type, index);
        return { sort: 'type', resource: index };
      }
      case 'component':
        throw new UnsupportedError('component imports', `the import \`${path.join('/')}\` is a component`);
      case 'module':
        throw new UnsupportedError(
          'core module imports',
          `the import \`${path.join('/')}\` is a core module`,
        );
    }
  }
}

/** Built-ins that may suspend whoever calls them. */
function blocks(plan: TrampolinePlan): boolean {
  if (plan.kind !== 'builtin') return false;
  const { canon } = plan.canon;
  return canon === 'waitable-set.wait' || canon === 'thread.yield' || canon === 'subtask.cancel';
}

const noOptions: LinkedOptions = {
  encoding: 'utf8',
  memory: undefined,
  realloc: undefined,
  postReturn: undefined,
  callback: undefined,
  async: false,
};

function coreSpace(frame: Frame, sort: CoreSort): CoreItem[] {
  return frame.core[sort as keyof Frame['core']];
}

function coreExport(instance: CoreInstance, name: string): CoreItem {
  if (instance.kind === 'bundle') return instance.items.get(name)!;
  return { kind: 'export', slot: instance.slot, name };
}

/** Learn from an item what the resources that its type mentions stand for. */
function bindResources(type: ExternType, item: SymbolicItem, environment: Map<ResourceType, number>): void {
  if (type.kind === 'type' && item.sort === 'type') {
    if (type.type.kind === 'resource' && item.resource !== undefined)
      environment.set(type.type, item.resource);
    return;
  }
  if (type.kind !== 'instance' || item.sort !== 'instance') return;
  for (const extern of (type as InstanceType).exports) {
    const inner = item.items.get(extern.name);
    if (inner) bindResources(extern.type, inner, environment);
  }
}

/** Only what JavaScript can be given: components and modules stay inside. */
function linkable(items: Items): Map<string, ItemPlan> {
  const result = new Map<string, ItemPlan>();
  for (const [name, item] of items) {
    if (item.sort === 'instance') result.set(name, { sort: 'instance', items: linkable(item.items) });
    else if (item.sort === 'func' || item.sort === 'type') result.set(name, item);
  }
  return result;
}
