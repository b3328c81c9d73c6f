import { DEADLINE, processor, REALLOC } from '../guest.ts';

export default processor({
  expected: { fault: 'deadline' },
  entry: DEADLINE,
  world: {},
  realloc: `${REALLOC} (loop $l (br $l)) (i32.const 0))`,
});
