import { processor } from '../guest.ts';
import { names } from '../world.ts';

export default processor({
  expected: { failsToStart: 'unreachable' },
  world: { exports: ['configured'] },
  fields: `(func (export "${names.configure}") (param i32 i32) (result i32) unreachable)`,
});
