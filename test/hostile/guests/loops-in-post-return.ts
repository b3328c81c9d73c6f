import { DEADLINE, processor } from '../guest.ts';
import { names } from '../world.ts';

export default processor({
  expected: { fault: 'deadline' },
  entry: DEADLINE,
  world: { exports: ['post-return'] },
  fields: `(func (export "${names.postReturn}") (param i32) (loop $l (br $l)))`,
});
