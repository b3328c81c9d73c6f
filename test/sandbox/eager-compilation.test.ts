/** Every function is compiled before a module counts as loaded, and what would take V8 long to compile is refused. */
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import v8 from 'node:v8';
import { expect, test } from 'vitest';
import { eagerly } from '../../host/sandbox/eager-compilation.ts';
import { instrument } from '../../host/sandbox/preemption/index.ts';

/** A module with one function of so many locals and branches. */
function costly(locals: number, branches: number): Uint8Array {
  const leb = (value: number): number[] =>
    value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
  const section = (id: number, bytes: readonly number[]) => [id, ...leb(bytes.length), ...bytes];
  const body = [1, ...leb(locals), 0x7e];
  for (let i = 0; i < branches; i++) body.push(0x02, 0x40, 0x20, 0, 0x0d, 0, 0x0b);
  body.push(0x0b);
  const code = [1, ...leb(body.length), ...body];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 1, 0x7f, 0]),
    ...section(3, [1, 0]),
    ...section(7, [1, 1, 0x66, 0, 0]),
    ...[10, ...leb(code.length)],
    ...code,
  ]);
}

function isCompiled(run: unknown): boolean {
  v8.setFlagsFromString('--allow-natives-syntax');
  const isUncompiled = new Function('run', 'return %IsUncompiledWasmFunction(run)') as (
    run: unknown,
  ) => boolean;
  v8.setFlagsFromString('--no-allow-natives-syntax');
  return !isUncompiled(run);
}

test('a function that was never called is compiled', async () => {
  const lazy = new WebAssembly.Instance(await WebAssembly.compile(costly(10, 9).buffer as ArrayBuffer));
  expect(isCompiled(lazy.exports.f)).toBe(false);
  const module = await eagerly(() => WebAssembly.compile(costly(10, 10).buffer as ArrayBuffer));
  expect(isCompiled(new WebAssembly.Instance(module).exports.f)).toBe(true);
});

test('a process that does nothing but compile waits for it', async () => {
  const url = pathToFileURL(resolve(import.meta.dirname, '../../host/sandbox/eager-compilation.ts')).href;
  const script = `import { eagerly } from ${JSON.stringify(url)};
    const bytes = Uint8Array.from([${costly(1000, 1000).join()}]);
    await eagerly(() => WebAssembly.compile(bytes));
    process.stdout.write('compiled');`;
  const ended = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
  expect(ended.stdout).toBe('compiled');
});

test('49,000 locals and 30,000 branches are refused at once', () => {
  const module = costly(49_000, 30_000);
  const began = performance.now();
  expect(() => instrument(module)).toThrow(
    expect.objectContaining({ code: 'WEIR_SANDBOX_MODULE_TOO_COSTLY' }),
  );
  expect(performance.now() - began).toBeLessThan(500);
});
