import { processor } from '../guest.ts';

export default processor({
  expected: { fault: 'unreachable' },
  process: 'try unreachable catch_all end (call $unchanged)',
});
