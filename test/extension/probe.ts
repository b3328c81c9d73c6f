/**
 * An extension for tests, in WebAssembly text: it does on command what extensions do, well or badly.
 * Its contract is not one of Weir's, so it also stands for the contracts of a program that embeds Weir.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CapabilityContract } from '../../host/capability/contract.ts';
import { makeComponent } from '../component/make-component.ts';

export interface Probe {
  /** Fault in a certain way: see `faults`. */
  fault(kind: number): void;
  /** How often this was called since the instance was made. */
  count(): number;
  /** How often `on-timer` was called since the instance was made. */
  timersDue(): number;
  setTimer(delayMs: number, repeated: boolean): number;
  cancelTimer(timer: number): void;
  /** Write so many log lines. */
  say(lines: number): void;
  /** `n`, or an error for an odd one. */
  even(n: number): number;
  /** Bytes of the JSON that `configure` got; 0 when it was not called. */
  configLength(): number;
  /** Waits for ever, as far as the guest is concerned: it returns at once. */
  later(): Promise<number>;
}

export const Probe: CapabilityContract<Probe> = {
  name: 'probe',
  interface: 'test:probe/probe@1.0.0',
  description: 'For tests.',
  functions: {
    fault: 'func(kind: u32)',
    count: 'func() -> u32',
    timersDue: 'func() -> u32',
    setTimer: 'func(delay-ms: u32, repeated: bool) -> u32',
    cancelTimer: 'func(timer: u32)',
    say: 'func(lines: u32)',
    even: 'func(n: u32) -> result<u32, string>',
    configLength: 'func() -> u32',
    later: 'async func() -> u32',
  },
};

/** What `fault` takes: ways to fault, and the kind by which a fault of that way is told. */
export const faults = {
  unreachable: 0,
  'memory-out-of-bounds': 1,
  'integer-divide-by-zero': 2,
  'integer-overflow': 3,
  'stack-overflow': 4,
  'indirect-call': 5,
  'table-out-of-bounds': 6,
  deadline: 7,
} as const;

/** Configurations (as JSON strings, told apart by their length) that the probe does not take well. */
export const badConfigs = {
  refusedByConfigure: 'refuse',
  trapsInConfigure: 'trap',
  refusedByStart: 'start-err',
  trapsInStart: 'start-trap',
  /** Traps in `start` while the clock's milliseconds, modulo 10,000, are between 1 and 4,999. */
  trapsInStartForAWhile: 'start-traps-a-while',
  spinsInStart: 'start-spins-',
  trapsInStop: 'trap-in-stop-',
  trapsInTimer: 'trap-in-timer--',
} as const;

const ofLength = (json: number) => 'x'.repeat(json - 2);

/** Configurations that change when a probe with readiness says that it is ready; without one, in `start`. */
export const readiness = {
  afterATimer: ofLength(23),
  neverWithATimer: ofLength(25),
  neverWithout: ofLength(27),
  trapsInATimer: ofLength(29),
} as const;

/** Configurations that change how a probe with a checkpoint, which holds its count, treats it. */
export const checkpoint = {
  trapsInSave: ofLength(31),
  refusesToRestore: ofLength(33),
  savesAPage: ofLength(35),
  trapsInRestore: ofLength(37),
} as const;

const ALL_EXPORTS = ['configured', 'lifecycle', 'probe'] as const;

/** The probe, exporting the named interfaces alone; `readiness` among them is one that it imports. */
export async function makeProbe(exported: readonly string[] = ALL_EXPORTS): Promise<Uint8Array> {
  const name = (one: string) => (one === 'probe' ? 'probe' : `weir:extension/${one}@0.1.0`);
  const timers = exported.includes('lifecycle');
  const signals = exported.includes('readiness');
  const wit = `package test:probe@1.0.0;
interface probe {
  fault: func(kind: u32);
  count: func() -> u32;
  timers-due: func() -> u32;
  set-timer: func(delay-ms: u32, repeated: bool) -> u32;
  cancel-timer: func(timer: u32);
  say: func(lines: u32);
  even: func(n: u32) -> result<u32, string>;
  config-length: func() -> u32;
  later: async func() -> u32;
}
world guest {
  import weir:extension/log@0.1.0;
  import weir:extension/clock@0.1.0;
  ${timers ? 'import weir:extension/timers@0.1.0;' : ''}
  ${signals ? 'import weir:extension/readiness@0.1.0;' : ''}
  ${exported
    .filter((one) => one !== 'readiness')
    .map((one) => `export ${name(one)};`)
    .join('\n  ')}
}
${await witPackage('extension')}`;
  return makeComponent({ wit, world: 'guest', core: probeCore(exported, timers) });
}

/** What the manifest of a probe says of its interfaces. */
export function probeInterfaces(exported: readonly string[] = ALL_EXPORTS): {
  exports: string[];
  imports: string[];
} {
  const name = (one: string) => (one === 'probe' ? Probe.interface : `weir:extension/${one}@0.1.0`);
  const imports = ['log', 'clock', ...(exported.includes('lifecycle') ? ['timers'] : [])];
  return { exports: exported.map(name), imports: imports.map(name) };
}

/** A file of `wit/` as a package within another file. */
export async function witPackage(name: string): Promise<string> {
  const text = await readFile(join(import.meta.dirname, '../../wit', name, `${name}.wit`), 'utf8');
  const start = text.indexOf('package ');
  return `${text.slice(start).replace(';', ' {')}\n}`;
}

function probeCore(exported: readonly string[], timers: boolean): string {
  const only = (one: string, text: string) => (exported.includes(one) ? text : '');
  const E = 'weir:extension';
  return `(module
  (import "${E}/log@0.1.0" "write" (func $write (param i32 i32 i32 i32 i32)))
  (import "${E}/clock@0.1.0" "now-ms" (func $now (result i64)))
  ${only('readiness', `(import "${E}/readiness@0.1.0" "signal-ready" (func $ready))`)}
  ${
    timers
      ? `(import "${E}/timers@0.1.0" "after" (func $after (param i32) (result i32)))
         (import "${E}/timers@0.1.0" "every" (func $every (param i32) (result i32)))
         (import "${E}/timers@0.1.0" "cancel" (func $cancel (param i32)))`
      : `(func $after (param i32) (result i32) unreachable)
         (func $every (param i32) (result i32) unreachable)
         (func $cancel (param i32) unreachable)`
  }
  ${exported.includes('readiness') ? '' : '(func $ready)'}
  (memory (export "memory") 1)
  (table 2 funcref)
  (type $void (func))
  (global $count (mut i32) (i32.const 0))
  (global $due (mut i32) (i32.const 0))
  (global $config (mut i32) (i32.const 0))
  (global $heap (mut i32) (i32.const 4096))
  (data (i32.const 512) "hello\\1b[31m\\nworld")
  (data (i32.const 544) "key")
  (data (i32.const 560) "value")
  (data (i32.const 576) "odd")
  (data (i32.const 592) "no such setting")
  (func (export "cabi_realloc") (param i32 i32 i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $heap) (i32.const 7)) (i32.const -8)))
    (global.set $heap (i32.add (local.get $at) (local.get $size)))
    local.get $at)
  (func $err (param $text i32) (param $length i32) (result i32)
    (i32.store8 (i32.const 64) (i32.const 1))
    (i32.store (i32.const 68) (local.get $text))
    (i32.store (i32.const 72) (local.get $length))
    i32.const 64)
  (func $ok (param $value i32) (result i32)
    (i32.store8 (i32.const 64) (i32.const 0))
    (i32.store (i32.const 68) (local.get $value))
    i32.const 64)
  (func $config-is (param $length i32) (result i32) (i32.eq (global.get $config) (local.get $length)))
  (func $overflow (param i32) (result i32)
    (i32.add (call $overflow (i32.add (local.get 0) (i32.const 1))) (i32.const 1)))
  ${only(
    'configured',
    `(func (export "${E}/configured@0.1.0#configure") (param i32 i32) (result i32)
      (global.set $config (local.get 1))
      (if (call $config-is (i32.const 6)) (then unreachable))
      (if (call $config-is (i32.const 8)) (then (return (call $err (i32.const 592) (i32.const 15)))))
      (call $ok (i32.const 0)))`,
  )}
  ${only(
    'lifecycle',
    `(func (export "${E}/lifecycle@0.1.0#start") (result i32)
      (local $ms i64)
      (if (call $config-is (i32.const 11)) (then (return (call $err (i32.const 592) (i32.const 15)))))
      (if (call $config-is (i32.const 12)) (then unreachable))
      (if (call $config-is (i32.const 14)) (then (loop (br 0))))
      (if (call $config-is (i32.const 21)) (then
        (local.set $ms (i64.rem_u (call $now) (i64.const 10000)))
        (if (i32.and (i64.gt_u (local.get $ms) (i64.const 0)) (i64.lt_u (local.get $ms) (i64.const 5000)))
          (then unreachable))))
      (if (i32.or (call $config-is (i32.const 23)) (call $config-is (i32.const 29)))
        (then (drop (call $after (i32.const 100)))))
      (if (call $config-is (i32.const 25)) (then (drop (call $every (i32.const 1000)))))
      (if (i32.or (i32.lt_u (global.get $config) (i32.const 23)) (i32.gt_u (global.get $config) (i32.const 29)))
        (then (call $ready)))
      (call $ok (i32.const 0)))
    (func (export "${E}/lifecycle@0.1.0#on-timer") (param i32)
      (if (call $config-is (i32.const 23)) (then (call $ready)))
      (if (call $config-is (i32.const 29)) (then unreachable))
      (global.set $due (i32.add (global.get $due) (i32.const 1)))
      (if (call $config-is (i32.const 17)) (then unreachable)))
    (func (export "${E}/lifecycle@0.1.0#stop") (param i32)
      (if (call $config-is (i32.const 15)) (then unreachable))
      (call $write (i32.const 2) (i32.const 512) (i32.const 5) (i32.const 0) (i32.const 0)))`,
  )}
  ${only(
    'checkpoint',
    `(func (export "${E}/checkpoint@0.1.0#save") (result i32)
      (if (call $config-is (i32.const 31)) (then unreachable))
      (i32.store (i32.const 256) (global.get $count))
      (i32.store (i32.const 320) (i32.const 256))
      (i32.store (i32.const 324) (i32.const 4))
      (if (call $config-is (i32.const 35)) (then
        (i32.store (i32.const 320) (i32.const 0))
        (i32.store (i32.const 324) (i32.const 65536))))
      i32.const 320)
    (func (export "${E}/checkpoint@0.1.0#restore") (param i32 i32) (result i32)
      (if (call $config-is (i32.const 37)) (then unreachable))
      (if (call $config-is (i32.const 33)) (then (return (call $err (i32.const 592) (i32.const 15)))))
      (global.set $count (i32.load (local.get 0)))
      (call $ok (i32.const 0)))`,
  )}
  ${only(
    'probe',
    `(func (export "test:probe/probe@1.0.0#fault") (param $kind i32)
      (if (i32.eq (local.get $kind) (i32.const 0)) (then unreachable))
      (if (i32.eq (local.get $kind) (i32.const 1)) (then (drop (i32.load (i32.const -8)))))
      (if (i32.eq (local.get $kind) (i32.const 2))
        (then (drop (i32.div_u (local.get $kind) (i32.sub (local.get $kind) (i32.const 2))))))
      (if (i32.eq (local.get $kind) (i32.const 3)) (then (drop (i32.trunc_f64_s (f64.const 1e300)))))
      (if (i32.eq (local.get $kind) (i32.const 4)) (then (drop (call $overflow (local.get $kind)))))
      (if (i32.eq (local.get $kind) (i32.const 5)) (then (call_indirect (type $void) (i32.const 1))))
      (if (i32.eq (local.get $kind) (i32.const 6)) (then (drop (table.get 0 (local.get $kind)))))
      (if (i32.eq (local.get $kind) (i32.const 7)) (then (loop (br 0)))))
    (func (export "test:probe/probe@1.0.0#count") (result i32)
      (global.set $count (i32.add (global.get $count) (i32.const 1)))
      global.get $count)
    (func (export "test:probe/probe@1.0.0#timers-due") (result i32) global.get $due)
    (func (export "test:probe/probe@1.0.0#set-timer") (param i32 i32) (result i32)
      (if (result i32) (local.get 1)
        (then (call $every (local.get 0)))
        (else (call $after (local.get 0)))))
    (func (export "test:probe/probe@1.0.0#cancel-timer") (param i32) (call $cancel (local.get 0)))
    (func (export "test:probe/probe@1.0.0#say") (param $lines i32)
      (i32.store (i32.const 128) (i32.const 544)) (i32.store (i32.const 132) (i32.const 3))
      (i32.store (i32.const 136) (i32.const 560)) (i32.store (i32.const 140) (i32.const 5))
      (block $done
        (loop $again
          (br_if $done (i32.eqz (local.get $lines)))
          (local.set $lines (i32.sub (local.get $lines) (i32.const 1)))
          (call $write (i32.const 3) (i32.const 512) (i32.const 16) (i32.const 128) (i32.const 1))
          (br $again))))
    (func (export "test:probe/probe@1.0.0#even") (param $n i32) (result i32)
      (if (result i32) (i32.and (local.get $n) (i32.const 1))
        (then (call $err (i32.const 576) (i32.const 3)))
        (else (call $ok (local.get $n)))))
    (func (export "test:probe/probe@1.0.0#config-length") (result i32) global.get $config)
    (func (export "test:probe/probe@1.0.0#later") (result i32) i32.const 42)`,
  )})`;
}
