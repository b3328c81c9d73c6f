/** `weir inspect`: what is in a `.wasm` file and what it would need from the host. Runs nothing of it. */
import { createHash } from 'node:crypto';
import { Command } from 'commander';
import { describeComponent } from '../component/decode/describe.ts';
import { signature } from '../component/signature.ts';
import type { ComponentType, Extern } from '../component/types.ts';
import { formatByteSize } from '../config/units.ts';
import { WeirError } from '../errors.ts';
import { hostServices } from '../extension/interfaces.ts';
import type { Manifest } from '../extension/manifest.ts';
import { type ExtensionProvider, readProvider } from '../extension/provider.ts';
import { type GrantName, grantOf, grantText } from '../sandbox/grants.ts';
import { checkImports, neededImports } from '../sandbox/imports.ts';
import { colors, print, printable, printJson } from './terminal.ts';
import { readWasm } from './wasm-file.ts';

interface Problem {
  readonly code: string;
  readonly message: string;
  readonly hint: string | undefined;
}

interface Inspection {
  readonly file: string;
  readonly byteLength: number;
  readonly sha256: string;
  /** Public keys with a good signature of it. */
  readonly signers: readonly string[];
  readonly manifest: Manifest | undefined;
  /** active, passive, background or processor; undefined for a component that is no extension. */
  readonly kind: ExtensionProvider['kind'] | undefined;
  readonly provides: readonly string[];
  /** Interfaces that it needs the host for. */
  readonly permissions: readonly Permission[];
  readonly exports: readonly ListedExtern[];
  readonly imports: readonly ListedExtern[];
  /** Why it could not run as an extension; empty when it could. */
  readonly problems: readonly Problem[];
}

interface Permission {
  readonly interface: string;
  /** The key of `grants` that it is about, if any is. */
  readonly grant: GrantName | undefined;
}

interface ListedExtern {
  readonly name: string;
  readonly kind: string;
  /** Functions of an interface, with their types in WIT. */
  readonly functions: readonly { readonly name: string; readonly type: string }[];
}

export function inspectCommand(): Command {
  return new Command('inspect')
    .description('show what a component exports, provides and needs, without running it')
    .argument('<file.wasm>', 'a component')
    .option('--json', 'answer in JSON')
    .action(async (file: string, options: { json?: true }) => {
      const inspection = inspect(file, await readWasm(file));
      if (options.json === true) printJson(inspection);
      else printInspection(inspection);
    });
}

/** @throws DecodeError, UnsupportedError when it is no component that can be read */
function inspect(file: string, bytes: Uint8Array): Inspection {
  const type = describeComponent(bytes);
  const problems: Problem[] = [];
  const attempt = <T>(work: () => T): T | undefined => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof WeirError)) throw error;
      problems.push({ code: error.code, message: error.message, hint: error.hint });
      return undefined;
    }
  };
  const provider = attempt(() => readProvider(bytes));
  attempt(() => checkImports(type, hostServices));
  return {
    file,
    byteLength: bytes.byteLength,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    signers: provider?.signers ?? [],
    manifest: provider?.manifest,
    kind: provider?.kind,
    provides: provider?.provides ?? [],
    permissions: neededImports(type).map((name) => ({ interface: name, grant: grantOf(name) })),
    exports: listed(type, 'exports'),
    imports: listed(type, 'imports'),
    problems,
  };
}

function listed(type: ComponentType, side: 'imports' | 'exports'): ListedExtern[] {
  return type[side].map(({ name, type: extern }) => ({
    name,
    kind: extern.kind === 'instance' ? 'interface' : extern.kind,
    functions:
      extern.kind === 'instance'
        ? functions(extern.exports)
        : extern.kind === 'func'
          ? functions([{ name, type: extern }])
          : [],
  }));
}

function functions(members: readonly Extern[]): { name: string; type: string }[] {
  return members.flatMap(({ name, type }) => (type.kind === 'func' ? [{ name, type: signature(type) }] : []));
}

function printInspection(inspection: Inspection): void {
  const { manifest } = inspection;
  const row = (name: string, value: string) => print(`  ${colors.dim(name.padEnd(14))}${printable(value)}`);
  print(colors.bold(printable(inspection.file)));
  row('size', formatByteSize(inspection.byteLength));
  row('sha256', inspection.sha256);
  if (inspection.signers.length > 0) row('signed with', inspection.signers.join(', '));
  if (manifest !== undefined) {
    row('urn', `${manifest.urn} ${manifest.version}`);
    row('description', manifest.description);
    if (manifest.documentation !== undefined) row('documentation', manifest.documentation);
  }
  row('kind', inspection.kind ?? 'no extension');
  row('provides', inspection.provides.join(', ') || 'nothing');
  const permissions = inspection.permissions.map(({ interface: name, grant }) =>
    grant === undefined ? name : `${name} (${grantText(grant)})`,
  );
  row('permissions', permissions.join(', ') || 'needs none');
  row('config', manifest?.config === undefined ? 'takes none' : JSON.stringify(manifest.config));
  for (const side of ['exports', 'imports'] as const) {
    print(colors.bold(side));
    if (inspection[side].length === 0) print('  none');
    for (const { name, kind, functions: members } of inspection[side]) {
      print(`  ${printable(name)} ${colors.dim(kind)}`);
      for (const member of members)
        print(`    ${printable(member.name)}: ${colors.cyan(printable(member.type))}`);
    }
  }
  for (const { code, message, hint } of inspection.problems) {
    print(`${colors.yellow('cannot run as an extension:')} ${printable(message)} ${colors.dim(`[${code}]`)}`);
    if (hint !== undefined) print(`  ${colors.cyan('→')} ${printable(hint)}`);
  }
}
