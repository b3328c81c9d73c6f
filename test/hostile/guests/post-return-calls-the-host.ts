import { processor } from '../guest.ts';
import { names } from '../world.ts';

export default processor({
  expected: { fault: 're-entry' },
  world: { exports: ['post-return'], imports: ['clock'] },
  fields: `(func (export "${names.postReturn}") (param i32) (drop (call $now)))`,
});
