import { processor } from '../guest.ts';

const locals = 200;

/** Frames so wide that the limit is passed within one, not at its edge. */
export default processor({
  expected: { fault: 'stack-overflow' },
  process: '(i32.wrap_i64 (call $down (i64.const 1)))',
  fields: `(func $down (param i64) (result i64)
    (local ${'i64 '.repeat(locals)})
    ${Array.from({ length: locals }, (_, i) => `(local.set ${i + 1} (i64.mul (local.get ${i}) (i64.const 3)))`).join('\n')}
    (local.set 0 (call $down (i64.add (local.get 0) (i64.const 1))))
    ${Array.from({ length: locals }, (_, i) => `(local.set 0 (i64.add (local.get 0) (local.get ${i + 1})))`).join('\n')}
    (local.get 0))`,
});
