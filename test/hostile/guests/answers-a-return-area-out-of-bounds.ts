import { processor } from '../guest.ts';

export default processor({
  expected: { fault: 'bad-value' },
  process: `(i32.const -16)`,
});
