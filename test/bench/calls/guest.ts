/**
 * The guest whose calls are measured: one core module, plain enough to cost little itself. It becomes a component
 * for us and for jco, is instantiated bare, and gets a shim that makes it an Extism plugin.
 */
import { componentEmbed, componentNew, parse } from '@bytecodealliance/jco-transpile/wasm-tools';

export const callsInterface = 'bench:guest/calls';
export const hostInterface = 'bench:guest/host';

/** jco is given a world without the `async func`s. */
function wit(async: boolean): string {
  return `package bench:guest;
interface host {
  now: func() -> u64;
  note: func(text: string);
  ${async ? 'pause: async func();' : ''}
}
interface calls {
  is-odd: func(n: u32) -> bool;
  add: func(a: f64, b: f64) -> f64;
  record identity { id: u32, age: u32, name: string }
  identify: func(token: string) -> result<identity, string>;
  echo-text: func(text: string) -> string;
  echo-bytes: func(bytes: list<u8>) -> list<u8>;
  record sample { id: u32, score: f64, name: string }
  echo-samples: func(samples: list<sample>) -> list<sample>;
  variant shape { nothing, count(u32), text(string), point(tuple<f64, f64>) }
  echo-shape: func(shape: shape) -> shape;
  read-clock: func(times: u32) -> u64;
  write-notes: func(times: u32);
  resource counter { constructor(start: u32); add: func(n: u32) -> u32; }
  ${async ? 'soon: async func(n: u32) -> u32; later: async func(n: u32) -> u32;' : ''}
}
world guest { import host; export calls; }`;
}

/** The text that `write-notes` writes. */
export const note = 'a note of thirty-two characters.';

const shared = `
  (memory (export "memory") 40)
  (global $heap (mut i32) (i32.const 4096))
  (data (i32.const 256) "no such token")
  (data (i32.const 288) "${note}")
  (func $realloc (export "cabi_realloc") (param $old i32) (param $size i32) (param $align i32) (param $new i32)
      (result i32) (local $at i32)
    (local.set $at (i32.and
      (i32.add (global.get $heap) (i32.sub (local.get $align) (i32.const 1)))
      (i32.sub (i32.const 0) (local.get $align))))
    (global.set $heap (i32.add (local.get $at) (local.get $new)))
    (if (i32.gt_u (global.get $heap) (i32.const 2621440)) (then unreachable))
    (memory.copy (local.get $at) (local.get $old) (local.get $size))
    (local.get $at))
  (func $free (global.set $heap (i32.const 4096)))
  (func $echo (param $at i32) (param $length i32) (result i32)
    (i32.store (i32.const 64) (local.get $at))
    (i32.store (i32.const 68) (local.get $length))
    (i32.const 64))
  (func $identify (param $at i32) (param $length i32) (result i32) (local $hash i32) (local $i i32)
    (local.set $hash (i32.const 0x811c9dc5))
    (block $end (loop $next
      (br_if $end (i32.ge_u (local.get $i) (local.get $length)))
      (local.set $hash (i32.mul
        (i32.xor (local.get $hash) (i32.load8_u (i32.add (local.get $at) (local.get $i))))
        (i32.const 0x01000193)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $next)))
    (if (i32.eqz (local.get $hash))
      (then
        (i32.store8 (i32.const 64) (i32.const 1))
        (i32.store (i32.const 68) (i32.const 256))
        (i32.store (i32.const 72) (i32.const 13)))
      (else
        (i32.store8 (i32.const 64) (i32.const 0))
        (i32.store (i32.const 68) (local.get $hash))
        (i32.store (i32.const 72) (local.get $length))
        (i32.store (i32.const 76) (local.get $at))
        (i32.store (i32.const 80) (local.get $length))))
    (i32.const 64))`;

function core(async: boolean): string {
  const exported = (name: string) => `(export "${callsInterface}#${name}")`;
  const freeing = (name: string) =>
    `(func (export "cabi_post_${callsInterface}#${name}") (param i32) (call $free))`;
  return `(module
  (import "${hostInterface}" "now" (func $now (result i64)))
  (import "${hostInterface}" "note" (func $note (param i32 i32)))
  ${async ? `(import "${hostInterface}" "pause" (func $pause))` : ''}
  (import "[export]${callsInterface}" "[resource-new]counter" (func $new-counter (param i32) (result i32)))
  ${shared}
  (func ${exported('is-odd')} (param i32) (result i32) (i32.and (local.get 0) (i32.const 1)))
  (func ${exported('add')} (param f64 f64) (result f64) (f64.add (local.get 0) (local.get 1)))
  (func ${exported('identify')} (param i32 i32) (result i32) (call $identify (local.get 0) (local.get 1)))
  (func ${exported('echo-text')} (param i32 i32) (result i32) (call $echo (local.get 0) (local.get 1)))
  (func ${exported('echo-bytes')} (param i32 i32) (result i32) (call $echo (local.get 0) (local.get 1)))
  (func ${exported('echo-samples')} (param i32 i32) (result i32) (call $echo (local.get 0) (local.get 1)))
  ${['identify', 'echo-text', 'echo-bytes', 'echo-samples', 'echo-shape'].map(freeing).join('\n  ')}
  (func ${exported('echo-shape')} (param $tag i32) (param $a i64) (param $b i64) (result i32)
    (i32.store8 (i32.const 64) (local.get $tag))
    (i64.store (i32.const 72) (local.get $a))
    (i64.store (i32.const 80) (local.get $b))
    (if (i32.eq (local.get $tag) (i32.const 2))
      (then (i32.store (i32.const 76) (i32.wrap_i64 (local.get $b)))))
    (i32.const 64))
  (func ${exported('read-clock')} (param $times i32) (result i64) (local $sum i64)
    (loop $again
      (local.set $sum (i64.add (local.get $sum) (call $now)))
      (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
    (local.get $sum))
  (func ${exported('write-notes')} (param $times i32)
    (loop $again
      (call $note (i32.const 288) (i32.const ${note.length}))
      (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1))))))
  (func ${exported('[constructor]counter')} (param i32) (result i32) (local $at i32)
    (local.set $at (i32.const 1024))
    (i32.store (local.get $at) (local.get 0))
    (call $new-counter (local.get $at)))
  (func ${exported('[method]counter.add')} (param i32 i32) (result i32)
    (i32.store (local.get 0) (i32.add (i32.load (local.get 0)) (local.get 1)))
    (i32.load (local.get 0)))
  ${
    async
      ? `(func ${exported('soon')} (param i32) (result i32) (local.get 0))
  (func ${exported('later')} (param i32) (result i32) (call $pause) (local.get 0))`
      : ''
  }
)`;
}

/**
 * The same work as an Extism plugin: input comes and output goes through Extism's own memory, eight bytes a call.
 * What does not travel as bytes there has no function.
 */
const extismPlugin = `(module
  (import "extism:host/env" "input_length" (func $input-length (result i64)))
  (import "extism:host/env" "input_load_u64" (func $input-load (param i64) (result i64)))
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u64" (func $store (param i64 i64)))
  (import "extism:host/env" "store_u8" (func $store-byte (param i64 i32)))
  (import "extism:host/env" "input_load_u8" (func $input-load-byte (param i64) (result i32)))
  (import "extism:host/env" "output_set" (func $output-set (param i64 i64)))
  ${shared}
  (func $take (result i32) (local $length i32) (local $at i32) (local $i i32)
    (local.set $length (i32.wrap_i64 (call $input-length)))
    (local.set $at (call $realloc (i32.const 0) (i32.const 0) (i32.const 8) (local.get $length)))
    (block $words-end (loop $words
      (br_if $words-end (i32.gt_u (i32.add (local.get $i) (i32.const 8)) (local.get $length)))
      (i64.store (i32.add (local.get $at) (local.get $i)) (call $input-load (i64.extend_i32_u (local.get $i))))
      (local.set $i (i32.add (local.get $i) (i32.const 8)))
      (br $words)))
    (block $bytes-end (loop $bytes
      (br_if $bytes-end (i32.ge_u (local.get $i) (local.get $length)))
      (i32.store8 (i32.add (local.get $at) (local.get $i)) (call $input-load-byte (i64.extend_i32_u (local.get $i))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $bytes)))
    (call $echo (local.get $at) (local.get $length)))
  (func $give (param $at i32) (param $length i32) (local $to i64) (local $i i32)
    (local.set $to (call $alloc (i64.extend_i32_u (local.get $length))))
    (block $words-end (loop $words
      (br_if $words-end (i32.gt_u (i32.add (local.get $i) (i32.const 8)) (local.get $length)))
      (call $store (i64.add (local.get $to) (i64.extend_i32_u (local.get $i)))
        (i64.load (i32.add (local.get $at) (local.get $i))))
      (local.set $i (i32.add (local.get $i) (i32.const 8)))
      (br $words)))
    (block $bytes-end (loop $bytes
      (br_if $bytes-end (i32.ge_u (local.get $i) (local.get $length)))
      (call $store-byte (i64.add (local.get $to) (i64.extend_i32_u (local.get $i)))
        (i32.load8_u (i32.add (local.get $at) (local.get $i))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $bytes)))
    (call $output-set (local.get $to) (i64.extend_i32_u (local.get $length))))
  (func (export "echo") (result i32) (local $area i32)
    (local.set $area (call $take))
    (call $give (i32.load (local.get $area)) (i32.load offset=4 (local.get $area)))
    (call $free)
    (i32.const 0))
  (func (export "is_odd") (result i32)
    (i32.store (i32.const 64) (i32.and (call $input-load-byte (i64.const 0)) (i32.const 1)))
    (call $give (i32.const 64) (i32.const 1))
    (i32.const 0))
)`;

/** The bare core module of the guest with its `async func`s. */
export function coreBinary(): Promise<Uint8Array> {
  return parse(core(true));
}

export async function componentBinary(options: { readonly async: boolean }): Promise<Uint8Array> {
  const binary = await parse(core(options.async));
  return componentNew(await componentEmbed({ binary, witSource: wit(options.async), world: 'guest' }));
}

export function pluginBinary(): Promise<Uint8Array> {
  return parse(extismPlugin);
}
