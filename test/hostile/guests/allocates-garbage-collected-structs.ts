import { processor } from '../guest.ts';

/** Its garbage is the host’s to collect, and no limit of memory sees it. */
export default processor({
  expected: { refused: 'WEIR_SANDBOX_MODULE_REFUSED' },
  fields: '(type $cell (struct (field (mut (ref null $cell)))))',
  process: '(loop $l (drop (struct.new $cell (ref.null $cell))) (br $l)) (call $unchanged)',
});
