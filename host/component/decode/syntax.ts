/**
 * A component binary as data: what Binary.md says, still with indices, nothing resolved.
 *
 * Definitions stand in their order, because the index spaces grow as they are read. Every definition
 * carries the byte offset where it begins, for error messages. `../validate/` gives them meaning.
 */
import type { PrimitiveKind } from '../types.ts';

export type CoreSort = 'func' | 'table' | 'memory' | 'global' | 'tag' | 'type' | 'module' | 'instance';
export type Sort = `core ${CoreSort}` | 'func' | 'value' | 'type' | 'component' | 'instance';

export interface SortIndex {
  readonly sort: Sort;
  readonly index: number;
}

/** A value type where one is used: a primitive, or the index of a defined type. */
export type ValueTypeRef = PrimitiveKind | number;

export interface LabelledType {
  readonly label: string;
  readonly type: ValueTypeRef;
}

export interface CaseSyntax {
  readonly label: string;
  readonly type: ValueTypeRef | undefined;
}

export interface FunctionTypeSyntax {
  readonly kind: 'func';
  readonly async: boolean;
  readonly params: readonly LabelledType[];
  readonly result: ValueTypeRef | undefined;
}

export type DefinedTypeSyntax =
  | { readonly kind: 'primitive'; readonly primitive: PrimitiveKind }
  | { readonly kind: 'record'; readonly fields: readonly LabelledType[] }
  | { readonly kind: 'variant'; readonly cases: readonly CaseSyntax[] }
  | { readonly kind: 'list'; readonly element: ValueTypeRef; readonly length: number | undefined }
  | { readonly kind: 'map'; readonly key: ValueTypeRef; readonly value: ValueTypeRef }
  | { readonly kind: 'tuple'; readonly elements: readonly ValueTypeRef[] }
  | { readonly kind: 'flags' | 'enum'; readonly names: readonly string[] }
  | { readonly kind: 'option'; readonly some: ValueTypeRef }
  | { readonly kind: 'result'; readonly ok: ValueTypeRef | undefined; readonly err: ValueTypeRef | undefined }
  | { readonly kind: 'own' | 'borrow'; readonly resource: number }
  | { readonly kind: 'stream' | 'future'; readonly element: ValueTypeRef | undefined };

export type TypeSyntax =
  | DefinedTypeSyntax
  | FunctionTypeSyntax
  | { readonly kind: 'component' | 'instance'; readonly declarations: readonly Definition[] }
  | { readonly kind: 'resource'; readonly destructor: number | undefined };

/** Typed references (`(ref null 3)`) keep their text; they are only compared. */
export type CoreValueType =
  | 'i32'
  | 'i64'
  | 'f32'
  | 'f64'
  | 'v128'
  | 'funcref'
  | 'externref'
  | `ref ${string}`;

export interface CoreFunctionType {
  readonly kind: 'func';
  readonly params: readonly CoreValueType[];
  readonly results: readonly CoreValueType[];
}

export interface Limits {
  readonly min: bigint;
  readonly max: bigint | undefined;
  readonly shared: boolean;
  /** 64-bit addresses. */
  readonly index64: boolean;
}

/** The type of one import or export of a core module. `func` and `tag` name their signature. */
export type CoreExternType =
  | CoreFunctionType
  | { readonly kind: 'table'; readonly element: CoreValueType; readonly limits: Limits }
  | { readonly kind: 'memory'; readonly limits: Limits; readonly pageSizeLog2: number }
  | { readonly kind: 'global'; readonly value: CoreValueType; readonly mutable: boolean }
  | { readonly kind: 'tag'; readonly signature: CoreFunctionType };

export interface CoreImport {
  readonly module: string;
  readonly name: string;
  readonly type: CoreExternType;
}

export interface CoreExport {
  readonly name: string;
  readonly type: CoreExternType;
}

/** What a core module takes and gives. */
export interface CoreModuleSignature {
  readonly imports: readonly CoreImport[];
  readonly exports: readonly CoreExport[];
}

export type ExternTypeSyntax =
  | { readonly kind: 'core module' | 'func' | 'component' | 'instance'; readonly type: number }
  | { readonly kind: 'type-eq'; readonly type: number }
  | { readonly kind: 'sub-resource' };

export type StringEncoding = 'utf8' | 'utf16' | 'latin1+utf16';

export interface CanonOptions {
  readonly stringEncoding: StringEncoding;
  readonly memory: number | undefined;
  readonly realloc: number | undefined;
  readonly postReturn: number | undefined;
  readonly async: boolean;
  readonly callback: number | undefined;
}

export type CanonSyntax =
  | {
      readonly canon: 'lift';
      readonly coreFunc: number;
      readonly type: number;
      readonly options: CanonOptions;
    }
  | { readonly canon: 'lower'; readonly func: number; readonly options: CanonOptions }
  | { readonly canon: 'resource.new' | 'resource.drop' | 'resource.rep'; readonly type: number }
  | {
      readonly canon: 'task.return';
      readonly result: ValueTypeRef | undefined;
      readonly options: CanonOptions;
    }
  | { readonly canon: 'context.get' | 'context.set'; readonly type: CoreValueType; readonly slot: number }
  | {
      readonly canon: 'waitable-set.wait' | 'waitable-set.poll';
      readonly cancellable: boolean;
      readonly memory: number;
    }
  | { readonly canon: 'subtask.cancel'; readonly async: boolean }
  | { readonly canon: 'thread.yield'; readonly cancellable: boolean }
  | {
      readonly canon:
        | 'task.cancel'
        | 'backpressure.inc'
        | 'backpressure.dec'
        | 'subtask.drop'
        | 'waitable-set.new'
        | 'waitable-set.drop'
        | 'waitable.join'
        | 'error-context.drop'
        | 'thread.index'
        | 'thread.resume-later';
    }
  | { readonly canon: 'error-context.new' | 'error-context.debug-message'; readonly options: CanonOptions }
  /** Streams, futures and threads: decoded so that a component that merely names them can load. */
  | {
      readonly canon: 'unsupported';
      readonly feature: string;
      readonly name: string;
      readonly type: number | undefined;
      readonly signature: CoreFunctionType;
      readonly options: CanonOptions | undefined;
    };

export interface NamedSortIndex extends SortIndex {
  readonly name: string;
}

export interface ImportSyntax {
  readonly kind: 'import';
  readonly offset: number;
  readonly name: string;
  readonly implements: string | undefined;
  readonly type: ExternTypeSyntax;
}

export type Definition =
  | {
      readonly kind: 'core module';
      readonly offset: number;
      readonly bytes: Uint8Array;
      readonly signature: CoreModuleSignature;
    }
  | {
      readonly kind: 'core instantiate';
      readonly offset: number;
      readonly module: number;
      readonly args: readonly { readonly name: string; readonly instance: number }[];
    }
  | {
      readonly kind: 'core bundle';
      readonly offset: number;
      readonly exports: readonly { readonly name: string; readonly sort: CoreSort; readonly index: number }[];
    }
  | {
      readonly kind: 'core type';
      readonly offset: number;
      readonly type: CoreFunctionType | CoreModuleTypeSyntax;
    }
  | { readonly kind: 'component'; readonly offset: number; readonly component: ComponentSyntax }
  | {
      readonly kind: 'instantiate';
      readonly offset: number;
      readonly component: number;
      readonly args: readonly NamedSortIndex[];
    }
  | {
      readonly kind: 'bundle';
      readonly offset: number;
      readonly exports: readonly (NamedSortIndex & { readonly implements: string | undefined })[];
    }
  | {
      readonly kind: 'alias export';
      readonly offset: number;
      readonly sort: Sort;
      readonly instance: number;
      readonly name: string;
    }
  | {
      readonly kind: 'alias core export';
      readonly offset: number;
      readonly sort: CoreSort;
      readonly instance: number;
      readonly name: string;
    }
  | {
      readonly kind: 'alias outer';
      readonly offset: number;
      readonly sort: Sort;
      readonly count: number;
      readonly index: number;
    }
  | { readonly kind: 'type'; readonly offset: number; readonly type: TypeSyntax }
  | { readonly kind: 'canon'; readonly offset: number; readonly canon: CanonSyntax }
  | ImportSyntax
  | {
      readonly kind: 'export';
      readonly offset: number;
      readonly name: string;
      readonly implements: string | undefined;
      readonly item: SortIndex;
      readonly ascribed: ExternTypeSyntax | undefined;
    }
  /** Only inside a component or instance type. */
  | {
      readonly kind: 'export declaration';
      readonly offset: number;
      readonly name: string;
      readonly implements: string | undefined;
      readonly type: ExternTypeSyntax;
    };

export interface CoreModuleTypeSyntax {
  readonly kind: 'module';
  readonly declarations: readonly CoreModuleDeclaration[];
}

/** Signatures inside a module type refer to types by index, which validation resolves. */
export type CoreExternSyntax =
  | { readonly kind: 'func' | 'tag'; readonly type: number }
  | Exclude<CoreExternType, { kind: 'func' } | { kind: 'tag' }>;

export type CoreModuleDeclaration =
  | { readonly kind: 'type'; readonly offset: number; readonly type: CoreFunctionType | CoreModuleTypeSyntax }
  | { readonly kind: 'alias outer'; readonly offset: number; readonly count: number; readonly index: number }
  | {
      readonly kind: 'import';
      readonly offset: number;
      readonly module: string;
      readonly name: string;
      readonly type: CoreExternSyntax;
    }
  | {
      readonly kind: 'export';
      readonly offset: number;
      readonly name: string;
      readonly type: CoreExternSyntax;
    };

/** One component, outermost or nested. */
export interface ComponentSyntax {
  readonly offset: number;
  readonly byteLength: number;
  readonly definitions: readonly Definition[];
  /** From the `component-name` section, where there is one. */
  readonly name: string | undefined;
}
