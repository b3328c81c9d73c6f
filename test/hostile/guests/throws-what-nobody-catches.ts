import { processor } from '../guest.ts';

export default processor({
  expected: { fault: 'uncaught-exception' },
  process: `(throw $oops (i32.const 1))`,
  fields: `(tag $oops (param i32))`,
});
