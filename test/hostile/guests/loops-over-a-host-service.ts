import { DEADLINE, processor } from '../guest.ts';

/** Nearly all of its time is spent within the host: the clock is read again and again. */
export default processor({
  expected: { fault: 'deadline' },
  entry: DEADLINE,
  world: { imports: ['clock'] },
  process: '(loop $l (drop (call $now)) (br $l)) (call $unchanged)',
});
