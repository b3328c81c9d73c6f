/** The bench guest, live in every runtime that is compared. */
import createPlugin, { type Plugin } from '@extism/extism';
import { compileComponent } from '../../../host/component/compile.ts';
import type { InterfaceExports } from '../../../host/component/component.ts';
import { transpileOnce } from '../../component/oracle/transpile.ts';
import { callsInterface, componentBinary, coreBinary, hostInterface, pluginBinary } from './guest.ts';

/** What the host gives to every guest. A pause lasts one turn of the microtask queue. */
export class BenchHost {
  /** The last text that was noted, so that nobody optimises the noting away. */
  noted = '';
  readonly now = (): bigint => 12n;
  readonly note = (text: string): void => {
    this.noted = text;
  };
  readonly pause = (): Promise<void> => Promise.resolve();
}

export async function weirCalls(host: BenchHost): Promise<InterfaceExports> {
  const component = await compileComponent(await componentBinary({ async: true }));
  const { now, note, pause } = host;
  return component.instantiate({ [hostInterface]: { now, note, pause } }).exports[callsInterface]!;
}

export async function jcoCalls(host: BenchHost): Promise<InterfaceExports> {
  const { glue, coreModules } = await transpileOnce(await componentBinary({ async: false }), [hostInterface]);
  const compiled = new Map<string, WebAssembly.Module>();
  for (const [path, core] of coreModules) {
    compiled.set(path, await WebAssembly.compile(core as Uint8Array<ArrayBuffer>));
  }
  const exports = glue(
    (path) => compiled.get(path)!,
    { [hostInterface]: { now: host.now, note: host.note } },
    (module, imports) => new WebAssembly.Instance(module, imports),
  );
  return exports[callsInterface] as InterfaceExports;
}

/** The core module with imports written by hand: what there is to call when nothing is lifted or lowered. */
export interface RawCalls {
  readonly exports: Readonly<Record<string, (...args: never[]) => unknown>>;
  readonly memory: WebAssembly.Memory;
  /** One of the guest's functions by its name in WIT. */
  call(name: string): (...args: unknown[]) => unknown;
  postReturn(name: string): (...args: unknown[]) => unknown;
}

export async function rawCalls(host: BenchHost): Promise<RawCalls> {
  const module = await WebAssembly.compile((await coreBinary()) as Uint8Array<ArrayBuffer>);
  let text = Buffer.alloc(0) as Buffer & { utf8Slice(from: number, to: number): string };
  const instance = new WebAssembly.Instance(module, {
    [hostInterface]: {
      now: host.now,
      note: (at: number, length: number) => {
        host.noted = text.utf8Slice(at, at + length);
      },
      pause: new WebAssembly.Suspending(host.pause),
    },
    [`[export]${callsInterface}`]: { '[resource-new]counter': (rep: number) => rep },
  });
  const exports = instance.exports as unknown as RawCalls['exports'];
  const memory = instance.exports.memory as WebAssembly.Memory;
  text = Buffer.from(memory.buffer) as typeof text;
  return {
    exports,
    memory,
    call: (name) => exports[`${callsInterface}#${name}`] as (...args: unknown[]) => unknown,
    postReturn: (name) => exports[`cabi_post_${callsInterface}#${name}`] as (...args: unknown[]) => unknown,
  };
}

export async function extismPlugin(): Promise<Plugin> {
  return createPlugin({ wasm: [{ data: await pluginBinary() }] }, { useWasi: false });
}
