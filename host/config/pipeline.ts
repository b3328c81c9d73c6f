/**
 * One pipeline of the file: its extensions, nodes and connections, each entry checked by itself, so that
 * all errors come out at once. Who provides which capability is `bindings.ts`'s to check.
 */
import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import type { NodeType } from '../pipeline/node.ts';
import { suggest } from '../suggestion.ts';
import { check, shownScalar } from './check.ts';
import { checkConnections, type GraphNode, type NamedEnd, type WrittenConnection } from './connections.ts';
import type { Entry } from './document.ts';
import { configErrors } from './errors.ts';
import { grantsOf } from './grants.ts';
import type {
  BindingConfig,
  ConnectionConfig,
  ExtensionConfig,
  NodeConfig,
  PoliciesConfig,
  SupervisionConfig,
} from './model.ts';
import type { Report } from './report.ts';
import { connectionSchema, extensionSchema, nodeSchema, pipelineSchema, policiesSchema } from './schema.ts';
import { checkNames, fieldOrEmpty, sectionOf } from './section.ts';

/** A pipeline that is read, before its bindings are checked. `config` is absent where an entry is broken. */
export interface PipelineDraft {
  readonly group: string;
  readonly name: string;
  readonly entry: Entry;
  readonly policies: PoliciesConfig;
  readonly extensions: ReadonlyMap<string, ExtensionDraft>;
  readonly nodes: ReadonlyMap<string, NodeDraft>;
  readonly connections: readonly ConnectionConfig[];
}

export interface ExtensionDraft {
  readonly entry: Entry;
  /** The component, absolute: known even where something else in the entry is broken. */
  readonly wasm: string | undefined;
  config: ExtensionConfig | undefined;
}

export interface NodeDraft {
  readonly entry: Entry;
  /** Absent when there is no such type. */
  readonly type: NodeType | undefined;
  readonly capabilities: readonly BindingDraft[];
  readonly guest: BindingDraft | undefined;
  readonly config: NodeConfig | undefined;
}

/** `capability: extension`, or one item of `capability: [extension, …]`. */
export interface BindingDraft {
  readonly capability: string;
  readonly extension: string;
  readonly entry: Entry;
  /** The entry whose key is the capability. */
  readonly holder: Entry;
}

export interface PipelineContext {
  readonly file: string;
  readonly nodeTypes: readonly NodeType[];
  /** Name of the contract that a node's `guest` stands for. */
  readonly guestCapability: string;
  readonly report: Report;
}

export function readPipeline(
  group: string,
  name: string,
  entry: Entry,
  inherited: PoliciesConfig,
  context: PipelineContext,
): PipelineDraft {
  const { report } = context;
  check(pipelineSchema, entry, report, { label: `groups.${group}.pipelines.${name}`, structural: true });
  const policies = readPolicies(entry, inherited, report);

  const extensionEntries = sectionOf(entry, 'extensions');
  checkNames(extensionEntries, 'an extension', report);
  const extensions = new Map<string, ExtensionDraft>();
  for (const [name, entry] of extensionEntries) {
    extensions.set(name, {
      entry,
      wasm: wasmOf(entry, context.file),
      config: readExtension(name, entry, context),
    });
  }

  const nodeEntries = sectionOf(entry, 'nodes');
  checkNames(nodeEntries, 'a node', report);
  const nodes = new Map<string, NodeDraft>();
  for (const [name, entry] of nodeEntries) nodes.set(name, readNode(name, entry, context));

  const graph = new Map<string, GraphNode>();
  for (const [name, node] of nodes) graph.set(name, { entry: node.entry, kind: node.type?.kind });
  if (entry.fields !== undefined) checkEnds(graph, name, entry, report);
  const connections = readConnections(entry, graph, report);
  return { group, name, entry, policies, extensions, nodes, connections };
}

/** The policies at `holder`: families and fields that are left out there are inherited. */
export function readPolicies(holder: Entry, inherited: PoliciesConfig, report: Report): PoliciesConfig {
  const entry = holder.fields?.get('policies');
  if (entry === undefined || entry.scalar === null) return inherited;
  const policies = check(policiesSchema, entry, report, { label: 'policies', structural: true });
  return { channelCapacity: policies?.channel_capacity?.pdata ?? inherited.channelCapacity };
}

function wasmOf(extension: Entry, file: string): string | undefined {
  const wasm = extension.fields?.get('wasm');
  if (typeof wasm?.scalar !== 'string' || wasm.scalar === '' || wasm.substitution?.failed) return undefined;
  return resolve(dirname(file), wasm.scalar);
}

function readExtension(
  name: string,
  entry: Entry,
  { file, report }: PipelineContext,
): ExtensionConfig | undefined {
  const type = entry.fields?.get('type');
  if (type !== undefined && entry.fields?.has('wasm') === false) {
    const isNode = /^(receiver|processor|exporter):/.test(String(type.scalar));
    const message = isNode
      ? `\`${name}\` is a node (${shownScalar(type)}), but stands under \`extensions\``
      : `\`${name}\` has a \`type\`, but an extension is a component`;
    const hint = isNode ? 'move it to `nodes`' : 'name its component instead: `wasm: ./file.wasm`';
    report.key(configErrors.WEIR_CONFIG_MISPLACED, isNode ? entry : type, message, hint);
    return undefined;
  }
  const read = check(extensionSchema, entry, report, { label: `extensions.${name}`, structural: true });
  if (read === undefined) return undefined;
  return {
    name,
    position: report.position(entry.keySpan ?? entry.span),
    wasm: resolve(dirname(file), read.wasm),
    sha256: read.sha256,
    description: read.description,
    config: read.config ?? {},
    limits: {
      moduleBytes: read.limits.module_size,
      functions: read.limits.functions,
      globals: read.limits.globals,
      memoryBytes: read.limits.memory,
      tableElements: read.limits.table_elements,
      transferBytes: read.limits.transfer_size,
      liftBytes: read.limits.lift_size,
      handles: read.limits.handles,
      timers: read.limits.timers,
      logLinesPerSecond: read.limits.log_lines_per_second,
      callDeadlineMs: read.limits.call_deadline,
      startDeadlineMs: read.limits.start_deadline,
    },
    grants: grantsOf(read.grants, dirname(file)),
    supervision: supervisionOf(read),
  };
}

function supervisionOf(read: z.output<typeof extensionSchema>): SupervisionConfig {
  const { restart, quarantine, checkpoint } = read;
  const { initial, max, jitter } = restart.backoff;
  return {
    restart: {
      max: restart.max,
      windowMs: restart.window,
      backoff: { initialMs: initial, maxMs: max, jitter },
    },
    quarantine: { cooldownMs: quarantine.cooldown },
    readyWithinMs: read.ready_within,
    checkpoint: { everyMs: checkpoint.every, maxBytes: checkpoint.max_size },
  };
}

function readNode(name: string, entry: Entry, context: PipelineContext): NodeDraft {
  const { report } = context;
  const typeEntry = entry.fields?.get('type');
  if (isExtension(entry, typeEntry)) {
    const hint =
      'move it to `extensions`, and name it in the `capabilities` or as the `guest` of the node that uses it';
    report.key(
      configErrors.WEIR_CONFIG_MISPLACED,
      entry,
      `\`${name}\` is an extension, but stands under \`nodes\``,
      hint,
    );
    return { entry, type: undefined, capabilities: [], guest: undefined, config: undefined };
  }
  const sound = check(nodeSchema, entry, report, { label: `nodes.${name}`, structural: true }) !== undefined;
  const type = nodeTypeOf(typeEntry, context);
  const capabilities = bindingsOf(entry);
  const guestEntry = entry.fields?.get('guest');
  const guest =
    typeof guestEntry?.scalar === 'string'
      ? {
          capability: context.guestCapability,
          extension: guestEntry.scalar,
          entry: guestEntry,
          holder: guestEntry,
        }
      : undefined;
  const draft = { entry, type, capabilities, guest };
  if (type === undefined) return { ...draft, config: undefined };

  const config = check(type.schema, fieldOrEmpty(entry, 'config'), report, { label: `nodes.${name}.config` });
  if (config === undefined || !sound) return { ...draft, config: undefined };
  const bound = (binding: BindingDraft): BindingConfig => ({
    extension: binding.extension,
    position: report.position(binding.entry.span),
  });
  return {
    ...draft,
    config: {
      name,
      position: report.position(entry.keySpan ?? entry.span),
      type: type.type,
      config,
      capabilities: new Map(
        [...Map.groupBy(capabilities, ({ capability }) => capability)].map(([capability, drafts]) => {
          const [first, ...fallbacks] = drafts.map(bound);
          return [capability, { ...first!, fallbacks }];
        }),
      ),
      guest: guest && bound(guest),
    },
  };
}

function isExtension(entry: Entry, type: Entry | undefined): boolean {
  if (type === undefined) return entry.fields?.has('wasm') ?? false;
  return /^(urn:[^:]*:)?extension:/i.test(String(type.scalar));
}

function nodeTypeOf(entry: Entry | undefined, { nodeTypes, report }: PipelineContext): NodeType | undefined {
  if (typeof entry?.scalar !== 'string' || entry.substitution?.failed) return undefined;
  const written = entry.scalar;
  const found = nodeTypes.find(({ type }) => type === written);
  if (found !== undefined) return found;
  const known = nodeTypes.map(({ type }) => type);
  const sameName = known.filter((type) => type.endsWith(`:${written.split(':').at(-1)}`));
  const hint =
    sameName.length > 0
      ? `did you mean ${sameName.map((type) => `\`${type}\``).join(' or ')}?`
      : suggest(written, known, 'node types');
  report.value(
    configErrors.WEIR_CONFIG_UNKNOWN_NODE_TYPE,
    entry,
    `there is no node type ${shownScalar(entry)}`,
    hint,
  );
  return undefined;
}

function bindingsOf(node: Entry): BindingDraft[] {
  const bindings: BindingDraft[] = [];
  for (const [capability, holder] of sectionOf(node, 'capabilities')) {
    for (const entry of holder.items ?? [holder]) {
      if (typeof entry.scalar === 'string' && !entry.substitution?.failed) {
        bindings.push({ capability, extension: entry.scalar, entry, holder });
      }
    }
  }
  return bindings;
}

/** A pipeline takes batches in and takes batches out. */
function checkEnds(graph: ReadonlyMap<string, GraphNode>, name: string, entry: Entry, report: Report): void {
  const kinds = [...graph.values()].map(({ kind }) => kind);
  if (!entry.fields?.has('nodes') || kinds.includes(undefined)) return;
  const missing = (['receiver', 'exporter'] as const).filter((kind) => !kinds.includes(kind));
  if (missing.length === 0) return;
  const message = `the pipeline \`${name}\` has no ${missing.join(' and no ')}`;
  const hint = missing.map((kind) =>
    kind === 'receiver' ? 'a `receiver:…` brings batches in' : 'an `exporter:…` takes them out',
  );
  report.key(
    configErrors.WEIR_CONFIG_NO_PIPELINE,
    entry,
    message,
    `add one to \`nodes\`: ${hint.join(', ')}`,
  );
}

function readConnections(
  pipeline: Entry,
  graph: ReadonlyMap<string, GraphNode>,
  report: Report,
): ConnectionConfig[] {
  const written: WrittenConnection[] = [];
  const items = pipeline.fields?.get('connections')?.items;
  let complete = items !== undefined;
  for (const [i, item] of items?.entries() ?? []) {
    const read = check(connectionSchema, item, report, { label: `connections[${i}]`, structural: true });
    const from = endsOf(item.fields?.get('from'));
    const to = endsOf(item.fields?.get('to'));
    if (read === undefined || from === undefined || to === undefined) complete = false;
    else written.push({ from, to });
  }
  return checkConnections(graph, written, complete, report);
}

function endsOf(entry: Entry | undefined): NamedEnd[] | undefined {
  const entries = entry?.items ?? (entry === undefined ? [] : [entry]);
  if (entries.some((end) => end.substitution?.failed)) return undefined;
  return entries.map((end) => ({ name: String(end.scalar), entry: end }));
}
