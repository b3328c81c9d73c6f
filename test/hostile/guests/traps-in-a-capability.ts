import { processor } from '../guest.ts';
import { names } from '../world.ts';

export default processor({
  expected: { fault: 'memory-out-of-bounds', function: 'weir:capability/rate-limiter@0.1.0#tryAcquire' },
  entered: 'try-acquire',
  world: { exports: ['rate-limiter'] },
  fields: `(func (export "${names.tryAcquire}") (param i32) (result i32) (i32.load (i32.const -1)))`,
});
