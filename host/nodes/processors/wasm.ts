/**
 * `processor:wasm`: hands each batch to a processor guest and does what it answers.
 *
 * | the guest | the batch |
 * |---|---|
 * | forwards bytes | goes on as these bytes, once they are found to be valid OTLP |
 * | says unchanged | goes on as it came |
 * | drops | is acknowledged: dropping is what the guest is there for |
 * | returns an error | is nacked, as permanent or not |
 * | faults, or is down | `on_fault` decides |
 *
 * A batch that faults the guest each time it comes would be sent again for ever: after `max_faults`
 * times `on_poison_batch` decides. A batch that comes again is known by its bytes.
 */
import { hash } from 'node:crypto';
import { z } from 'zod';
import { type ProcessError, type ProcessOutcome, ProcessorGuest } from '../../capability/contracts.ts';
import { CapabilityError } from '../../capability/errors.ts';
import { ComponentError } from '../../component/errors.ts';
import { guestText } from '../../extension/guest-text.ts';
import type { Batch } from '../../pipeline/batch.ts';
import type { Delivery } from '../../pipeline/delivery.ts';
import { MalformedOtlpError } from '../../pipeline/errors.ts';
import type { NodeContext, NodeType, Output, Processor } from '../../pipeline/node.ts';
import { checkOtlp } from '../../pipeline/otlp/check.ts';

const schema = z.strictObject({
  on_fault: z
    .enum(['nack', 'drop', 'pass'])
    .default('nack')
    .describe(
      'What happens to a batch when the guest faults on it or is down. nack: the sender may send it again. ' +
        'drop: it is lost, and acknowledged. pass: it goes on as it came, unprocessed.',
    ),
  max_faults: z
    .int()
    .min(1)
    .default(5)
    .describe(
      'With `on_fault: nack`: after so many faults in a row on the same batch, `on_poison_batch` decides.',
    ),
  on_poison_batch: z
    .enum(['nack', 'drop', 'pass'])
    .default('nack')
    .describe(
      'What happens to a batch that faulted the guest `max_faults` times. nack: refused for good, the sender ' +
        'must not send it again. drop and pass: as with `on_fault`.',
    ),
  check_output: z
    .boolean()
    .default(true)
    .describe('Check that what the guest forwards is valid OTLP. What is not counts as a fault.'),
});

type Config = z.output<typeof schema>;

/** Batches whose faults are remembered; the longest unseen one is forgotten first. */
const REMEMBERED = 1_024;

/** What a sender is told when the guest faulted or is down, ms: it is usually back much sooner. */
const RETRY_AFTER_MS = 1_000;

class WasmProcessor implements Processor {
  readonly #config: Config;
  readonly #context: NodeContext;
  readonly #guest: ProcessorGuest;
  readonly #faults = new FaultMemory(REMEMBERED);

  constructor(config: Config, context: NodeContext) {
    this.#config = config;
    this.#context = context;
    this.#guest = context.capabilities.require(ProcessorGuest);
  }

  process(delivery: Delivery, output: Output): void | Promise<void> {
    const { batch } = delivery;
    let outcome: ProcessOutcome;
    try {
      outcome = this.#guest.process(batch.signal, batch.bytes);
      if (outcome.tag === 'forward' && this.#config.check_output) checkOtlp(batch.signal, outcome.val);
    } catch (error) {
      return this.#failed(delivery, output, error);
    }
    this.#faults.forget(batch);
    switch (outcome.tag) {
      case 'drop':
        this.#context.count('dropped_by_guest');
        return delivery.ack();
      case 'unchanged':
        return pass(delivery, batch, output);
      case 'forward':
        return pass(delivery, { ...batch, bytes: outcome.val }, output);
    }
  }

  #failed(delivery: Delivery, output: Output, error: unknown): void | Promise<void> {
    const refusal = processError(error);
    if (refusal !== undefined) {
      this.#faults.forget(delivery.batch);
      this.#context.count('refused_by_guest');
      return delivery.nack({
        reason: guestText(refusal.message),
        permanent: refusal.permanent,
        cause: 'refused',
      });
    }
    if (error instanceof CapabilityError) {
      const { faulted, message } = error;
      return faulted ? this.#faulted(delivery, output, message) : this.#down(delivery, output, message);
    }
    if (!(error instanceof MalformedOtlpError)) throw error;
    const message = `the guest forwarded bytes that are not valid OTLP: ${error.message}`;
    return this.#faulted(delivery, output, message);
  }

  #faulted(delivery: Delivery, output: Output, message: string): void | Promise<void> {
    const { on_fault, max_faults, on_poison_batch } = this.#config;
    this.#context.count('guest_faults');
    if (on_fault !== 'nack') return this.#act(on_fault, delivery, output);
    const times = this.#faults.add(delivery.batch);
    if (times < max_faults) return this.#nack(delivery, message);
    this.#faults.forget(delivery.batch);
    this.#context.count('poison_batches');
    const selfTelemetry = delivery.batch.selfTelemetry === true ? { selfTelemetry: true } : {};
    this.#context.log.warn(
      { times, action: on_poison_batch, signal: delivery.batch.signal, ...selfTelemetry },
      'a batch faulted the guest too often',
    );
    if (on_poison_batch !== 'nack') return this.#act(on_poison_batch, delivery, output);
    const reason = `the batch faulted the guest ${times} times in a row: ${message}`;
    delivery.nack({ reason, permanent: true, cause: 'guest-fault' });
  }

  #down(delivery: Delivery, output: Output, message: string): void | Promise<void> {
    this.#context.count('guest_down');
    const { on_fault } = this.#config;
    return on_fault === 'nack' ? this.#nack(delivery, message) : this.#act(on_fault, delivery, output);
  }

  #nack(delivery: Delivery, reason: string): void {
    delivery.nack({ reason, permanent: false, cause: 'guest-fault', retryAfterMs: RETRY_AFTER_MS });
  }

  #act(action: 'drop' | 'pass', delivery: Delivery, output: Output): void | Promise<void> {
    if (action === 'pass') {
      this.#context.count('passed_unprocessed');
      return pass(delivery, delivery.batch, output);
    }
    this.#context.count('dropped_on_fault');
    delivery.ack();
  }
}

function pass(delivery: Delivery, batch: Batch, output: Output): Promise<void> {
  return output.send(batch, (outcome) => delivery.settle(outcome));
}

/** The `err` that the guest returned, if that is what was thrown. */
function processError(error: unknown): ProcessError | undefined {
  return error instanceof ComponentError ? (error.payload as ProcessError) : undefined;
}

/** How often each batch faulted the guest in a row. Costs nothing while there are no faults. */
class FaultMemory {
  readonly #limit: number;
  readonly #times = new Map<string, number>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** @returns how often it now is */
  add(batch: Batch): number {
    const key = keyOf(batch);
    const times = (this.#times.get(key) ?? 0) + 1;
    // Taken out and put in again, a key moves to the end: the first one is the longest unseen.
    this.#times.delete(key);
    this.#times.set(key, times);
    if (this.#times.size > this.#limit) this.#times.delete(this.#times.keys().next().value!);
    return times;
  }

  forget(batch: Batch): void {
    if (this.#times.size > 0) this.#times.delete(keyOf(batch));
  }
}

function keyOf({ signal, bytes }: Batch): string {
  return `${signal} ${hash('sha256', bytes, 'base64')}`;
}

export const wasmProcessor: NodeType<'processor', Config> = {
  type: 'processor:wasm',
  kind: 'processor',
  description: 'Hands each batch to a processor guest: an extension that exports weir:processor.',
  schema,
  capabilities: [],
  takesGuest: true,
  create: (config, context) => new WasmProcessor(config, context),
};
