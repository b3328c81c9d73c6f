import { DEADLINE, processor } from '../guest.ts';
import { names } from '../world.ts';

export default processor({
  expected: { fault: 'deadline', function: names.onTimer },
  entry: DEADLINE,
  entered: 'timer',
  world: { exports: ['lifecycle'], imports: ['timers'] },
  fields: `(func (export "${names.start}") (result i32) (drop (call $after (i32.const 1))) (i32.const 32)) (func (export "${names.onTimer}") (param i32) (loop $l (br $l))) (func (export "${names.stop}") (param i32))`,
});
