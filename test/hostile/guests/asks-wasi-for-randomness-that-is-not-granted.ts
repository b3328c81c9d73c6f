import { importing } from '../wasi-guest.ts';

export default importing({
  expected: { fault: 'import-refused' },
  imports: 'wasi:random/random@0.2.6',
  wit: 'package wasi:random@0.2.6 { interface random { get-random-bytes: func(len: u64) -> list<u8>; get-random-u64: func() -> u64; } }',
  core: ['get-random-u64 (func $next (result i64))'],
  process: '(drop (call $next)) (i32.const 64)',
});
