import { processor } from '../guest.ts';

export default processor({
  expected: { refused: 'WEIR_EXTENSION_COMPONENT' },
  fields: '(export "memory" (memory 0)) (func $again (export "again")) (export "again" (func $again))',
});
