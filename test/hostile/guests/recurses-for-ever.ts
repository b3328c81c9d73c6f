import { processor } from '../guest.ts';

export default processor({
  expected: { fault: 'stack-overflow' },
  process: `(call $down (local.get $at))`,
  fields: `(func $down (param i32) (result i32) (i32.add (call $down (i32.add (local.get 0) (i32.const 1))) (i32.const 1)))`,
});
