import { processor } from '../guest.ts';

export default processor({
  expected: { fault: 'trap' },
  process: `(drop (ref.as_non_null (ref.null func))) (call $unchanged)`,
});
