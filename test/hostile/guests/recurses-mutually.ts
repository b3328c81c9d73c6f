import { processor } from '../guest.ts';

export default processor({
  expected: { fault: 'stack-overflow' },
  process: `(call $a (local.get $at))`,
  fields: `(func $a (param i32) (result i32) (i32.add (call $b (local.get 0)) (i32.const 1))) (func $b (param i32) (result i32) (i32.sub (call $a (local.get 0)) (i32.const 1)))`,
});
