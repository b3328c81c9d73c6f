import { processor } from '../guest.ts';

export default processor({
  expected: { fault: 'bad-value' },
  world: { imports: ['log'] },
  process:
    '(call $log (i32.const 2) (i32.const 512) (i32.const 1) (i32.const 0) (i32.const 0)) (call $unchanged)',
  fields: '(data (i32.const 512) "\\ff")',
});
