/**
 * A validated component, nested components and all, as one flat list of steps: what to instantiate
 * with what, in order. Done once per component; each instance only follows the steps.
 *
 * Nested components are inlined: an index is followed through aliases, arguments and re-exports to
 * the core export, trampoline or host function behind it. So a call between two nested components
 * knows both of its ends before anything runs.
 */
import type { CanonSyntax, StringEncoding } from '../decode/syntax.ts';
import type { CoreModuleType, FunctionType, ResourceType, ValueType } from '../types.ts';

/** A core function, memory, table, global or tag: an export of a core instance, or a function made by us. */
export type CoreItem =
  | { readonly kind: 'export'; readonly slot: number; readonly name: string }
  | { readonly kind: 'trampoline'; readonly index: number };

/** Where an import of the root comes from: `['wasi:cli/stdin@0.2.0', 'get-stdin']`. */
export type HostPath = readonly string[];

/** The canonical options of one lift or lower, followed to what they name. */
export interface LinkedOptions {
  readonly encoding: StringEncoding;
  /** Index into `LinkPlan.memories`. */
  readonly memory: number | undefined;
  readonly realloc: CoreItem | undefined;
  readonly postReturn: CoreItem | undefined;
  readonly callback: CoreItem | undefined;
  readonly async: boolean;
}

/** What the resource types of one component stand for in one of its instances: indices of `LinkPlan.resources`. */
export type ResourceEnvironment = ReadonlyMap<ResourceType, number>;

export interface LiftPlan {
  readonly kind: 'lift';
  /** Index of the component instance, 0 for the root. */
  readonly instance: number;
  readonly core: CoreItem;
  readonly type: FunctionType;
  readonly options: LinkedOptions;
  readonly environment: ResourceEnvironment;
}

export interface HostFunctionPlan {
  readonly kind: 'host';
  readonly path: HostPath;
  readonly type: FunctionType;
  readonly environment: ResourceEnvironment;
}

export type CalleePlan = LiftPlan | HostFunctionPlan;

/** A core function that the runtime makes. */
export type TrampolinePlan =
  | {
      readonly kind: 'lower';
      readonly instance: number;
      readonly callee: CalleePlan;
      readonly type: FunctionType;
      readonly options: LinkedOptions;
      readonly environment: ResourceEnvironment;
    }
  | {
      readonly kind: 'resource.new' | 'resource.drop' | 'resource.rep';
      readonly instance: number;
      readonly resource: number;
    }
  | {
      readonly kind: 'builtin';
      readonly instance: number;
      readonly canon: Exclude<CanonSyntax, { canon: 'lift' | 'lower' }>;
      readonly options: LinkedOptions | undefined;
      readonly result: ValueType | undefined;
      readonly environment: ResourceEnvironment;
    };

export type ResourcePlan =
  | {
      readonly kind: 'guest';
      readonly instance: number;
      readonly destructor: CoreItem | undefined;
      readonly type: ResourceType;
    }
  | { readonly kind: 'host'; readonly path: HostPath; readonly type: ResourceType };

export interface CoreImportPlan {
  readonly module: string;
  readonly name: string;
  readonly item: CoreItem;
}

export type Step =
  | {
      readonly step: 'module';
      readonly module: number;
      readonly slot: number;
      readonly imports: readonly CoreImportPlan[];
      /** `__proto__` is among the names. */
      readonly hasProtoNames: boolean;
    }
  /** Everything of a component instance stands; it may be entered from now on. */
  | { readonly step: 'ready'; readonly instance: number };

/** What a component instance exports: functions, types and further instances by name. */
export type ItemPlan =
  | { readonly sort: 'func'; readonly func: CalleePlan }
  | { readonly sort: 'instance'; readonly items: ReadonlyMap<string, ItemPlan> }
  | { readonly sort: 'type'; readonly resource: number | undefined };

export type ModulePlan =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly offset: number }
  /** A `WebAssembly.Module` that the host gives. */
  | { readonly kind: 'host'; readonly path: HostPath; readonly type: CoreModuleType };

export interface LinkPlan {
  /** The core modules, each once. */
  readonly modules: readonly ModulePlan[];
  /** Parents of the component instances; the root is first and has none. */
  readonly parents: readonly (number | undefined)[];
  readonly resources: readonly ResourcePlan[];
  readonly trampolines: readonly TrampolinePlan[];
  readonly memories: readonly CoreItem[];
  readonly steps: readonly Step[];
  readonly exports: ReadonlyMap<string, ItemPlan>;
  /** Functions that the component imports and never lowers. They must be given all the same. */
  readonly unused: readonly HostPath[];
  /** A function of it is `async`: guest code may be suspended. */
  readonly suspends: boolean;
  /** It uses built-ins that ask which task is running. */
  readonly asksForTasks: boolean;
}
