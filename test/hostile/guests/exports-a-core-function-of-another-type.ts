import { processor } from '../guest.ts';
import { names } from '../world.ts';

/** The component lifts `try-acquire` from it as if it took a number and gave one. */
export default processor({
  expected: { refused: 'WEIR_EXTENSION_COMPONENT' },
  entered: 'try-acquire',
  world: { exports: ['rate-limiter'] },
  fields: `(func (export "${names.tryAcquire}") (param f64 f64) (result i64) (i64.const 1))`,
});
