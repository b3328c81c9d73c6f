import { expect } from 'vitest';
import { processor } from '../guest.ts';
import { names } from '../world.ts';

/** Its timers are due while it is discarded: they must never call a dead instance, nor the one after it. */
export default processor({
  expected: { fault: 'unreachable', function: 'weir:processor/processor@0.1.0#process' },
  world: { imports: ['timers'], exports: ['lifecycle'] },
  fields: `(global $set (mut i32) (i32.const 0))
    (func (export "${names.start}") (result i32) (i32.const 32))
    (func (export "${names.onTimer}") (param i32) (if (i32.eqz (global.get $set)) (then (drop (i32.div_u (i32.const 1) (i32.const 0))))))
    (func (export "${names.stop}") (param i32))`,
  process:
    '(global.set $set (i32.const 1)) (drop (call $every (i32.const 1))) (drop (call $after (i32.const 1))) unreachable',
  check: ({ instance }) => {
    expect(instance!.timersPending).toBe(0);
  },
});
