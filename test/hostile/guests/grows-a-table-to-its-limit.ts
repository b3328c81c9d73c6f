import { processor } from '../guest.ts';

/** A step at a time; each step past the limit answers −1. */
export default processor({
  expected: { answers: 200 },
  entry: { limits: { table_elements: 50_000 } },
  fields: '(table $t 0 externref)',
  process: `(block $full
      (loop $more
        (br_if $full (i32.lt_s (table.grow $t (ref.null extern) (i32.const 100)) (i32.const 0)))
        (br $more)))
    (if (i32.gt_u (table.size $t) (i32.const 50000)) (then unreachable))
    (call $unchanged)`,
});
