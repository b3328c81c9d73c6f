/** Writes what an author sees of an interface: its types, and its functions where the guest may call them. */
import type { FunctionType, ResourceType } from '../../host/component/index.ts';
import type { ImportedFunction, InterfaceModule, Model } from './model.ts';
import { camelCase } from './names.ts';
import { asType, declareType, localReference, type Reference } from './types.ts';

/** The text of `module`. */
export function writeModule(model: Model, module: InterfaceModule): string {
  const { reference, imports } = localReference(model, module);
  const body: string[] = [];
  for (const [name, type] of module.types) {
    body.push(declareType(name, type, reference));
  }
  for (const [name, resource] of module.resources)
    body.push(declareResource(name, resource, module, reference));
  for (const one of module.imports) {
    if (!one.name.startsWith('[')) body.push(declareFunction(one, reference));
  }
  const text = body.join('\n');
  const head: string[] = [
    `/** ${module.interface ?? 'What stands in the world itself'}. Generated; changes here are lost. */`,
  ];
  const words = ['Option', 'Result', 'Unit', ...new Set(text.match(/\bTuple\d+\b/g) ?? [])];
  const used = words.filter((word) => new RegExp(`\\b${word}\\b`).test(text));
  if (used.length > 0) head.push(`import { ${used.sort().join(', ')} } from './wit';`);
  const glue = [
    ...module.imports.map((one) => one.glue),
    ...[...module.resources.keys()].map((name) => `drop${name}`),
  ];
  if (glue.length > 0) head.push(`import * as glue from './glue';`);
  for (const [key, local] of imports) {
    const [file, name] = key.split('#') as [string, string];
    head.push(`import { ${name === local ? name : `${name} as ${local}`} } from './${file}';`);
  }
  for (const [local, place] of module.aliases) {
    const { name } = place;
    head.push(`export { ${name === local ? name : `${name} as ${local}`} } from './${place.module.file}';`);
  }
  return `${head.join('\n')}\n\n${text}`;
}

function paramList(type: FunctionType, reference: Reference): string {
  return type.params.map((param) => `${camelCase(param.name)}: ${asType(param.type, reference)}`).join(', ');
}

/** The signature that an author writes, or calls. */
export function signatureText(name: string, type: FunctionType, reference: Reference): string {
  const result = type.result === undefined ? 'void' : asType(type.result, reference);
  return `function ${name}(${paramList(type, reference)}): ${result}`;
}

function declareFunction(one: ImportedFunction, reference: Reference): string {
  const args = one.type.params.map((param) => camelCase(param.name)).join(', ');
  const call = `glue.${one.glue}(${args})`;
  const body = one.type.result === undefined ? `${call};` : `return ${call};`;
  return `export ${signatureText(camelCase(one.name), one.type, reference)} {\n  ${body}\n}\n`;
}

function declareResource(
  name: string,
  resource: ResourceType,
  module: InterfaceModule,
  reference: Reference,
): string {
  const kebab = resource.typeName!.name;
  const members: string[] = [];
  for (const one of module.imports) {
    const match = /^\[(constructor|method|static)\]([^.]+)(?:\.(.*))?$/.exec(one.name);
    if (match === null || match[2] !== kebab) continue;
    const [, kind, , member] = match;
    const fixed = kind === 'method' ? { ...one.type, params: one.type.params.slice(1) } : one.type;
    const args = fixed.params.map((param) => camelCase(param.name));
    if (kind === 'method') args.unshift('this');
    const call = `glue.${one.glue}(${args.join(', ')})`;
    if (kind === 'constructor') {
      members.push(`  static create(${paramList(fixed, reference)}): ${name} {\n    return ${call};\n  }\n`);
      continue;
    }
    const text = signatureText(camelCase(member!), fixed, reference).replace(
      /^function /,
      kind === 'static' ? 'static ' : '',
    );
    members.push(`  ${text} {\n    ${fixed.result === undefined ? '' : 'return '}${call};\n  }\n`);
  }
  return `/** A resource of the host. Give it back with \`drop\`: the collector does not. */
export class ${name} {
  private constructor(
    /** The host's number for it. */
    public handle: i32,
  ) {}

  /** For the glue. */
  static fromHandle(handle: i32): ${name} {
    return new ${name}(handle);
  }

  /** For the glue: the handle, which this object then no longer has. */
  giveAway(): i32 {
    const handle = this.handle;
    assert(handle != 0, '${name} was dropped or given away before');
    this.handle = 0;
    return handle;
  }

  /** Give it back to the host. */
  drop(): void {
    if (this.handle != 0) glue.drop${name}(this.giveAway());
  }

${members.join('\n')}}
`;
}
