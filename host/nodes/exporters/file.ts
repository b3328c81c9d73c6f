/**
 * `exporter:file`: appends each batch as one line of OTLP/JSON, the form of the OpenTelemetry
 * Collector's file exporter. A batch is acknowledged once its line is written (and, with
 * `fsync: always`, on the disk). `json-lines-file.ts` owns the file; here is what it means for deliveries.
 *
 * Batches that arrive while a write is under way share the next one, so that one fsync serves many.
 */
import { resolve } from 'node:path';
import { z } from 'zod';
import type { Timer } from '../../clock.ts';
import { byteSize, duration } from '../../config/units.ts';
import type { Delivery } from '../../pipeline/delivery.ts';
import type { Exporter, NodeContext, NodeType } from '../../pipeline/node.ts';
import { otlpToJson } from '../../pipeline/otlp/to-json.ts';
import { JsonLinesFile } from './json-lines-file.ts';

const schema = z.strictObject({
  path: z
    .string()
    .min(1)
    .describe('The file. Relative to the folder of the configuration file; missing folders are made.'),
  fsync: z
    .enum(['always', 'interval', 'never'])
    .default('interval')
    .describe(
      'When written lines are forced onto the disk. With `always` a batch is acknowledged only after that.',
    ),
  fsync_interval: duration({ min: 10 }).prefault('1s').describe('How often, with `fsync: interval`.'),
  rotation: z
    .strictObject({
      max_bytes: byteSize({ min: 1 })
        .prefault('100 MiB')
        .describe('A file that would grow beyond this is put aside first.'),
      max_files: z
        .int()
        .min(1)
        .default(5)
        .describe('How many files that were put aside are kept: `NAME.1` is the newest.'),
    })
    .optional()
    .describe('Put the file aside when it is large. Without this it grows without end.'),
});

type Config = z.output<typeof schema>;

/** Lines that wait for the write under way; beyond this the channel fills. */
const MAX_WAITING = 64;
const MAX_WAITING_CHARACTERS = 16 * 2 ** 20;

/** What a sender is told when the disk is full or the file fails, ms. */
const RETRY_AFTER_MS = 1_000;

interface Waiting {
  readonly delivery: Delivery;
  readonly line: string;
}

class FileExporter implements Exporter {
  readonly #config: Config;
  readonly #context: NodeContext;
  readonly #file: JsonLinesFile;
  #waiting: Waiting[] = [];
  #waitingCharacters = 0;
  #writing: Promise<void> | undefined;
  #failing = false;
  #unsynced = false;
  #timer: Timer | undefined;

  constructor(config: Config, context: NodeContext) {
    this.#config = config;
    this.#context = context;
    this.#file = new JsonLinesFile(resolve(context.folder, config.path), config.rotation);
  }

  async start(): Promise<void> {
    const { cutBytes } = await this.#file.open();
    this.#context.show('path', this.#file.path);
    if (cutBytes > 0) {
      const { path } = this.#file;
      this.#context.log.warn({ path, bytes: cutBytes }, 'removed a half-written line at the end of the file');
    }
    if (this.#config.fsync === 'interval') {
      this.#timer = this.#context.clock.every(this.#config.fsync_interval, () => void this.#syncNow());
    }
  }

  export(delivery: Delivery): void | Promise<void> {
    const line = `${otlpToJson(delivery.batch.signal, delivery.batch.bytes)}\n`;
    this.#waiting.push({ delivery, line });
    this.#waitingCharacters += line.length;
    this.#writing ??= this.#write();
    if (this.#waiting.length >= MAX_WAITING || this.#waitingCharacters >= MAX_WAITING_CHARACTERS) {
      return this.#writing;
    }
  }

  async flush(): Promise<void> {
    await this.#writing;
  }

  async close(): Promise<void> {
    this.#timer?.cancel();
    await this.#writing;
    if (this.#config.fsync !== 'never') await this.#syncNow();
    await this.#file.close();
  }

  /** Write until nothing waits. Never rejects. */
  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      this.#waitingCharacters = 0;
      try {
        await this.#file.append(
          group.map(({ line }) => line),
          this.#config.fsync === 'always',
        );
      } catch (error) {
        this.#refuse(group, error);
        continue;
      }
      this.#unsynced = true;
      if (this.#failing) this.#context.log.info({ path: this.#file.path }, 'writing to the file works again');
      this.#failing = false;
      for (const { delivery } of group) delivery.ack();
    }
    this.#writing = undefined;
  }

  #refuse(group: readonly Waiting[], error: unknown): void {
    const reason = `cannot write to ${this.#file.path}: ${problemOf(error)}`;
    this.#context.count('write_errors');
    // Once per outage: a line for each batch would fill what little room there is.
    if (!this.#failing) this.#context.log.error({ err: error }, `${reason}; batches are not acknowledged`);
    this.#failing = true;
    for (const { delivery } of group) {
      delivery.nack({ reason, permanent: false, cause: 'refused', retryAfterMs: RETRY_AFTER_MS });
    }
  }

  async #syncNow(): Promise<void> {
    if (!this.#unsynced) return;
    this.#unsynced = false;
    try {
      await this.#file.sync();
    } catch (error) {
      this.#context.count('sync_errors');
      this.#context.log.error({ err: error }, `cannot force ${this.#file.path} onto the disk`);
    }
  }
}

function problemOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC') return 'the disk is full (ENOSPC)';
  if (code === 'EDQUOT') return 'the disk quota is used up (EDQUOT)';
  return message;
}

export const fileExporter: NodeType<'exporter', Config> = {
  type: 'exporter:file',
  kind: 'exporter',
  description: 'Appends batches to a file, one line of OTLP/JSON each.',
  schema,
  capabilities: [],
  create: (config, context) => new FileExporter(config, context),
};
