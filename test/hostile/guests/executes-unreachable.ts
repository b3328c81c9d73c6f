import { processor } from '../guest.ts';

export default processor({
  expected: { fault: 'unreachable' },
  process: `unreachable`,
});
