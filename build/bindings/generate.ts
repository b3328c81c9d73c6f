/**
 * A world's type in, AssemblyScript out: one module per interface (what authors import), `glue.ts` and
 * the entry `guest.ts` (what authors need not look at), and which core export stands for what.
 */
import type { ComponentType } from '../../host/component/index.ts';
import { declareImport, writeExport, writeImport } from './calls.ts';
import { Glue } from './glue.ts';
import { type ExportedFunction, Model } from './model.ts';
import { signatureText, writeModule } from './modules.ts';
import { declareTuples } from './types.ts';

export interface Bindings {
  /** Text by file name; the library files (`wit`, `json`, `canonical`) come on top of these. */
  readonly files: ReadonlyMap<string, string>;
  /** Appended to the library's `wit.ts`: tuples of the arities that the world uses. */
  readonly tuples: string;
  /** Final name by the name that AssemblyScript gives a core export. */
  readonly exportNames: ReadonlyMap<string, string>;
  /** What the author must write. */
  readonly functions: readonly AuthorFunction[];
  /** Core modules that the guest may import from. */
  readonly coreImports: ReadonlySet<string>;
}

export interface AuthorFunction {
  readonly name: string;
  /** The function in `guest.ts` that has the wanted signature. */
  readonly expected: string;
  /** The wanted signature, for people. */
  readonly signature: string;
  /** Full name of the interface, if any. */
  readonly interface: string | undefined;
}

/**
 * @param source the author's module, relative to the generated folder, e.g. `../extension`
 * @throws WeirError `WEIR_BUILD_UNSUPPORTED`
 */
export function generateBindings(type: ComponentType, source: string): Bindings {
  const model = new Model(type);
  const glue = new Glue(model);
  const files = new Map<string, string>();
  for (const module of model.modules) files.set(`${module.file}.ts`, writeModule(model, module));

  const imports = model.modules.flatMap((module) => [
    ...module.imports.map((one) => writeImport(glue, one)),
    ...[...module.resources].map(([name, resource]) => {
      const core = [module.interface ?? '$root', `[resource-drop]${resource.typeName!.name}`] as const;
      const handle = { name: 'handle', core: 'i32' } as const;
      return declareImport(`drop${name}`, core, [handle], undefined).replace('declare', 'export declare');
    }),
  ]);
  const exportNames = new Map([['cabi_realloc', 'cabi_realloc']]);
  const wrappers = model.exports.map((one) => {
    const { text, post } = writeExport(glue, one);
    exportNames.set(one.wrapper, one.core);
    if (post !== undefined) exportNames.set(post, `cabi_post_${one.core}`);
    return `${text}\n${expectation(glue, one)}`;
  });

  files.set('glue.ts', indent(glueFile(glue, imports)));
  files.set('guest.ts', indent(guestFile(glue, wrappers, source)));
  const text = [...files.values()].join('');
  return {
    files,
    tuples: declareTuples(
      new Set([2, 3, ...[...text.matchAll(/\bTuple(\d+)\b/g)].map((match) => Number(match[1]))]),
    ),
    exportNames,
    functions: model.exports.map((one) => ({
      name: one.author,
      expected: `expected_${one.wrapper}`,
      signature: signatureText(one.author, one.type, (named) => model.placeOf(named).name),
      interface: one.interface,
    })),
    coreImports: new Set(model.modules.map((module) => module.interface ?? '$root')),
  };
}

/** `text` with its lines indented by the brackets around them. */
function indent(text: string): string {
  let depth = 0;
  return text
    .split('\n')
    .map((line) => {
      const code = line.trim();
      if (code === '' || code.startsWith('*')) return code === '' ? '' : ` ${code}`;
      const own = Math.max(0, depth - (/^[})\]]/.test(code) ? 1 : 0));
      if (!code.startsWith('/')) depth += count(code, /[{([]/g) - count(code, /[})\]]/g);
      return '  '.repeat(own) + code;
    })
    .join('\n');
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}

/** A function that is never called, against whose type the author's is held. */
function expectation(glue: Glue, one: ExportedFunction): string {
  const params = one.type.params.map((param, i) => `p${i}: ${glue.typeName(param.type)}`).join(', ');
  const result = one.type.result === undefined ? 'void' : glue.typeName(one.type.result);
  return `function expected_${one.wrapper}(${params}): ${result} {\n  throw new Error('');\n}\n`;
}

const canonicalNames = [
  'area',
  'beginResult',
  'discard',
  'liftBuffer',
  'liftString',
  'lowerString',
  'mark',
  'release',
  'releaseResult',
];

/** The first lines of a file: its comment, and the imports of what `text` uses. */
function head(glue: Glue, title: string, text: string): string {
  const uses = (name: string) => new RegExp(`\\b${name}\\b`).test(text);
  const lines = [`/** ${title} Generated; changes here are lost. */`];
  const canonical = canonicalNames.filter(uses);
  if (canonical.length > 0) lines.push(`import { ${canonical.join(', ')} } from './canonical';`);
  const wit = ['Option', 'Result', 'Unit', ...new Set(text.match(/\bTuple\d+\b/g) ?? [])].filter(uses);
  if (wit.length > 0) lines.push(`import { ${wit.sort().join(', ')} } from './wit';`);
  for (const module of glue.mentioned) {
    const name = glue.moduleName(module);
    if (uses(name)) lines.push(`import * as ${name} from './${module.file}';`);
  }
  return `${lines.join('\n')}\n`;
}

function glueFile(glue: Glue, imports: readonly string[]): string {
  // At least 8 bytes, because memory.data refuses none.
  const area = `/** Where results that do not fit a core value lie until they are read. */\nexport const RETURN = memory.data(${Math.max(8, glue.returnSize)}, 8);\n`;
  const text = [area, ...imports, glue.text()].join('\n');
  return `${head(glue, 'Values between objects and the canonical ABI.', text)}\n${text}`;
}

function guestFile(glue: Glue, wrappers: readonly string[], source: string): string {
  const text = wrappers.join('\n');
  const used = [...new Set(text.match(/\b(?:load|store|lift|list|area)\d+\b/g) ?? [])];
  if (/\bRETURN\b/.test(text)) used.push('RETURN');
  const glueImport = used.length === 0 ? '' : `import { ${used.join(', ')} } from './glue';\n`;
  return (
    `${head(glue, 'The entry: what the component exports.', text)}${glueImport}` +
    `import * as author from '${source}';\n\nexport { cabi_realloc } from './canonical';\n\n${text}`
  );
}
