import { processor } from '../guest.ts';

/** Sets and cancels a timer at every depth: the host must not keep half of one. */
export default processor({
  expected: { fault: 'stack-overflow' },
  world: { imports: ['timers'], exports: ['lifecycle'] },
  process: '(call $down (local.get $at))',
  fields: `(func $down (param i32) (result i32)
    (call $cancel (call $after (i32.const 100000)))
    (i32.add (call $down (local.get 0)) (i32.const 1)))`,
});
