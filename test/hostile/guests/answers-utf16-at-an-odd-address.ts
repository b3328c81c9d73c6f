import { processor } from '../guest.ts';

export default processor({
  expected: { fault: 'bad-value' },
  world: { encoding: 'utf16' },
  process: '(call $err (i32.const 513) (i32.const 1))',
});
