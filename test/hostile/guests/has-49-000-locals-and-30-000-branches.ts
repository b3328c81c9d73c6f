import { processor } from '../guest.ts';

/** V8 would take half a minute over these 210 KB, at the first call. */
export default processor({
  expected: { refused: 'WEIR_SANDBOX_MODULE_TOO_COSTLY' },
  fields: `(func $costly (param i32) (local ${'i32 '.repeat(49_000)}) ${'(block (br_if 0 (local.get 0)))'.repeat(30_000)})`,
  process: '(call $costly (i32.const 1)) (call $unchanged)',
});
