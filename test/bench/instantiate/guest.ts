/**
 * Guests of a wanted size: `work: func(n: u32) -> u32` and a host that it may ask the time, in one core module with
 * as much other code as makes it that large.
 */
import { componentEmbed, componentNew, parse } from '@bytecodealliance/jco-transpile/wasm-tools';

export const guestInterface = 'bench:size/guest';
export const hostInterface = 'bench:size/host';

const wit = `package bench:size;
interface host { now: func() -> u64; note: func(text: string); }
interface guest { work: func(n: u32) -> u32; greet: func(name: string) -> string; }
world sized { import host; export guest; }`;

/** Code bytes of one filler function, about. */
const fillerBytes = 100;

/** A function of some arithmetic, unlike its neighbours. */
function filler(index: number): string {
  const steps = Array.from(
    { length: 10 },
    (_, i) =>
      `(local.set $x (i32.add (i32.mul (local.get $x) (i32.const ${index + i + 7})) (i32.const ${i})))`,
  );
  return `(func $f${index} (param $x i32) (result i32) ${steps.join(' ')} (local.get $x))`;
}

function coreText(bytes: number): string {
  const fillers = Math.max(1, Math.round((bytes - 1_000) / fillerBytes));
  return `(module
  (import "${hostInterface}" "now" (func $now (result i64)))
  (import "${hostInterface}" "note" (func $note (param i32 i32)))
  (memory (export "memory") 2)
  (table ${fillers} funcref)
  (elem (i32.const 0) ${Array.from({ length: fillers }, (_, i) => `$f${i}`).join(' ')})
  (data (i32.const 1024) "some initial data that every instance gets a copy of")
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))
  (func (export "${guestInterface}#work") (param i32) (result i32)
    (call $note (i32.const 1024) (i32.const 4))
    (i32.add (i32.wrap_i64 (call $now)) (call_indirect (param i32) (result i32) (local.get 0) (i32.const 0))))
  (func (export "${guestInterface}#greet") (param i32 i32) (result i32)
    (i32.store (i32.const 64) (local.get 0))
    (i32.store (i32.const 68) (local.get 1))
    (i32.const 64))
  ${Array.from({ length: fillers }, (_, i) => filler(i)).join('\n  ')}
)`;
}

/** @param bytes about how large the core module is */
export function coreBinary(bytes: number): Promise<Uint8Array> {
  return parse(coreText(bytes));
}

export async function componentBinary(bytes: number): Promise<Uint8Array> {
  const binary = await coreBinary(bytes);
  return componentNew(await componentEmbed({ binary, witSource: wit, world: 'sized' }));
}
