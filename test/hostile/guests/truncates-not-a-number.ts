import { processor } from '../guest.ts';

export default processor({
  expected: { fault: 'integer-overflow' },
  process: `(i32.wrap_i64 (i64.trunc_f32_u (f32.const nan)))`,
});
