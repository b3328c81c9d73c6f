import { processor } from '../guest.ts';

export default processor({
  expected: { refused: 'WEIR_SANDBOX_MODULE_REFUSED' },
  fields:
    '(type $bytes (array (mut i8))) (type $cell (struct (field (ref $bytes)) (field (ref null $cell)))) (global $all (mut (ref null $cell)) (ref.null $cell))',
  process:
    '(loop $l (global.set $all (struct.new $cell (array.new_default $bytes (i32.const 1048576)) (global.get $all))) (br $l)) (call $unchanged)',
});
