/** Guests that never return by themselves, one for each way there is. */

/** The body of a module whose export `run` never returns by itself. */
export const endless: Record<string, string> = {
  loop: '(func (export "run") (loop (br 0)))',
  'loop with a conditional branch': `(global $one (mut i32) (i32.const 1))
    (func (export "run") (loop (br_if 0 (global.get $one))))`,
  'br_table back to the loop': `(func (export "run") (loop (block (br_table 1 0 1 (i32.const 0)))))`,
  'br_table by its default': `(func (export "run") (loop (br_table 1 0 (i32.const 7))))`,
  br_on_null: '(func (export "run") (loop (br_on_null 0 (ref.null func)) (drop)))',
  br_on_non_null: `(elem declare func $run)
    (func $run (export "run") (ref.func $run) (loop (param (ref func)) (br_on_non_null 0) (unreachable)))`,
  'loop with parameters':
    '(func (export "run") (i64.const 1) (loop (param i64) (i64.const 1) (i64.add) (br 0)))',
  'loop that branches from inside blocks': `(func (export "run") (loop $l (block (block (if (i32.const 1) (then (br $l)))))))`,
  'loop that continues from one of two arms': `(func (export "run") (local i32)
    (loop $l
      (local.set 0 (i32.add (local.get 0) (i32.const 1)))
      (if (i32.and (local.get 0) (i32.const 1)) (then (br $l)) (else (br $l)))))`,
  'outer loop of an inner one that is left at once': `(func (export "run")
    (loop $outer (block $done (loop $inner (br_if $done (i32.const 1)) (br $inner))) (br $outer)))`,
  'outer loop behind an inner one that ran': `(func (export "run") (local i32)
    (loop $outer
      (local.set 0 (i32.const 3))
      (loop $inner (local.set 0 (i32.sub (local.get 0) (i32.const 1))) (br_if $inner (local.get 0)))
      (br $outer)))`,
  'outer loop whose inner one is sometimes skipped': `(func (export "run") (local i32)
    (loop $outer
      (if (local.get 0) (then (loop $inner (br_if $inner (i32.const 0)))))
      (br $outer)))`,
  'recursion that comes back': `(func $f (param i32) (if (local.get 0)
      (then (call $f (i32.sub (local.get 0) (i32.const 1))) (call $f (i32.sub (local.get 0) (i32.const 1))))))
    (func (export "run") (call $f (i32.const 60)))`,
  'mutual recursion that comes back': `
    (func $a (param i32) (if (local.get 0) (then (call $b (local.get 0)) (call $b (local.get 0)))))
    (func $b (param i32) (call $a (i32.sub (local.get 0) (i32.const 1))))
    (func (export "run") (call $a (i32.const 60)))`,
  'tail call of itself': '(func $f (export "run") (return_call $f))',
  'tail calls of each other': '(func $a (export "run") (return_call $b)) (func $b (return_call $a))',
  'indirect tail call': `(type $t (func)) (table 1 funcref) (elem (i32.const 0) $f)
    (func $f (export "run") (return_call_indirect (type $t) (i32.const 0)))`,
  'tail call of a reference': `(type $t (func)) (elem declare func $f)
    (func $f (export "run") (return_call_ref $t (ref.func $f)))`,
  'call_indirect in a loop': `(type $t (func)) (table 1 funcref) (elem (i32.const 0) $leaf) (func $leaf)
    (func (export "run") (loop (call_indirect (type $t) (i32.const 0)) (br 0)))`,
  'catch_all around a loop': `(func (export "run") (loop $again
      try (loop (br 0)) catch_all end (br $again)))`,
  'catch_all around a function that loops': `(func $spin (loop (br 0)))
    (func (export "run") (loop $again try (call $spin) catch_all end (br $again)))`,
  'handler that goes back without a branch': `(tag $t) (func (export "run")
    (loop $again (try_table (catch_all $again) (throw $t))))`,
  'handler with a tag that goes back': `(tag $t) (func (export "run")
    (loop $again (try_table (catch $t $again) (throw $t))))`,
  'legacy handler that goes back': `(tag $t) (func (export "run")
    (loop $again try (throw $t) catch $t (br $again) end))`,
  'rethrow to a handler that goes back': `(tag $t) (func (export "run") (loop $again
      try try (throw $t) catch $t rethrow 0 end catch_all (br $again) end))`,
  'delegate to a handler that goes back': `(tag $t) (func (export "run") (loop $again
      try try (throw $t) delegate 0 catch_all (br $again) end))`,
  'host imports only':
    '(import "host" "nothing" (func $nothing)) (func (export "run") (loop (call $nothing) (br 0)))',
  'memory.fill in a loop': `(memory 256)
    (func (export "run") (loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 16777216)) (br 0)))`,
  'memory.copy in straight line': `(memory 512)
    (func (export "run") ${'(memory.copy (i32.const 1) (i32.const 0) (i32.const 33000000))'.repeat(2000)})`,
  'table.fill in straight line': `(table 1000000 externref)
    (func (export "run") ${'(table.fill (i32.const 0) (ref.null extern) (i32.const 1000000))'.repeat(2000)})`,
  'memory.grow in a loop':
    '(memory 1 2) (func (export "run") (loop (drop (memory.grow (i32.const 0))) (br 0)))',
  'vector loads in a loop': `(memory 1) (func (export "run")
    (loop (drop (v128.load (i32.const 0))) (drop (v128.load8_lane 3 (i32.const 0) (v128.const i64x2 0 0))) (br 0)))`,
  'loop in a function with a 64-bit memory': `(memory i64 1) (func (export "run")
    (loop (i32.store (i64.const 8) (i32.load (i64.const 4))) (br 0)))`,
  'call graph without loop or cycle': `(func $f0)
    ${Array.from({ length: 60 }, (_, n) => `(func $f${n + 1} (call $f${n}) (call $f${n}))`).join('\n')}
    (func (export "run") (call $f60))`,
};
