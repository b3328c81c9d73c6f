import { processor } from '../guest.ts';
import { names } from '../world.ts';

export default processor({
  expected: { fault: 'stack-overflow' },
  world: { exports: ['post-return'] },
  fields: `(func $down (param i32) (result i32) (i32.add (call $down (local.get 0)) (i32.const 1)))
    (func (export "${names.postReturn}") (param i32) (drop (call $down (local.get 0))))`,
});
