import { processor } from '../guest.ts';
import { names } from '../world.ts';

export default processor({
  expected: { failsToStart: 'integer-divide-by-zero' },
  world: { exports: ['lifecycle'] },
  fields: `(func (export "${names.start}") (result i32) (i32.div_u (i32.const 1) (i32.load (i32.const 0))))
    (func (export "${names.onTimer}") (param i32))
    (func (export "${names.stop}") (param i32))`,
});
