/**
 * The types of a component's imports and exports, resolved: no indices, no aliases left to follow.
 *
 * Plain readonly data. A named type (`record identity { … }`) is one object wherever it is used, so
 * identity (`===`) tells whether two uses mean the same type, and `TypeName` tells what to call it.
 * Source: WebAssembly/component-model, design/mvp/Explainer.md, "Type Definitions".
 */

import type { CoreModuleSignature } from './decode/syntax.ts';

/** What WIT calls a type, and the interface that declares it. Names are kebab-case, as in WIT. */
export interface TypeName {
  /** The interface that declares the type, e.g. `weir:capability/types@0.1.0`; absent in a world. */
  readonly owner: string | undefined;
  readonly name: string;
}

export type PrimitiveKind =
  | 'bool'
  | 's8'
  | 'u8'
  | 's16'
  | 'u16'
  | 's32'
  | 'u32'
  | 's64'
  | 'u64'
  | 'f32'
  | 'f64'
  | 'char'
  | 'string'
  | 'error-context';

export interface Field {
  readonly name: string;
  readonly type: ValueType;
}

export interface Case {
  readonly name: string;
  readonly type: ValueType | undefined;
}

/** A value type. `typeName` is set where WIT names the type. */
export type ValueType = { readonly typeName?: TypeName } & (
  | { readonly kind: PrimitiveKind }
  | { readonly kind: 'record'; readonly fields: readonly Field[] }
  | { readonly kind: 'variant'; readonly cases: readonly Case[] }
  | {
      readonly kind: 'list';
      readonly element: ValueType /** fixed-length lists only */;
      readonly length?: number /** A `map<K, V>`: the element is a `tuple<K, V>`, and JavaScript has a `Map`. */;
      readonly map?: true;
    }
  | { readonly kind: 'tuple'; readonly elements: readonly ValueType[] }
  | { readonly kind: 'flags'; readonly names: readonly string[] }
  | { readonly kind: 'enum'; readonly names: readonly string[] }
  | { readonly kind: 'option'; readonly some: ValueType }
  | { readonly kind: 'result'; readonly ok: ValueType | undefined; readonly err: ValueType | undefined }
  | { readonly kind: 'own'; readonly resource: ResourceType }
  | { readonly kind: 'borrow'; readonly resource: ResourceType }
  | { readonly kind: 'stream'; readonly element: ValueType | undefined }
  | { readonly kind: 'future'; readonly element: ValueType | undefined }
);

/** A resource type; one object per resource, compared by identity. */
export interface ResourceType {
  readonly kind: 'resource';
  readonly typeName?: TypeName;
}

/** A function. Names of resource functions keep their prefix: `[constructor]r`, `[method]r.f`, `[static]r.f`. */
export interface FunctionType {
  readonly kind: 'func';
  /** `async func`: may suspend. */
  readonly async: boolean;
  readonly params: readonly Field[];
  readonly result: ValueType | undefined;
}

/** An interface: named types and functions, in declaration order. */
export interface InstanceType {
  readonly kind: 'instance';
  readonly exports: readonly Extern[];
  /** The resources that an instance of this type brings with it, unlike any other. */
  readonly resources: readonly ResourceType[];
}

/** A component's type. */
export interface ComponentType {
  readonly kind: 'component';
  readonly imports: readonly Extern[];
  readonly exports: readonly Extern[];
  /** The resources that its imports stand for; instantiation puts those of the arguments in their place. */
  readonly importedResources: readonly ResourceType[];
  /** The resources that each instance brings with it. */
  readonly resources: readonly ResourceType[];
}

/** A named type that an interface or a world exports. */
export interface TypeExport {
  readonly kind: 'type';
  readonly type: ValueType | ResourceType;
}

/** A raw core module that a component imports or exports. */
export interface CoreModuleType extends CoreModuleSignature {
  readonly kind: 'module';
}

export type ExternType = FunctionType | InstanceType | ComponentType | TypeExport | CoreModuleType;

/** One import or export by its full name, e.g. `weir:capability/rate-limiter@0.1.0`. */
export interface Extern {
  readonly name: string;
  readonly type: ExternType;
}
