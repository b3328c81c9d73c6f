import { expect, test } from 'vitest';
import { temporaryFolder } from '../../temporary-folder.ts';
import { meteredInstance, within } from './metered.ts';
import { randomModule } from './random-modules.ts';

// Eight that stay, and one that is new each time.
const seeds = [...Array.from({ length: 8 }, (_, index) => index + 1), Math.floor(Math.random() * 2 ** 31)];

test.each(seeds)('the random module %i does the same instrumented', async (seed) => {
  const module = await randomModule(seed, 6_000, await temporaryFolder());
  const plain = trace(module, (imports) => new WebAssembly.Instance(new WebAssembly.Module(module), imports));
  const metered = trace(module, (imports) =>
    meteredInstance(module, imports, { features: { gc: true, exnref: true } }),
  );
  // Where the stack ends depends on the size of frames.
  if (plain.some(endsInOverflow) || metered.some(endsInOverflow)) return;
  expect(metered).toEqual(plain);
  expect(plain.length).toBeGreaterThan(1);
});

const endsInOverflow = (entry: unknown) => String(entry).includes('Maximum call stack');

/** Everything that can be seen of a module that makes and calls all its exports. */
function trace(
  module: Uint8Array<ArrayBuffer>,
  instantiate: (imports: WebAssembly.Imports) => WebAssembly.Instance,
): unknown[] {
  const seen: unknown[] = [];
  const note = (what: string, run: () => unknown) => {
    try {
      seen.push(`${what}: ${show(run())}`);
    } catch (error) {
      seen.push(`${what}: ${error instanceof WebAssembly.Exception ? 'an exception' : String(error)}`);
    }
  };
  let instance: WebAssembly.Instance | undefined;
  note('instantiate', () => {
    instance = instantiate(importsOf(module, seen));
  });
  if (instance === undefined) return seen;
  const { exports } = instance;
  for (const [name, value] of Object.entries(exports)) {
    if (typeof value === 'function')
      note(name, () => within(8_000, () => value(...args(value.length))).get());
  }
  for (const [name, value] of Object.entries(exports)) {
    if (value instanceof WebAssembly.Memory) note(name, () => digest(new Uint8Array(value.buffer)));
    if (value instanceof WebAssembly.Global) note(name, () => value.value);
  }
  return seen;
}

/** Numbers for as many parameters; a parameter that wants another type throws, the same both times. */
const args = (count: number) => Array.from({ length: count }, (_, index) => index * 1_000_003);

function importsOf(module: Uint8Array<ArrayBuffer>, seen: unknown[]): WebAssembly.Imports {
  const imports: WebAssembly.Imports = {};
  for (const { module: from, name, kind } of WebAssembly.Module.imports(new WebAssembly.Module(module))) {
    imports[from] ??= {};
    if (kind === 'function') {
      imports[from][name] = (...values: unknown[]) => {
        seen.push(`${name} ${values.map(show)}`);
        return 0;
      };
    } else if (kind === 'tag')
      imports[from][name] = new WebAssembly.Tag({ parameters: name === 'wasmtag' ? ['i32'] : ['externref'] });
    else imports[from][name] = 'anything' as never;
  }
  return imports;
}

function digest(bytes: Uint8Array): string {
  let hash = 0;
  for (const byte of bytes) hash = (Math.imul(hash, 31) + byte) | 0;
  return `${bytes.length} bytes, ${hash}`;
}

/** Not-a-numbers are all alike: their bits are the engine's choice. */
function show(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(show)}]`;
  return typeof value === 'function' ? 'a function' : Object.is(value, -0) ? '-0' : String(value);
}
