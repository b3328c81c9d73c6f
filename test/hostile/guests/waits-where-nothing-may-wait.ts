import { importing } from '../wasi-guest.ts';

export default importing({
  expected: { fault: 'blocked' },
  imports: 'wasi:clocks/monotonic-clock@0.2.6',
  wit: `package wasi:io@0.2.6 { interface poll { resource pollable { block: func(); } poll: func(in: list<borrow<pollable>>) -> list<u32>; } }
package wasi:clocks@0.2.6 { interface monotonic-clock { use wasi:io/poll@0.2.6.{pollable}; subscribe-duration: func(when: u64) -> pollable; } }`,
  core: ['subscribe-duration (func $later (param i64) (result i32))'],
  fields: '(import "wasi:io/poll@0.2.6" "poll" (func $poll (param i32 i32 i32)))',
  process:
    '(i32.store (i32.const 128) (call $later (i64.const 1000000000000))) (call $poll (i32.const 128) (i32.const 1) (i32.const 136)) (i32.const 64)',
});
