import { DEADLINE, processor } from '../guest.ts';

/** And is stopped all the same. */
export default processor({
  expected: { fault: 'deadline' },
  entry: DEADLINE,
  fields: `(memory $own (export "weir:preemption") 1) (global (export "control") (mut i32) (i32.const 0))
    (func (export "weir:preemption:check"))`,
  process: '(i32.store $own (i32.const 0) (i32.const -1)) (loop $l (br $l)) (call $unchanged)',
});
