import { DEADLINE, processor } from '../guest.ts';

export default processor({
  expected: { fault: 'deadline' },
  entry: DEADLINE,
  world: { imports: ['log'] },
  process:
    '(loop $l (call $log (i32.const 2) (i32.const 0) (i32.const 8) (i32.const 0) (i32.const 0)) (br $l)) (call $unchanged)',
});
