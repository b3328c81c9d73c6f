/**
 * Is there enough stack left to run the host on? A guest chooses how deep it recurses before it calls an
 * import; without this it could choose, to the frame, where the host's code runs out of stack, and so
 * leave any structure of the host half changed. Every function that a guest can call asks here first, before
 * it has changed anything: with too little left the `RangeError` comes now, goes through the guest (which
 * cannot catch it: V8 hands overflows of the stack to no handler in WebAssembly) and is a fault like any other.
 *
 * The probe is a function of WebAssembly with a frame of 128 KiB: before V8 enters one with so large a
 * frame, it compares the frame's size with what is left. The frame comes from a branch that is never taken,
 * in which as many vectors are alive at once. So asking costs a call that returns, about 3 ns.
 */
import { codeOf, coreModule, leb, section } from '../bind/core-bytes.ts';

/** Of about 984 KiB that a thread has by default: enough for a line in the log and everything below it. */
export const HEADROOM_BYTES = 128 * 1024;

const VECTOR_BYTES = 16;
/** The vectors lie side by side in a memory of so many pages; their first word, always 0, says not to load them. */
const PAGES = HEADROOM_BYTES / 65_536;

function probeModule(): WebAssembly.Module {
  const vectors = HEADROOM_BYTES / VECTOR_BYTES;
  const body = [0x41, 0, 0x28, 2, 0, 0x04, 0x40, 0x41, 0];
  for (let i = 0; i < vectors; i++) body.push(0x41, 0, 0xfd, 0x00, 0, ...leb(i * VECTOR_BYTES)); // v128.load
  body.push(0x10, 0); // Over a call nothing stays in registers.
  for (let i = 1; i < vectors; i++) body.push(0xfd, 0x51); // v128.xor
  body.push(0xfd, 0x0b, 0, 0, 0x0b); // v128.store
  return coreModule([
    section(1, [1, 0x60, 0, 0]),
    section(2, [1, 1, 0x6d, 1, 0x66, 0, 0]),
    section(3, [1, 0]),
    section(5, [1, 1, PAGES, PAGES]),
    section(7, [1, 1, 0x70, 0, 1]),
    codeOf(body),
  ]);
}

const instance = new WebAssembly.Instance(probeModule(), { m: { f: () => {} } });

/** @throws RangeError when less than `HEADROOM_BYTES` of the stack are left */
export const requireStack = instance.exports.p as () => void;
