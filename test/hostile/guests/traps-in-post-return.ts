import { processor } from '../guest.ts';
import { names } from '../world.ts';

/** Its result was good and has been read: the call counts as faulted all the same. */
export default processor({
  expected: { fault: 'unreachable' },
  world: { exports: ['post-return'] },
  fields: `(func (export "${names.postReturn}") (param i32) unreachable)`,
});
