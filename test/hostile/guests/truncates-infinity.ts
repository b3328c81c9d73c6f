import { processor } from '../guest.ts';

export default processor({
  expected: { fault: 'integer-overflow' },
  process: `(i32.trunc_f64_s (f64.const inf))`,
});
