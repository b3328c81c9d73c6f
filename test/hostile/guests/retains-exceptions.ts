import { processor } from '../guest.ts';

/** A reference to an exception keeps it alive: each is an object of the host’s. */
export default processor({
  expected: { refused: 'WEIR_SANDBOX_MODULE_REFUSED' },
  fields: '(tag $oops (param i64)) (table $kept 0 exnref)',
  process:
    '(loop $l (block $caught (result exnref) (try_table (catch_all_ref $caught) (throw $oops (i64.const 1))) (unreachable)) (drop (table.grow $kept (i32.const 1))) (br $l)) (call $unchanged)',
});
