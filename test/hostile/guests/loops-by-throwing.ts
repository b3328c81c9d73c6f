import { DEADLINE, processor } from '../guest.ts';

export default processor({
  expected: { fault: 'deadline' },
  entry: DEADLINE,
  process: `(loop $again try (throw $oops) catch $oops (br $again) end) (call $unchanged)`,
  fields: `(tag $oops)`,
});
