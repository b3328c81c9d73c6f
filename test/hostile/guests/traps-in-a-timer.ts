import { processor } from '../guest.ts';
import { names } from '../world.ts';

export default processor({
  expected: { fault: 'unreachable', function: names.onTimer },
  entered: 'timer',
  world: { exports: ['lifecycle'], imports: ['timers'] },
  fields: `(func (export "${names.start}") (result i32) (drop (call $after (i32.const 1))) (i32.const 32))
    (func (export "${names.onTimer}") (param i32) unreachable)
    (func (export "${names.stop}") (param i32))`,
});
