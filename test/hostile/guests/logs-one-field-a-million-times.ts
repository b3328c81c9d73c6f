import { processor } from '../guest.ts';

const count = 1_000_000;

/** A list of as many pairs as fit, each of which points to the same text: 16 MiB that would become gigabytes. */
export default processor({
  expected: { fault: 'lift-limit' },
  world: { imports: ['log'] },
  memory: '(memory (export "memory") 256)',
  process: `(local $left i32) (local $pair i32)
    (local.set $left (i32.const ${count}))
    (local.set $pair (i32.const 65536))
    (loop $more
      (i32.store (local.get $pair) (i32.const 0))
      (i32.store offset=4 (local.get $pair) (i32.const 32000))
      (i32.store offset=8 (local.get $pair) (i32.const 0))
      (i32.store offset=12 (local.get $pair) (i32.const 32000))
      (local.set $pair (i32.add (local.get $pair) (i32.const 16)))
      (br_if $more (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    (call $log (i32.const 2) (i32.const 0) (i32.const 0) (i32.const 65536) (i32.const ${count}))
    (call $unchanged)`,
});
