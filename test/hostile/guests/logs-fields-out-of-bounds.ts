import { processor } from '../guest.ts';

export default processor({
  expected: { fault: 'bad-value' },
  world: { imports: ['log'] },
  process:
    '(call $log (i32.const 2) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0x10000000)) (call $unchanged)',
});
