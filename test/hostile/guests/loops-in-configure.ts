import { DEADLINE, processor } from '../guest.ts';
import { names } from '../world.ts';

export default processor({
  expected: { failsToStart: 'deadline' },
  entry: DEADLINE,
  world: { exports: ['configured'] },
  fields: `(func (export "${names.configure}") (param i32 i32) (result i32) (loop $l (br $l)) (i32.const 32))`,
});
