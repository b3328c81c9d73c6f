/** Guests that trap in a function whose name is meant for whoever reads the stack. */
import { expect } from 'vitest';
import { type HostileGuest, processor } from './guest.ts';
import type { Outcome } from './run-guest.ts';

/** `name` as WebAssembly text writes it, with `\1b` and the like. */
export function namedFunction(name: string, check: (outcome: Outcome) => void): HostileGuest {
  return processor({
    expected: { fault: 'unreachable' },
    fields: `(func $trapping (@name "${name}") (result i32) unreachable)`,
    process: '(call $trapping)',
    check,
  });
}

/** No text of the guest's steers a terminal, begins a line, or passes for what the host says. */
export function expectHarmlessText({ faults, log, answers }: Outcome): void {
  const stack = faults[0]!.stack;
  expect(stack.length).toBeGreaterThanOrEqual(2);
  for (const frame of stack) expect(frame).not.toMatch(/\p{Cc}|\p{Bidi_Control}/u);
  for (const line of log) {
    expect(line.trimEnd()).not.toMatch(/\p{Cc}/u);
    expect((JSON.parse(line) as { level: number }).level).toBeLessThan(60);
  }
  for (const { message } of answers) expect(message).not.toMatch(/\p{Cc}/u);
}
