/**
 * The shape of a configuration file, section by section. Each section has a schema of its own, so that
 * one broken entry does not hide the errors of the next; `load.ts` walks the sections and puts the
 * model together. A node's `config` is its node type's to describe, an extension's its component's.
 */
import { z } from 'zod';
import { grantsSchema } from './grants.ts';
import { DEFAULT_INSTANCES, DEFAULT_LIMITS, DEFAULT_POLICIES, DEFAULT_SUPERVISION } from './model.ts';
import { byteSize, duration, formatDuration } from './units.ts';

/** Names go into metrics, paths and URLs. */
export const nameSchema = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, {
  error: 'expected a name of at most 64 letters, digits, `.`, `_` and `-`, beginning with a letter or digit',
});

/** A section whose entries are checked one by one, elsewhere. */
const section = z.record(z.string(), z.unknown());

export const policiesSchema = z.strictObject({
  channel_capacity: z
    .strictObject({
      pdata: z
        .int()
        .min(1)
        .max(65_536)
        .optional()
        .describe(
          `Batches that fit in the channel in front of each node; ${DEFAULT_POLICIES.channelCapacity} where nothing is said.`,
        ),
    })
    .optional()
    .describe('Beyond this, whoever sends waits or is told to slow down.'),
});

export const engineSchema = z.strictObject({
  telemetry: z
    .strictObject({
      endpoint: z
        .url({ protocol: /^https?$/, error: 'expected a URL such as http://127.0.0.1:4318' })
        .describe("Where the engine's own logs and spans are sent."),
      headers: z.record(z.string(), z.string()).default({}).describe('Sent with every request.'),
    })
    .optional()
    .describe('What the engine tells of itself: logs and spans. Without this it sends none.'),
  shutdown_deadline: duration({ min: 1 }).prefault('10s').describe('How long a stop may take.'),
  instances: z
    .int()
    .min(1)
    .max(10_000)
    .default(DEFAULT_INSTANCES)
    .describe('Most component instances at one time, over all pipelines.'),
  trusted_keys: z
    .array(
      z.string().regex(/^ed25519:[A-Za-z0-9+/]{43}=$/, {
        error: 'expected a public key: `ed25519:` and 32 bytes in base64, as `weir keygen` prints it',
      }),
    )
    .default([])
    .describe('Public keys whose signatures of components count.'),
  require_signature: z
    .boolean()
    .default(false)
    .describe('Refuse components that none of `trusted_keys` signed.'),
});

export const rootSchema = z.strictObject({
  version: z.unknown().optional(),
  engine: z.unknown().optional(),
  policies: z.unknown().optional(),
  groups: section.describe('Pipelines, in groups.'),
});

export const groupSchema = z.strictObject({
  policies: z.unknown().optional(),
  pipelines: section.describe('Pipelines by name.'),
});

export const pipelineSchema = z.strictObject({
  policies: z.unknown().optional(),
  extensions: section.optional(),
  nodes: section.describe('Receivers, processors and exporters by name.'),
  connections: z.array(z.unknown()).describe('What leads from which node to which.'),
});

function count(max: number, byDefault: number, description: string) {
  return z.int().min(0).max(max).default(byDefault).describe(description);
}

const { restart } = DEFAULT_SUPERVISION;

const restartSchema = z.strictObject({
  max: z
    .int({ error: 'expected a number of faults; how long waits become is `backoff: { max: … }`' })
    .min(0)
    .max(100_000)
    .default(restart.max)
    .describe('Faults within `window` that are made good; one more, and the extension is quarantined.'),
  window: duration({ min: 1 })
    .prefault(formatDuration(restart.windowMs))
    .describe('Faults longer ago than this are forgotten.'),
  backoff: z
    .strictObject({
      initial: duration({ min: 1 })
        .prefault(formatDuration(restart.backoff.initialMs))
        .describe('Wait after the second fault within `window`; the first is made good at once.'),
      max: duration({ min: 1 })
        .prefault(formatDuration(restart.backoff.maxMs))
        .describe('Longest wait, reached by doubling.'),
      jitter: z
        .number()
        .min(0)
        .max(1)
        .default(restart.backoff.jitter)
        .describe('Part of each wait that is left to chance, 0 to 1.'),
    })
    .refine(({ initial, max }) => initial <= max, {
      path: ['max'],
      error: 'expected at least as long as `initial`',
    })
    .prefault({})
    .describe('How long further faults of a window have to wait.'),
});

export const extensionSchema = z.strictObject({
  wasm: z.string().min(1).describe("The component, relative to the configuration's folder."),
  sha256: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/, { error: 'expected a SHA-256 in hexadecimal: 64 digits' })
    .optional()
    .describe('The SHA-256 that the component must have, in hexadecimal.'),
  description: z.string().optional().describe('For whoever reads the file.'),
  config: section.optional().describe("The extension's own; its manifest says what it may hold."),
  limits: z
    .strictObject({
      module_size: byteSize({ min: 1, max: 2 ** 30 })
        .prefault(DEFAULT_LIMITS.moduleBytes)
        .describe('Largest component.'),
      functions: count(1_000_000, DEFAULT_LIMITS.functions, 'Most functions, over all core instances.'),
      globals: count(1_000_000, DEFAULT_LIMITS.globals, 'Most globals, over all core instances.'),
      memory: byteSize({ min: 65_536, max: 4 * 2 ** 30 })
        .prefault(DEFAULT_LIMITS.memoryBytes)
        .describe('Most memory, over all of its instances of linear memory.'),
      table_elements: count(
        10_000_000,
        DEFAULT_LIMITS.tableElements,
        'Most elements, over all of its instances of tables.',
      ),
      transfer_size: byteSize({ min: 1024, max: 2 ** 28 - 1 })
        .prefault(DEFAULT_LIMITS.transferBytes)
        .describe('Most bytes of one string or list that crosses between host and guest.'),
      lift_size: byteSize({ min: 1024, max: 2 ** 40 })
        .prefault(DEFAULT_LIMITS.liftBytes)
        .describe("Most of the host's memory that what a guest hands over in one call may take."),
      handles: count(2 ** 28 - 2, DEFAULT_LIMITS.handles, 'Most resource handles that are live at one time.'),
      timers: count(65_536, DEFAULT_LIMITS.timers, 'Most timers that may be pending.'),
      log_lines_per_second: count(
        1_000_000,
        DEFAULT_LIMITS.logLinesPerSecond,
        'Most lines in the log; further ones are counted and left out.',
      ),
      call_deadline: duration({ min: 1 })
        .prefault(formatDuration(DEFAULT_LIMITS.callDeadlineMs))
        .describe('Longest that one call may run.'),
      start_deadline: duration({ min: 1 })
        .prefault(formatDuration(DEFAULT_LIMITS.startDeadlineMs))
        .describe('Longest that each step of its start may run.'),
    })
    .prefault({})
    .describe('What a component instance of it may use.'),
  grants: grantsSchema,
  restart: restartSchema.prefault({}).describe('How it comes back after a fault.'),
  quarantine: z
    .strictObject({
      cooldown: duration({ min: 1 })
        .prefault(formatDuration(DEFAULT_SUPERVISION.quarantine.cooldownMs))
        .describe('How long a quarantined extension is left alone before it is probed.'),
    })
    .prefault({})
    .describe('What happens when it faulted too often.'),
  ready_within: duration({ min: 1 })
    .prefault(formatDuration(DEFAULT_SUPERVISION.readyWithinMs))
    .describe('How long it may take to be ready, if it is one that says so itself.'),
  checkpoint: z
    .strictObject({
      every: duration({ min: 1 })
        .prefault(formatDuration(DEFAULT_SUPERVISION.checkpoint.everyMs))
        .describe('How often one is taken.'),
      max_size: byteSize({ max: 2 ** 28 - 1 })
        .prefault(DEFAULT_SUPERVISION.checkpoint.maxBytes)
        .describe('Larger ones are not kept.'),
    })
    .prefault({})
    .describe('The state that it hands to its successor after a fault, if it is one that can.'),
});

export const nodeSchema = z.strictObject({
  type: z.string().describe('Its kind and what it is, e.g. `receiver:otlp`.'),
  capabilities: z
    .record(
      z.string(),
      z.union([
        z.string({ error: 'expected the name of an extension, or a list of names' }),
        z
          .array(z.string({ error: 'expected the name of an extension' }))
          .min(1, { error: 'expected at least one extension' }),
      ]),
    )
    .default({})
    .describe('Extension by capability; of a list, calls go to the first that is not down.'),
  guest: z.string().optional().describe('The extension that does the work, for types which take one.'),
  config: section.optional(),
});

const nodeName = z.string({ error: 'expected the name of a node' });
const ends = z.union([
  nodeName,
  z.array(nodeName, { error: 'expected a list of names' }).min(1, { error: 'expected at least one name' }),
]);

export const connectionSchema = z.strictObject({ from: ends, to: ends });

/**
 * Where each key that stands in the wrong place belongs. `config` and `description` stand in several
 * places, and so are no help.
 */
export const keyPlaces: Readonly<Record<string, string>> = {
  version: 'the top of the file',
  engine: 'the top of the file',
  groups: 'the top of the file',
  policies: 'the top of the file, a group or a pipeline',
  telemetry: '`engine`',
  shutdown_deadline: '`engine`',
  instances: '`engine`',
  trusted_keys: '`engine`',
  require_signature: '`engine`',
  sha256: "an extension's entry under `extensions`",
  endpoint: '`engine.telemetry`',
  pipelines: '`groups.<group>`',
  extensions: '`groups.<group>.pipelines.<pipeline>`',
  nodes: '`groups.<group>.pipelines.<pipeline>`',
  connections: '`groups.<group>.pipelines.<pipeline>`',
  wasm: "an extension's entry under `extensions`",
  limits: "an extension's entry under `extensions`",
  grants: "an extension's entry under `extensions`",
  restart: "an extension's entry under `extensions`",
  http: "`grants` of an extension's entry",
  fs: "`grants` of an extension's entry",
  env: "`grants` of an extension's entry",
  random: "`grants` of an extension's entry",
  stdout: "`grants` of an extension's entry",
  quarantine: "an extension's entry under `extensions`",
  ready_within: "an extension's entry under `extensions`",
  checkpoint: "an extension's entry under `extensions`",
  every: "`checkpoint` of an extension's entry",
  max_size: "`checkpoint` of an extension's entry",
  window: "`restart` of an extension's entry",
  backoff: "`restart` of an extension's entry",
  jitter: "`backoff` of an extension's `restart`",
  cooldown: "`quarantine` of an extension's entry",
  memory: "`limits` of an extension's entry",
  module_size: "`limits` of an extension's entry",
  functions: "`limits` of an extension's entry",
  globals: "`limits` of an extension's entry",
  table_elements: "`limits` of an extension's entry",
  transfer_size: "`limits` of an extension's entry",
  lift_size: "`limits` of an extension's entry",
  handles: "`limits` of an extension's entry",
  timers: "`limits` of an extension's entry",
  log_lines_per_second: "`limits` of an extension's entry",
  call_deadline: "`limits` of an extension's entry",
  start_deadline: "`limits` of an extension's entry",
  type: "a node's entry under `nodes`",
  capabilities: "a node's entry under `nodes`: nodes use capabilities, extensions provide them",
  guest: "a node's entry under `nodes`",
  from: 'an item of `connections`',
  to: 'an item of `connections`',
  channel_capacity: '`policies`',
};
