import { processor } from '../guest.ts';

/** At every depth it writes a line, so that the stack ends at some place within the host's own code. */
export default processor({
  expected: { fault: 'stack-overflow' },
  world: { imports: ['log'] },
  process: '(call $down (local.get $at))',
  fields: `(func $down (param i32) (result i32)
    (call $log (i32.const 1) (i32.const 0) (i32.const 8) (i32.const 0) (i32.const 0))
    (i32.add (call $down (local.get 0)) (i32.const 1)))`,
});
