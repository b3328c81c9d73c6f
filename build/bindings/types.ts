/** WIT types as AssemblyScript types, and the declarations that authors see. */
import type { ResourceType, ValueType } from '../../host/component/index.ts';
import type { InterfaceModule, Model } from './model.ts';
import { camelCase, pascalCase } from './names.ts';

/** How to call a named type where code is being written; `lent` for a resource that is borrowed. */
export type Reference = (type: ValueType | ResourceType, lent?: boolean) => string;

const plain: Readonly<Partial<Record<ValueType['kind'], string>>> = {
  bool: 'bool',
  s8: 'i8',
  u8: 'u8',
  s16: 'i16',
  u16: 'u16',
  s32: 'i32',
  u32: 'u32',
  s64: 'i64',
  u64: 'u64',
  f32: 'f32',
  f64: 'f64',
  char: 'u32',
  string: 'string',
};

/** Lists whose elements lie in memory as in a typed array: handed over without a copy. */
const typedArrays: Readonly<Partial<Record<ValueType['kind'], string>>> = {
  s8: 'Int8Array',
  u8: 'Uint8Array',
  s16: 'Int16Array',
  u16: 'Uint16Array',
  s32: 'Int32Array',
  u32: 'Uint32Array',
  char: 'Uint32Array',
  s64: 'Int64Array',
  u64: 'Uint64Array',
  f32: 'Float32Array',
  f64: 'Float64Array',
};

/** The typed array that stands for a list of `element`, or undefined when an `Array` does. */
export function typedArrayOf(element: ValueType): string | undefined {
  return typedArrays[element.kind];
}

export function isReference(type: ValueType): boolean {
  return type.kind === 'string' || (plain[type.kind] === undefined && type.kind !== 'enum');
}

/** An option that is `T | null`, rather than `Option<T>`. */
export function isNullable(option: ValueType & { kind: 'option' }): boolean {
  return isReference(option.some) && option.some.kind !== 'option';
}

export function asType(type: ValueType | undefined, reference: Reference): string {
  if (type === undefined) return 'Unit';
  const name = plain[type.kind];
  if (name !== undefined) return name;
  switch (type.kind) {
    case 'list':
      return typedArrayOf(type.element) ?? `Array<${asType(type.element, reference)}>`;
    case 'tuple':
      return `Tuple${type.elements.length}<${type.elements.map((one) => asType(one, reference)).join(', ')}>`;
    case 'option': {
      const some = asType(type.some, reference);
      return isNullable(type) ? `${some} | null` : `Option<${some}>`;
    }
    case 'result':
      return `Result<${asType(type.ok, reference)}, ${asType(type.err, reference)}>`;
    case 'own':
    case 'borrow':
      return reference(type.resource, type.kind === 'borrow');
    default:
      return reference(type);
  }
}

/** The declaration of a named type. */
export function declareType(name: string, type: ValueType, reference: Reference): string {
  switch (type.kind) {
    case 'record':
      return declareClass(
        name,
        type.fields.map((field) => `public ${camelCase(field.name)}: ${asType(field.type, reference)}`),
      );
    case 'flags':
      return declareClass(
        name,
        type.names.map((flag) => `public ${camelCase(flag)}: bool = false`),
      );
    case 'enum':
      return `export enum ${name} {\n${type.names.map((one) => `  ${pascalCase(one)},\n`).join('')}}\n`;
    case 'variant':
      return declareVariant(name, type, reference);
    default:
      return `export type ${name} = ${asType(type, reference)};\n`;
  }
}

function declareClass(name: string, fields: string[]): string {
  return `export class ${name} {\n  constructor(\n${fields.map((field) => `    ${field},\n`).join('')}  ) {}\n}\n`;
}

function declareVariant(name: string, type: ValueType & { kind: 'variant' }, reference: Reference): string {
  const fields: string[] = [];
  const makers: string[] = [];
  const readers: string[] = [];
  const constants: string[] = [];
  type.cases.forEach((one, tag) => {
    const pascal = pascalCase(one.name);
    readers.push(`  get is${pascal}(): bool {\n    return this.tag == ${name}Tag.${pascal};\n  }\n`);
    if (one.type === undefined) {
      // One object is enough for all uses of a case without a payload: nothing in it can change.
      constants.push(
        `const ${camelCase(`case-${tag}-of`)}${name}: ${name} = new ${name}(${name}Tag.${pascal});\n`,
      );
      makers.push(
        `  static ${camelCase(one.name)}(): ${name} {\n    return ${camelCase(`case-${tag}-of`)}${name};\n  }\n`,
      );
      return;
    }
    const payload = asType(one.type, reference);
    const field = `_${tag}`;
    const nullable = payload.endsWith('| null');
    const optional = isReference(one.type) && !nullable;
    const initial = isReference(one.type) ? 'null' : one.type.kind === 'bool' ? 'false' : '0';
    fields.push(`  private ${field}: ${optional ? `${payload} | null` : payload} = ${initial};\n`);
    makers.push(
      `  static ${camelCase(one.name)}(value: ${payload}): ${name} {\n` +
        `    const made = new ${name}(${name}Tag.${pascal});\n    made.${field} = value;\n    return made;\n  }\n`,
    );
    const value = optional ? `changetype<${payload}>(this.${field})` : `this.${field}`;
    readers.push(
      `  /** The payload. Traps when it is another case. */\n  as${pascal}(): ${payload} {\n` +
        `    assert(this.tag == ${name}Tag.${pascal}, '${name} is not ${one.name}');\n    return ${value};\n  }\n`,
    );
  });
  const tags = type.cases.map((one) => `  ${pascalCase(one.name)},\n`).join('');
  return (
    `export enum ${name}Tag {\n${tags}}\n\n` +
    `export class ${name} {\n${fields.join('')}\n` +
    `  /** Made by the functions below, one a case. */\n  constructor(readonly tag: ${name}Tag) {}\n\n` +
    `${[...makers, ...readers].join('\n')}}\n${constants.length > 0 ? '\n' : ''}${constants.join('')}`
  );
}

/** `TupleN` for each of `arities`. */
export function declareTuples(arities: Iterable<number>): string {
  return [...arities]
    .sort((a, b) => a - b)
    .map((arity) => {
      const indices = Array.from({ length: arity }, (_, i) => i);
      const generics = indices.map((i) => `T${i}`).join(', ');
      return (
        `\n/** \`tuple\` of ${arity}. */\nexport class Tuple${arity}<${generics}> {\n  constructor(\n` +
        `${indices.map((i) => `    public _${i}: T${i},\n`).join('')}  ) {}\n}\n`
      );
    })
    .join('');
}

/** A way to refer to named types from inside `module`: by name, noting what must be imported from where. */
export function localReference(
  model: Model,
  module: InterfaceModule,
): { reference: Reference; imports: Map<string, string> } {
  /** Local name by `file#name`. */
  const imports = new Map<string, string>();
  const reference: Reference = (type) => {
    const place = model.placeOf(type);
    if (place.module === module) return place.name;
    const key = `${place.module.file}#${place.name}`;
    const known = imports.get(key);
    if (known !== undefined) return known;
    const taken = module.types.has(place.name) || module.resources.has(place.name);
    const clash = taken || [...imports.values()].includes(place.name);
    const local = clash ? `${pascalCase(place.module.file)}${place.name}` : place.name;
    imports.set(key, local);
    return local;
  };
  return { reference, imports };
}
