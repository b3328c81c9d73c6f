import { processor } from '../guest.ts';

/** Well-formed, and of the wrong type: V8 refuses it. */
export default processor({
  expected: { refused: 'WEIR_EXTENSION_COMPONENT' },
  process: '(i64.const 1)',
});
