/**
 * Reading a configuration: a file goes in, and out comes either the model that the engine runs or
 * every error there is, each at its place. Starts nothing and changes nothing, so that `weir check`
 * and `weir run` ask the same question.
 */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { CapabilityContract } from '../capability/contract.ts';
import { capabilityContracts, ProcessorGuest } from '../capability/contracts.ts';
import type { NodeType } from '../pipeline/node.ts';
import { checkBindings, type DescribeProvider, lookAtProviders } from './bindings.ts';
import { check, shownScalar } from './check.ts';
import { type Entry, readDocument } from './document.ts';
import { type ConfigError, configErrors } from './errors.ts';
import { checkFolders } from './grants.ts';
import { CONFIG_VERSION, DEFAULT_POLICIES, type EngineConfig, type EngineSettings } from './model.ts';
import { type PipelineContext, type PipelineDraft, readPipeline, readPolicies } from './pipeline.ts';
import { Report } from './report.ts';
import { engineSchema, groupSchema, rootSchema } from './schema.ts';
import { checkNames, fieldOrEmpty, sectionOf } from './section.ts';
import { hideHeaders, maskedValue } from './show.ts';
import { fileProblems, substitute } from './substitution.ts';

/** A configuration as text. `file` need not exist: it names the text in errors, and its folder is what paths are relative to. */
export interface ConfigText {
  readonly text: string;
  readonly file: string;
}

export interface LoadOptions {
  readonly nodeTypes: readonly NodeType[];
  /** Looks into components; without it nothing is known of what an extension provides or takes. */
  readonly describeProvider?: DescribeProvider;
  /** The capabilities that nodes may name; by default the ones that come with the engine. */
  readonly contracts?: readonly CapabilityContract<unknown>[];
  /** For `${env:…}`; by default the process's own. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export type LoadResult =
  | { readonly config: EngineConfig; readonly errors?: undefined }
  | { readonly config?: undefined; readonly errors: readonly ConfigError[] };

/** Groups that are the engine's own. */
const RESERVED_GROUP = 'system';

/** A configuration is written by hand; what is longer is some other file. */
const FILE_BYTES_MAX = 8 * 1024 * 1024;

/** Read and check a configuration, from a file (a path) or from text. Rejects for no fault of the configuration's. */
export async function loadConfig(source: string | ConfigText, options: LoadOptions): Promise<LoadResult> {
  const file = typeof source === 'string' ? source : source.file;
  const text = typeof source === 'string' ? await readText(source) : source;
  if ('problem' in text) {
    const report = new Report(file, '');
    report.at(
      configErrors.WEIR_CONFIG_FILE,
      { start: 0, end: 0 },
      `the configuration cannot be read: ${text.problem}`,
      text.hint,
    );
    return { errors: report.errors() };
  }
  const characters = text.text.replace(/^\uFEFF/, '');
  const report = new Report(file, characters);
  const root = readDocument(characters, report);
  if (root === undefined) return { errors: report.errors() };

  const absolute = resolve(file);
  hideHeaders(root, report);
  await substitute(root, { env: options.env ?? process.env, folder: dirname(absolute) }, report);
  const draft = readRoot(root, {
    file: absolute,
    nodeTypes: options.nodeTypes,
    guestCapability: ProcessorGuest.name,
    report,
  });
  await checkGrantedFolders(draft.pipelines, report);
  const providers = await lookAtProviders(draft.pipelines, options.describeProvider);
  for (const pipeline of draft.pipelines) {
    checkBindings(pipeline, providers, options.contracts ?? capabilityContracts, draft.engine?.trust, report);
  }
  if (report.failed) return { errors: report.errors() };
  return {
    config: {
      version: CONFIG_VERSION,
      file: absolute,
      engine: draft.engine!,
      pipelines: draft.pipelines.map((pipeline) => ({
        group: pipeline.group,
        name: pipeline.name,
        position: report.position(pipeline.entry.keySpan ?? pipeline.entry.span),
        policies: pipeline.policies,
        extensions: [...pipeline.extensions.values()].map(({ config }) => config!),
        nodes: [...pipeline.nodes.values()].map(({ config }) => config!),
        connections: pipeline.connections,
      })),
      shown: maskedValue(root),
    },
  };
}

interface RootDraft {
  readonly engine: EngineSettings | undefined;
  readonly pipelines: readonly PipelineDraft[];
}

function readRoot(root: Entry, context: PipelineContext): RootDraft {
  const { report } = context;
  checkVersion(root, report);
  check(rootSchema, root, report, { label: '', structural: true });
  const policies = readPolicies(root, DEFAULT_POLICIES, report);
  const pipelines: PipelineDraft[] = [];
  const groups = sectionOf(root, 'groups');
  checkNames(groups, 'a group', report);
  for (const [group, entry] of groups) {
    if (group === RESERVED_GROUP) {
      const message = `the group name \`${group}\` is reserved for the engine's own pipelines`;
      report.key(configErrors.WEIR_CONFIG_VALUE, entry, message, 'give it another name');
    }
    check(groupSchema, entry, report, { label: `groups.${group}`, structural: true });
    const inherited = readPolicies(entry, policies, report);
    const section = sectionOf(entry, 'pipelines');
    checkNames(section, 'a pipeline', report);
    for (const [name, pipeline] of section)
      pipelines.push(readPipeline(group, name, pipeline, inherited, context));
  }
  if (pipelines.length === 0 && !report.failed) {
    const hint = 'write one under `groups.<group>.pipelines.<pipeline>`';
    report.key(
      configErrors.WEIR_CONFIG_NO_PIPELINE,
      root.fields?.get('groups') ?? root,
      'there is no pipeline to run',
      hint,
    );
  }
  return { engine: readEngine(root, report), pipelines };
}

async function checkGrantedFolders(pipelines: readonly PipelineDraft[], report: Report): Promise<void> {
  for (const { extensions } of pipelines) {
    for (const { entry, config } of extensions.values()) {
      if (config !== undefined) await checkFolders(entry, config.grants, report);
    }
  }
}

function checkVersion(root: Entry, report: Report): void {
  const version = root.fields?.get('version');
  if (root.fields === undefined || version?.scalar === CONFIG_VERSION || version?.substitution?.failed)
    return;
  const hint = `write \`version: ${CONFIG_VERSION}\``;
  if (version === undefined)
    report.key(configErrors.WEIR_CONFIG_VERSION, root, 'the `version` is missing', hint);
  else {
    const message = `this engine reads \`${CONFIG_VERSION}\`, not ${version.scalar === undefined ? 'this' : shownScalar(version)}`;
    report.value(configErrors.WEIR_CONFIG_VERSION, version, message, hint);
  }
}

function readEngine(root: Entry, report: Report): EngineSettings | undefined {
  const settings = check(engineSchema, fieldOrEmpty(root, 'engine'), report, {
    label: 'engine',
    structural: true,
  });
  return (
    settings && {
      telemetry: settings.telemetry,
      shutdownDeadlineMs: settings.shutdown_deadline,
      instances: settings.instances,
      trust: { keys: settings.trusted_keys, required: settings.require_signature },
    }
  );
}

async function readText(file: string): Promise<{ text: string } | { problem: string; hint: string }> {
  try {
    const bytes = await readFile(file);
    if (bytes.length > FILE_BYTES_MAX) {
      return {
        problem: `it has ${bytes.length} bytes`,
        hint: `at most ${FILE_BYTES_MAX} are read; is this the right file?`,
      };
    }
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
      return { problem: 'it is not UTF-8 text', hint: 'save it as UTF-8' };
    return {
      problem: fileProblems[code] ?? (error as Error).message,
      hint: `it was looked for at ${resolve(file)}`,
    };
  }
}
