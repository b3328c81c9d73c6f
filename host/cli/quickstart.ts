/**
 * `weir quickstart`: the pipeline of `guests/quickstart.yaml` at work, with a commentary. Its input is
 * real: the engine's own logs and spans, sent by the OpenTelemetry SDK over HTTP to its own receiver.
 * Now and then a record tells the `crasher` extension to trap; a ledger shows that nothing is lost.
 */
import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Command } from 'commander';
import { renderErrors } from '../config/render.ts';
import { checkConfig } from '../engine/configuration.ts';
import { Engine } from '../engine/engine.ts';
import type { PipelineEvent } from '../engine/engine-pipeline.ts';
import { packageFile } from '../package.ts';
import { followTelemetry, type StoredRecord } from './follow-telemetry.ts';
import { stopOnSignal } from './run.ts';
import { colors, exitCode, note, print, wantsColor } from './terminal.ts';

/** The token that `quickstart.yaml` knows the hash of. */
const TOKEN = 'weir-quickstart';
const HEARTBEAT_EVERY_MS = 1_000;
/** Every so many heartbeats one makes the crasher trap. */
const CRASH_EVERY = 5;
const TALLY_EVERY_MS = 10_000;

export function quickstartCommand(): Command {
  return new Command('quickstart')
    .description('show a pipeline with four sandboxed extensions at work, one of them faulty')
    .addHelpText(
      'after',
      '\nWEIR_QUICKSTART_LISTEN (127.0.0.1:4318) and WEIR_QUICKSTART_FILE (.weir/quickstart.jsonl) change where it listens and writes.',
    )
    .action(quickstart);
}

async function quickstart(): Promise<void> {
  const file = resolve(process.env.WEIR_QUICKSTART_FILE ?? '.weir/quickstart.jsonl');
  process.env.WEIR_QUICKSTART_FILE = file;
  mkdirSync(dirname(file), { recursive: true });
  const { config, errors } = await checkConfig(packageFile('guests', 'quickstart.yaml'));
  if (errors !== undefined) {
    process.stderr.write(renderErrors(errors, { color: wantsColor(process.stderr) }));
    process.exitCode = exitCode.invalid;
    return;
  }
  const ledger = new Ledger();
  const following = followTelemetry(file, (record) => ledger.stored(record));
  const engine = await Engine.run(config, {
    log: { destination: { write: writeErrors } },
    onEvent: (event) => ledger.happened(event),
  });
  introduce(engine, file);
  const heart = setInterval(() => ledger.beat(engine), HEARTBEAT_EVERY_MS);
  const tally = setInterval(() => ledger.tally(), TALLY_EVERY_MS);
  await stopOnSignal(engine);
  clearInterval(heart);
  clearInterval(tally);
  await following.stop();
  ledger.tally();
  print(colors.bold('drained; bye'));
}

/** Heartbeats sent, and the ones that came out at the far end. */
class Ledger {
  readonly #sent = new Map<number, string>();
  #count = 0;
  #records = 0;
  #masked = 0;
  #faults = 0;
  #restarts = 0;

  /** Write one line into the engine's log, which travels through the pipeline as telemetry. */
  beat(engine: Engine): void {
    this.#count += 1;
    const n = this.#count;
    const message = `heartbeat ${n}: ada@example.com paid with card 4111 1111 1111 1111`;
    const crash = n % CRASH_EVERY === 0 ? { 'weir.crash': 'unreachable' } : {};
    this.#sent.set(n, message);
    engine.log.info({ heartbeat: n, authorization: 'Bearer abcdef0123456789abcdef', ...crash }, message);
  }

  stored(record: StoredRecord): void {
    this.#records += 1;
    const n = Number(record.attributes.heartbeat);
    const sent = this.#sent.get(n);
    if (sent === undefined) return;
    this.#sent.delete(n);
    if (record.body !== sent) this.#masked += 1;
    print(`${colors.dim('sent  ')} ${sent}`);
    print(
      `${colors.dim('stored')} ${colors.green(record.body)} ${colors.dim(`authorization=${record.attributes.authorization}`)}`,
    );
  }

  happened(event: PipelineEvent): void {
    if (event.type === 'faulted') {
      this.#faults += 1;
      const next =
        event.restartInMs === undefined ? '' : `, a fresh instance ${delayText(event.restartInMs)}`;
      print(
        `${colors.red('fault ')} ${event.extension}: ${event.fault.kind}${next}; its batch is delivered again`,
      );
    } else if (event.type === 'restarted') {
      this.#restarts += 1;
      print(`${colors.yellow('ready ')} ${event.extension}: restarted`);
    }
  }

  tally(): void {
    const arrived = this.#count - this.#sent.size;
    print(
      colors.bold(
        `heartbeats: ${this.#count} sent, ${arrived} stored, ${this.#sent.size} under way; ${this.#masked} masked; ` +
          `${this.#records} records stored in all; crasher: ${this.#faults} faults, ${this.#restarts} restarts`,
      ),
    );
  }
}

function delayText(ms: number): string {
  return ms === 0 ? 'at once' : `in ${Math.round(ms)} ms`;
}

function introduce(engine: Engine, file: string): void {
  const [pipeline] = engine.status().pipelines;
  const address = pipeline?.nodes.find(({ kind }) => kind === 'receiver')?.facts.address ?? '127.0.0.1:4318';
  const path = pipeline?.nodes.map(({ id }) => id).join(' → ');
  print(colors.bold(`weir quickstart: ${path}`));
  for (const { name, kind, provides } of pipeline?.extensions ?? []) {
    print(`  ${name} ${colors.dim(`${kind}, provides ${provides.join(', ')}`)}`);
  }
  print(`What arrives is written to ${file}. Send something yourself:`);
  print(
    `  curl -i http://${address}/v1/logs -H 'authorization: Bearer ${TOKEN}' -H 'content-type: application/json' \\\n` +
      `    -d '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"hello from bob@example.com"}}]}]}]}'`,
  );
  print('or point any OpenTelemetry SDK at it:');
  print(`  export OTEL_EXPORTER_OTLP_ENDPOINT=http://${address}`);
  print('  export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf');
  print(`  export OTEL_EXPORTER_OTLP_HEADERS='authorization=Bearer%20${TOKEN}'`);
  print('Ctrl-C drains and ends it.\n');
}

/** The commentary tells the rest. */
function writeErrors(line: string): void {
  const { level, msg } = JSON.parse(line) as { level: number; msg: string };
  if (level >= 50) note(`${colors.red('error')} ${msg}`);
}
