import { processor } from '../guest.ts';
import { names } from '../world.ts';

/** The canonical ABI takes anything but 0 for true. */
export default processor({
  expected: { answers: 200 },
  entered: 'try-acquire',
  world: { exports: ['rate-limiter'] },
  fields: `(func (export "${names.tryAcquire}") (param i32) (result i32) (i32.const 2))`,
});
