import { processor, REALLOC } from '../guest.ts';

export default processor({
  expected: { fault: 'stack-overflow' },
  realloc: `(func $down (param i32) (result i32) (i32.add (call $down (local.get 0)) (i32.const 1)))
    ${REALLOC} (call $down (local.get $wanted)))`,
});
