/**
 * A guest chooses how deep it is when it calls a host service. Wherever the stack ends, the service has
 * either done all of its work or not begun: its structures are never half changed.
 */
import { expect, test } from 'vitest';
import type { CapabilityContract } from '../../host/capability/contract.ts';
import { DEFAULT_SUPERVISION } from '../../host/config/model.ts';
import { makeComponent } from '../component/make-component.ts';
import { witPackage } from './probe.ts';
import { type Supervised, supervise } from './supervised.ts';

interface Diver {
  log(depth: number): void;
  timer(depth: number): void;
  clock(depth: number): void;
}

const Diver: CapabilityContract<Diver> = {
  name: 'diver',
  interface: 'test:diver/diver@1.0.0',
  description: 'Calls a host service from a chosen depth.',
  functions: { log: 'func(depth: u32)', timer: 'func(depth: u32)', clock: 'func(depth: u32)' },
};

const E = 'weir:extension';
const dive = (name: string, call: string) => `
  (func $${name} (export "test:diver/diver@1.0.0#${name}") (param $depth i32)
    (if (local.get $depth)
      (then (call $${name} (i32.sub (local.get $depth) (i32.const 1))))
      (else ${call})))`;

const core = `(module
  (import "${E}/log@0.1.0" "write" (func $write (param i32 i32 i32 i32 i32)))
  (import "${E}/clock@0.1.0" "now-ms" (func $now (result i64)))
  (import "${E}/timers@0.1.0" "after" (func $after (param i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 512) "hello")
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) i32.const 1024)
  (func (export "${E}/lifecycle@0.1.0#start") (result i32) i32.const 0)
  (func (export "${E}/lifecycle@0.1.0#on-timer") (param i32))
  (func (export "${E}/lifecycle@0.1.0#stop") (param i32))
  ${dive('log', '(call $write (i32.const 2) (i32.const 512) (i32.const 5) (i32.const 0) (i32.const 0))')}
  ${dive('timer', '(drop (call $after (i32.const 1000000)))')}
  ${dive('clock', '(drop (call $now))')})`;

async function diving(): Promise<Supervised & { diver: Diver }> {
  const wit = `package test:diver@1.0.0;
interface diver { log: func(depth: u32); timer: func(depth: u32); clock: func(depth: u32); }
world guest {
  import weir:extension/log@0.1.0;
  import weir:extension/clock@0.1.0;
  import weir:extension/timers@0.1.0;
  export weir:extension/lifecycle@0.1.0;
  export diver;
}
${await witPackage('extension')}`;
  const bytes = await makeComponent({ wit, world: 'guest', core });
  const limits = { logLinesPerSecond: 1_000_000, timers: 65_536 };
  const supervision = {
    ...DEFAULT_SUPERVISION,
    restart: { max: 1_000_000, windowMs: 1, backoff: { initialMs: 1, maxMs: 1, jitter: 0 } },
  };
  const supervised = await supervise({ limits, supervision }, [], {}, { bytes, contract: Diver });
  return { ...supervised, diver: supervised.instance.bind(Diver, 'other') };
}

test.each(['log', 'timer', 'clock'] as const)(
  '%s: at every depth about the end of the stack',
  async (service) => {
    const { instance, diver, clock, lines } = await diving();
    instance.start();
    const status = () => instance.status().instances[0]!;
    const written = () => lines.filter(({ msg }) => msg === 'hello').length;
    let calls = 0;
    let faults = 0;
    let timers = 0;

    /** Does the call come back? Either way everything is as it must be. */
    const survives = async (depth: number): Promise<boolean> => {
      calls++;
      let error: unknown;
      try {
        diver[service](depth);
      } catch (thrown) {
        error = thrown;
      }
      if (error === undefined) {
        if (service === 'timer') timers++;
        expect(status()).toMatchObject({ state: 'ready', faults, timersPending: timers });
      } else {
        faults++;
        timers = 0;
        expect(error).toMatchObject({ faulted: true });
        expect(status()).toMatchObject({ faults, timersPending: 0 });
        expect(status().lastFaults.at(-1)).toMatchObject({ kind: 'stack-overflow', capability: 'diver' });
        await clock.advance(1);
        expect(status().state).toBe('ready');
      }
      if (service === 'log') expect(written()).toBe(calls - faults);
      return error === undefined;
    };

    // V8 may recompile the guest on the way, with smaller frames, and the end is then elsewhere: so it is looked for anew.
    let ends = 0;
    for (let round = 0; round < 8 && ends < 120; round++) {
      let deep = 1;
      while (await survives(deep)) deep *= 2;
      let shallow = deep / 2;
      while (deep - shallow > 1) {
        const middle = (deep + shallow) >>> 1;
        if (await survives(middle)) shallow = middle;
        else deep = middle;
      }
      // First the host would have too little stack; some frames on, the guest itself.
      for (let depth = shallow - 60; depth < deep + 60; depth++) if (!(await survives(depth))) ends++;
      for (let depth = deep; depth < 1.3 * deep; depth += 97) if (!(await survives(depth))) ends++;
    }
    expect(ends).toBeGreaterThan(60);
    expect(instance.status().instances[0]).toMatchObject({
      faults,
      restarts: faults,
      faultsByKind: { 'stack-overflow': faults },
    });
  },
);
