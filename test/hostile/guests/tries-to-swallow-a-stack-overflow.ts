import { processor } from '../guest.ts';

export default processor({
  expected: { fault: 'stack-overflow' },
  process: `(loop $again try (drop (call $down (i32.const 0))) catch_all (br $again) end) (call $unchanged)`,
  fields: '(func $down (param i32) (result i32) (i32.add (call $down (local.get 0)) (i32.const 1)))',
});
