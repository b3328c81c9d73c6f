/** The parts of the documentation that are written from the code: what stands between which marks of which file. */
import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadGuestManifest, MANIFEST_FILE } from '../../build/index.ts';
import type { CapabilityContract } from '../../host/capability/contract.ts';
import { capabilityContracts, ProcessorGuest } from '../../host/capability/contracts.ts';
import { engineSchema, extensionSchema, policiesSchema } from '../../host/config/schema.ts';
import { nodeTypes } from '../../host/nodes/index.ts';
import type { NodeType } from '../../host/pipeline/node.ts';
import { checkout } from '../checkout.ts';
import { keyTable } from './keys.ts';

export interface GeneratedPart {
  /** Relative to the project's folder. */
  readonly file: string;
  /** The name between the marks. */
  readonly name: string;
  text(): string | Promise<string>;
}

export const generatedParts: readonly GeneratedPart[] = [
  { file: 'README.md', name: 'node types', text: nodeTypeTable },
  { file: 'README.md', name: 'capabilities', text: capabilityTable },
  { file: 'host/nodes/README.md', name: 'keys of node types', text: nodeTypeKeys },
  { file: 'host/config/README.md', name: 'keys', text: otherKeys },
];

/** The file of a part as it is, and as it would be with the part written anew. */
export async function written({ file, name, text }: GeneratedPart): Promise<{ now: string; wanted: string }> {
  const now = await readFile(join(checkout, file), 'utf8');
  const begin = `<!-- ${name}: written by \`npm run docs\` -->\n`;
  const end = `\n<!-- end of ${name} -->`;
  const [from, to] = [now.indexOf(begin), now.indexOf(end)];
  if (from < 0 || to < from) throw new TypeError(`${file} has no marks for ${name}`);
  const wanted = `${now.slice(0, from + begin.length)}\n${await text()}\n${now.slice(to)}`;
  return { now, wanted };
}

/** Where a part's file is. */
export const pathOf = ({ file }: GeneratedPart): string => join(checkout, file);

function nodeTypeTable(): string {
  const rows = nodeTypes.map(
    ({ type, description, ...uses }) => `| \`${type}\` | ${description} | ${capabilitiesOf(uses)} |`,
  );
  return ['| type | what it does | capabilities |', '|---|---|---|', ...rows].join('\n');
}

function capabilitiesOf({ capabilities, takesGuest }: Pick<NodeType, 'capabilities' | 'takesGuest'>): string {
  const names = capabilities.map(
    ({ contract, required }) => `\`${contract.name}\`${required ? '' : ' (optional)'}`,
  );
  if (takesGuest === true) names.push(`\`${ProcessorGuest.name}\`, as its \`guest\``);
  return names.join(', ');
}

async function capabilityTable(): Promise<string> {
  const guests = await Promise.all(guestFolders().map(guestExports));
  const rows = [...capabilityContracts, ProcessorGuest].map((contract) => {
    const plain = contract.interface.replace(/@.*/, '');
    const users = nodeTypes
      .filter((type) => usedBy(type).includes(contract))
      .map(({ type }) => `\`${type}\``);
    const providers = guests
      .filter(({ interfaces }) => interfaces.includes(plain))
      .map(({ name }) => `\`${name}\``);
    const functions = Object.keys(contract.functions).map((name) => `\`${name}\``);
    const lists = [functions, users, providers].map((list) => list.join(', ') || '—');
    const cells = [`\`${contract.name}\``, `\`${contract.interface}\``, contract.description, ...lists];
    return `| ${cells.join(' | ')} |`;
  });
  const columns = [
    'capability',
    'interface',
    'what it does',
    'functions',
    'used by',
    'provided by (`guests/`)',
  ];
  return [`| ${columns.join(' | ')} |`, `|${'---|'.repeat(columns.length)}`, ...rows].join('\n');
}

function usedBy({ capabilities, takesGuest }: NodeType): CapabilityContract<unknown>[] {
  const named = capabilities.map(({ contract }) => contract);
  return takesGuest === true ? [...named, ProcessorGuest] : named;
}

function guestFolders(): string[] {
  const guests = join(checkout, 'guests');
  return readdirSync(guests).filter((name) => existsSync(join(guests, name, MANIFEST_FILE)));
}

async function guestExports(name: string): Promise<{ name: string; interfaces: readonly string[] }> {
  const { exports = [] } = await loadGuestManifest(join(checkout, 'guests', name));
  return { name, interfaces: exports.map((one) => one.replace(/@.*/, '')) };
}

function nodeTypeKeys(): string {
  return nodeTypes
    .map(({ type, description, schema }) => `### \`${type}\`\n\n${description}\n\n${keyTable(schema)}`)
    .join('\n\n');
}

function otherKeys(): string {
  return [
    `### \`engine\`, at the top of the file\n\n${keyTable(engineSchema)}`,
    `### \`policies\`, at the top of the file, in a group, in a pipeline\n\nThe innermost one counts.\n\n${keyTable(policiesSchema)}`,
    `### An entry under \`extensions\`\n\n${keyTable(extensionSchema)}`,
  ].join('\n\n');
}
