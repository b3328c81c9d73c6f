import { DEADLINE, processor } from '../guest.ts';

/** What stops it must not be caught. */
export default processor({
  expected: { fault: 'deadline' },
  entry: DEADLINE,
  process: `(loop $again try (call $spin) catch_all (br $again) end) (call $unchanged)`,
  fields: `(func $spin (loop $l (br $l)))`,
});
