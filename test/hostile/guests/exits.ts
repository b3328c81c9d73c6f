import { importing } from '../wasi-guest.ts';

export default importing({
  expected: { fault: 'bad-value' },
  imports: 'wasi:cli/exit@0.2.6',
  wit: 'package wasi:cli@0.2.6 { interface exit { exit: func(status: result); } }',
  core: ['exit (func $exit (param i32))'],
  process: '(call $exit (i32.const 0)) (i32.const 64)',
});
