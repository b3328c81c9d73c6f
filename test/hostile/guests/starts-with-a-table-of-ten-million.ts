import { processor } from '../guest.ts';

export default processor({
  expected: { refused: 'WEIR_SANDBOX_TABLE_LIMIT' },
  fields: '(table 10000000 externref)',
});
