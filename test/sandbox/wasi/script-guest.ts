/**
 * A guest made of JavaScript by another toolchain than Weir's (componentize-qjs: QuickJS, with Rust's
 * standard library beneath it): it runs the scripts that a test hands it, with all of WASI 0.2 in reach.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import type { CapabilityContract } from '../../../host/capability/contract.ts';
import { type LoadExtensionOptions, loadExtension } from '../../../host/extension/load.ts';
import type { InstanceStatus } from '../../../host/extension/status.ts';
import { javascriptComponent, WASI_VERSION as VERSION } from '../../javascript-component.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

interface Script {
  /** What `source`, the body of a function of `wasi`, returns, as JSON; `{ err }` where it throws. */
  run(source: string): string;
  later(source: string): Promise<string>;
}

const Script: CapabilityContract<Script> = {
  name: 'script',
  interface: 'test:script/script@1.0.0',
  description: 'For tests.',
  functions: { run: 'func(source: string) -> string', later: 'async func(source: string) -> string' },
};

const INTERFACES = {
  environment: 'wasi:cli/environment',
  exit: 'wasi:cli/exit',
  stdin: 'wasi:cli/stdin',
  stdout: 'wasi:cli/stdout',
  stderr: 'wasi:cli/stderr',
  terminal: 'wasi:cli/terminal-stdout',
  monotonic: 'wasi:clocks/monotonic-clock',
  wall: 'wasi:clocks/wall-clock',
  types: 'wasi:filesystem/types',
  preopens: 'wasi:filesystem/preopens',
  poll: 'wasi:io/poll',
  random: 'wasi:random/random',
  insecure: 'wasi:random/insecure',
  network: 'wasi:sockets/instance-network',
  lookup: 'wasi:sockets/ip-name-lookup',
  tcp: 'wasi:sockets/tcp-create-socket',
};

const WIT = `package test:script@1.0.0;
interface script { run: func(source: string) -> string; later: async func(source: string) -> string; }
world guest {
${Object.values(INTERFACES)
  .map((name) => `  import ${name}@${VERSION};`)
  .join('\n')}
  export script;
}`;

const SOURCE = `${Object.entries(INTERFACES)
  .map(([name, from]) => `import * as ${name} from '${from}@${VERSION}';`)
  .join('\n')}
const wasi = { ${Object.keys(INTERFACES).join(', ')} };
const text = (value) => JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? Number(one) : one)) ?? 'null';
const told = (error) => text({ err: error?.payload ?? String(error?.message ?? error) });
export const script = {
  run(source) {
    try { return text(new Function('wasi', source)(wasi)); } catch (error) { return told(error); }
  },
  async later(source) {
    try { return text(await new Function('wasi', source)(wasi)); } catch (error) { return told(error); }
  },
};`;

/** The component. */
export function scriptGuest(): Promise<Uint8Array> {
  return javascriptComponent({ wit: WIT, world: 'guest', source: SOURCE });
}

export interface ScriptGuest {
  /** Run the body of a function of `wasi`; what it returns, or `{ err }`. */
  run(source: string): unknown;
  later(source: string): Promise<unknown>;
  status(): InstanceStatus;
  stop(): void;
  /** Lines that it printed, as `stdout: text`. */
  readonly printed: readonly string[];
}

/** Run the component. */
export async function startScriptGuest(grants: LoadExtensionOptions['grants'] = {}): Promise<ScriptGuest> {
  const file = join(await temporaryFolder(), 'script.wasm');
  await writeFile(file, await scriptGuest());
  const printed: string[] = [];
  const write = (line: string) => {
    const { msg, fields } = JSON.parse(line) as { msg: string; fields?: { stream?: string } };
    if (fields?.stream !== undefined) printed.push(`${fields.stream}: ${msg}`);
  };
  const extension = await loadExtension(file, {
    contracts: [Script],
    grants,
    log: pino({ level: 'trace', base: null }, { write }),
  });
  const script = extension.require(Script);
  return {
    run: (source) => JSON.parse(script.run(source)),
    later: async (source) => JSON.parse(await script.later(source)),
    status: () => extension.status().instances[0]!,
    stop: () => extension.stop(),
    printed,
  };
}
