import { processor } from '../guest.ts';

/** What it hands to a host service breaks the canonical ABI; it catches what comes of that. */
export default processor({
  expected: { fault: 'bad-value' },
  world: { imports: ['log'] },
  process: `try (call $log (i32.const 2) (i32.const 512) (i32.const 1) (i32.const 0) (i32.const 0)) catch_all end
    (call $unchanged)`,
  fields: '(data (i32.const 512) "\\ff")',
});
