/** The types that the host spells out in TypeScript are those of the WIT files. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { componentEmbed, componentNew } from '@bytecodealliance/jco-transpile/wasm-tools';
import { expect, test } from 'vitest';
import { capabilityContracts, ProcessorGuest } from '../../host/capability/contracts.ts';
import { describeComponent } from '../../host/component/decode/describe.ts';
import { camelCase } from '../../host/component/names.ts';
import { signature } from '../../host/component/signature.ts';
import { extensionExports, hostServices } from '../../host/extension/interfaces.ts';
import { exportedInterfaces } from '../../host/extension/provider.ts';

const wit = (name: string) => readFile(join(import.meta.dirname, '../../wit', name, `${name}.wit`), 'utf8');

/** The functions of every interface of a WIT file, by full name and then by WIT name. */
async function functionsOfWit(name: string): Promise<Record<string, Record<string, string>>> {
  const text = await wit(name);
  const interfaces = [...text.matchAll(/^interface ([a-z-]+)/gm)].map((match) => match[1]);
  const world = `world all { ${interfaces.map((one) => `export ${one};`).join(' ')} }`;
  const module = await componentEmbed({ dummy: true, witSource: `${text}\n${world}`, world: 'all' });
  const found: Record<string, Record<string, string>> = {};
  for (const [full, type] of exportedInterfaces(describeComponent(await componentNew(module)))) {
    found[full] = {};
    for (const member of type.exports) {
      if (member.type.kind === 'func') found[full][member.name] = signature(member.type);
    }
  }
  return found;
}

const camelKeys = (functions: Record<string, string>) =>
  Object.fromEntries(Object.entries(functions).map(([name, type]) => [camelCase(name), type]));

test('capability contracts', async () => {
  const found = await functionsOfWit('capability');
  const named = Object.keys(found).filter((name) => Object.keys(found[name]!).length > 0);
  expect(capabilityContracts.map((contract) => contract.interface).sort()).toEqual(named.sort());
  for (const contract of capabilityContracts) {
    expect(contract.functions, contract.name).toEqual(camelKeys(found[contract.interface]!));
  }
});

test('the processor guest', async () => {
  const found = await functionsOfWit('processor');
  expect({ [ProcessorGuest.interface]: ProcessorGuest.functions }).toEqual(
    Object.fromEntries(Object.entries(found).map(([name, functions]) => [name, camelKeys(functions)])),
  );
});

test('lifecycle and host services', async () => {
  expect({ ...extensionExports, ...hostServices }).toEqual(await functionsOfWit('extension'));
});
