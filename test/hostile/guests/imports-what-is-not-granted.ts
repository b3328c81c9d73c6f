import { importing } from '../wasi-guest.ts';

export default importing({
  expected: { refused: 'WEIR_SANDBOX_IMPORT_DENIED', message: /weir:extension\/random@0\.1\.0/ },
  imports: 'weir:extension/random@0.1.0',
  wit: 'package weir:extension@0.1.0 { interface random { bytes: func(length: u32) -> list<u8>; next-u64: func() -> u64; } }',
  core: ['next-u64 (func $next (result i64))'],
  process: 'unreachable',
});
