import { processor } from '../guest.ts';

export default processor({
  expected: { fault: 'other' },
  process: `(drop (ref.as_non_null (ref.null func))) (call $unchanged)`,
});
