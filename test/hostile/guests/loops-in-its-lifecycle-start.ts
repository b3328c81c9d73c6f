import { DEADLINE, processor } from '../guest.ts';
import { names } from '../world.ts';

export default processor({
  expected: { failsToStart: 'deadline' },
  entry: DEADLINE,
  world: { exports: ['lifecycle'] },
  fields: `(func (export "${names.start}") (result i32) (loop $l (br $l)) (i32.const 32)) (func (export "${names.onTimer}") (param i32)) (func (export "${names.stop}") (param i32))`,
});
