/**
 * The check itself: what a guest executes to see whether it may go on.
 *
 * It loads one byte of the control word (`control.ts` has the protocol) and executes `unreachable`
 * when it is not zero. The load is plain, not atomic: an atomic load costs twice as much. That V8 does not
 * hoist it out of loops is because the memory is *shared*, and its optimiser leaves loads from shared
 * memories where they are; `test/sandbox/preemption/plain-load.test.ts` keeps watch.
 */

/** Offset in the control memory of the byte that a check reads: the highest one of the control word. */
export const CHECKED_BYTE = 3;

/** The instructions of a check, when the control memory has the index `memory` (below 128). */
export function checkInstructions(memory: number): Uint8Array {
  const load = memory === 0 ? [0x2d, 0x00, CHECKED_BYTE] : [0x2d, 0x40, memory, CHECKED_BYTE];
  // i32.const 0; i32.load8_u; if; unreachable; end
  return Uint8Array.from([0x41, 0x00, ...load, 0x04, 0x40, 0x00, 0x0b]);
}
