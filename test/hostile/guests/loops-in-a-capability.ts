import { DEADLINE, processor } from '../guest.ts';
import { names } from '../world.ts';

export default processor({
  expected: { fault: 'deadline', function: 'weir:capability/rate-limiter@0.1.0#tryAcquire' },
  entry: DEADLINE,
  entered: 'try-acquire',
  world: { exports: ['rate-limiter'] },
  fields: `(func (export "${names.tryAcquire}") (param i32) (result i32) (loop $l (br $l)) (i32.const 1))`,
});
