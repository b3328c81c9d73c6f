import { processor } from '../guest.ts';

export default processor({
  expected: { fault: 'bad-value' },
  world: { exports: ['things'] },
  process: `(call $drop-thing (i32.const 0)) (call $unchanged)`,
});
