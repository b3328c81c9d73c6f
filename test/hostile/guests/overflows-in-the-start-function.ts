import { processor } from '../guest.ts';

export default processor({
  expected: { failsToStart: 'stack-overflow' },
  fields: `(func $down (param i32) (result i32) (i32.add (call $down (local.get 0)) (i32.const 1)))
    (func $begin (drop (call $down (i32.const 0)))) (start $begin)`,
});
