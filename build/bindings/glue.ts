/**
 * Generates `glue.ts`: the functions that carry values between AssemblyScript objects and linear memory or
 * flat core values, made on demand, one per type. Here is the registry of those functions; `lifting.ts` and
 * `lowering.ts` write them. What is the same in every guest (allocation, strings) is in `library/canonical.ts`.
 */
import type { ResourceType, ValueType } from '../../host/component/index.ts';
import { type CoreType, layoutOf, payloadsOf } from './abi.ts';
import type { InterfaceModule, Model } from './model.ts';
import { asType, typedArrayOf } from './types.ts';

/** A core value in generated code, and its type. */
export interface Slot {
  readonly name: string;
  readonly core: CoreType;
}

/** A generated function, but for its name. */
export interface FunctionText {
  readonly params: string;
  readonly result: string;
  readonly body: string;
}

/** What a scalar is loaded and stored as. */
export const loadTypes: Readonly<Partial<Record<ValueType['kind'], string>>> = {
  s8: 'i8',
  u8: 'u8',
  s16: 'i16',
  u16: 'u16',
  s32: 'i32',
  u32: 'u32',
  char: 'u32',
  s64: 'i64',
  u64: 'u64',
  f32: 'f32',
  f64: 'f64',
};

/** What a discriminant or a set of flags of so many bytes is loaded and stored as. */
export const unsigned = { 1: 'u8', 2: 'u16', 4: 'u32' } as const;

export class Glue {
  /** Modules that the code so far mentions. */
  readonly mentioned = new Set<InterfaceModule>();
  /** Bytes that the largest result so far needs in memory. */
  returnSize = 0;
  private readonly functions = new Map<string, { name: string; text: string }>();
  private freshCount = 0;
  private readonly model: Model;

  constructor(model: Model) {
    this.model = model;
  }

  /** The AssemblyScript type of `type`, from inside glue. */
  typeName = (type: ValueType | undefined): string => asType(type, this.reference);

  private readonly reference = (type: ValueType | ResourceType): string => {
    const { module, name } = this.model.placeOf(type);
    return `${this.moduleName(module)}.${name}`;
  };

  /** What glue calls `module`. */
  moduleName(module: InterfaceModule): string {
    this.mentioned.add(module);
    return `m${this.model.modules.indexOf(module)}`;
  }

  /** Every function made so far. */
  text(): string {
    return [...this.functions.values()].map(({ text }) => text).join('\n');
  }

  /** Does `type` hold anything for which lowering may take memory that must be given back? */
  takesMemory(type: ValueType | undefined): boolean {
    switch (type?.kind) {
      case 'string':
        return true; // a mended copy
      case 'list':
        return typedArrayOf(type.element) === undefined;
      case 'record':
        return type.fields.some((field) => this.takesMemory(field.type));
      case 'tuple':
        return type.elements.some((element) => this.takesMemory(element));
      case 'variant':
      case 'option':
      case 'result':
        return payloadsOf(type).some((payload) => this.takesMemory(payload));
      default:
        return false;
    }
  }

  /** A result of `type` goes through memory: note how much that needs. */
  needsReturnArea(type: ValueType): void {
    this.returnSize = Math.max(this.returnSize, layoutOf(type).size);
  }

  /** A name that no generated code has yet. */
  fresh(): string {
    return `v${this.freshCount++}`;
  }

  /** The function that does `what` for `type`, made at its first use. */
  make(what: string, type: ValueType, build: () => FunctionText): string {
    // An owned and a lent resource are one AssemblyScript type, but cross the border in different ways.
    const key = `${what} ${asType(type, (of, lent) => `${this.reference(of)}${lent === true ? '&' : ''}`)}`;
    const known = this.functions.get(key);
    if (known !== undefined) return known.name;
    const entry = { name: `${what}${this.functions.size}`, text: '' };
    this.functions.set(key, entry); // before its body, whose parts get their names after it
    const { params, result, body } = build();
    entry.text = `/** ${key} */\nexport function ${entry.name}(${params}): ${result} {\n  ${body}\n}\n`;
    return entry.name;
  }
}

/** `expression`, a core value of type `from`, where a `to` is wanted: flat variants join their cases' types. */
export function convertCore(expression: string, from: CoreType, to: CoreType): string {
  if (from === to) return expression;
  if (from === 'i32' && to === 'i64') return `<i64><u32>(${expression})`;
  if (from === 'i64' && to === 'i32') return `<i32>(${expression})`;
  if (from === 'f32' && to === 'i32') return `reinterpret<i32>(${expression})`;
  if (from === 'i32' && to === 'f32') return `reinterpret<f32>(${expression})`;
  if (from === 'f64' && to === 'i64') return `reinterpret<i64>(${expression})`;
  if (from === 'i64' && to === 'f64') return `reinterpret<f64>(${expression})`;
  if (from === 'f32' && to === 'i64') return `<i64>reinterpret<u32>(${expression})`;
  if (from === 'i64' && to === 'f32') return `reinterpret<f32>(<i32>(${expression}))`;
  throw new TypeError(`no join of ${from} and ${to}`);
}
