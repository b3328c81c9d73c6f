import { processor } from '../guest.ts';

export default processor({
  expected: { fault: 'stack-overflow' },
  process: `(call $down (local.get $at))`,
  fields: `(table 1 funcref) (elem (i32.const 0) $down) (type $t (func (param i32) (result i32))) (func $down (type $t) (i32.add (call_indirect (type $t) (local.get 0) (i32.const 0)) (i32.const 1)))`,
});
