/** The guest of the `guests` target: it does what the first byte of a batch says. */
import type { FaultKind } from '../../host/extension/fault.ts';
import { processor } from '../hostile/guest.ts';
import { names } from '../hostile/world.ts';

/** What a command brings about: an answer of the guest's, or a fault. */
export type Effect =
  | { readonly answer: 'unchanged' | 'forward' | 'drop' }
  /** The text of the error is how many calls this instance has had, so far. */
  | { readonly err: 'for now' | 'for good' }
  | { readonly fault: FaultKind };

interface Command {
  readonly effect: Effect;
  /** How often it is drawn, against the others. */
  readonly weight: number;
  readonly text: string;
}

export const commands: readonly Command[] = [
  { effect: { answer: 'unchanged' }, weight: 30, text: '(return (call $unchanged))' },
  {
    effect: { answer: 'forward' },
    weight: 20,
    text: '(return (call $ok (i32.const 0) (i32.const 0) (i32.const 0)))',
  },
  {
    effect: { answer: 'drop' },
    weight: 10,
    text: '(return (call $ok (i32.const 2) (i32.const 0) (i32.const 0)))',
  },
  {
    effect: { err: 'for now' },
    weight: 10,
    text: '(drop (call $err-count)) (i32.store8 (i32.const 68) (i32.const 0)) (return (i32.const 64))',
  },
  { effect: { err: 'for good' }, weight: 10, text: '(return (call $err-count))' },
  { effect: { fault: 'trap' }, weight: 3, text: 'unreachable' },
  { effect: { fault: 'trap' }, weight: 2, text: '(drop (i32.load (i32.const -1)))' },
  { effect: { fault: 'trap' }, weight: 2, text: '(drop (i32.div_u (i32.const 1) (i32.const 0)))' },
  { effect: { fault: 'stack-overflow' }, weight: 4, text: '(drop (call $down (i32.const 0)))' },
  {
    effect: { fault: 'contract-violation' },
    weight: 3,
    text: '(return (call $ok (i32.const 0) (i32.const 0) (i32.const -1)))',
  },
  {
    effect: { fault: 'contract-violation' },
    weight: 2,
    text: '(return (call $ok (i32.const 9) (i32.const 0) (i32.const 0)))',
  },
  {
    effect: { fault: 'host-service' },
    weight: 3,
    text: '(loop $more (drop (call $after (i32.const 1000000000))) (br $more))',
  },
  {
    effect: { fault: 'host-service' },
    weight: 2,
    text: '(loop $more try (drop (call $after (i32.const 1000000000))) (br $more) catch_all end) unreachable',
  },
  { effect: { fault: 'deadline' }, weight: 3, text: '(loop $more (br $more))' },
];

/** `start` returns an error in the first part of each such span of time, ms. */
export const REFUSING = { span: 1_000, part: 250 } as const;

export const scriptedGuest = processor({
  expected: { answers: 200 },
  world: { exports: ['lifecycle'], imports: ['timers', 'clock'] },
  fields: `(global $calls (mut i32) (i32.const 0))
    (func $down (param i32) (result i32) (i32.add (call $down (local.get 0)) (i32.const 1)))
    (func $err-count (result i32)
      (i32.store8 (i32.const 512) (i32.add (i32.const 97) (i32.rem_u (global.get $calls) (i32.const 26))))
      (call $err (i32.const 512) (i32.const 1)))
    (func (export "${names.start}") (result i32)
      (if (i64.lt_u (i64.rem_u (call $now) (i64.const ${REFUSING.span})) (i64.const ${REFUSING.part}))
        (then (i32.store8 (i32.const 32) (i32.const 1)) (i32.store (i32.const 36) (i32.const 512)) (i32.store (i32.const 40) (i32.const 0))))
      (i32.const 32))
    (func (export "${names.onTimer}") (param i32))
    (func (export "${names.stop}") (param i32))`,
  process: `(global.set $heap (i32.const 4096))
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    ${commands.map(({ text }, i) => `(if (i32.eq (i32.load8_u (local.get $at)) (i32.const ${i})) (then ${text}))`).join('\n    ')}
    unreachable`,
});
