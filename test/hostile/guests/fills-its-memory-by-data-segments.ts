import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { coreText, processorOf } from '../guest.ts';
import { leb, section } from '../world.ts';

const PAGE = 65_536;
const segments = 255;
const DATA_SECTION = 11;
const I32_CONST = 0x41;
const END = 0x0b;

/** Megabytes that stand in the file, of which each instance has a copy; a faulted one must give them back. */
export default processorOf(
  async () => {
    const memory = `(memory (export "memory") ${segments + 1} ${segments + 1})`;
    const content = Buffer.alloc(PAGE, 'x');
    const data = Array.from({ length: segments }, (_, i) => [
      Uint8Array.of(0, I32_CONST, ...signed((i + 1) * PAGE), END, ...leb(PAGE)),
      content,
    ]);
    const core = await parse(coreText({ memory, process: 'unreachable' }));
    return Buffer.concat([core, section(DATA_SECTION, leb(segments), ...data.flat())]);
  },
  { expected: { fault: 'memory-limit' }, entry: { limits: { module_size: '17MiB' } } },
);

/** A positive number as signed LEB128: one bit more, which is 0. */
function signed(value: number): number[] {
  const bytes = leb(value);
  const last = bytes.at(-1)!;
  return last < 0x40 ? bytes : [...bytes.slice(0, -1), last | 0x80, 0];
}
