/** The extensions of a pipeline, prepared from a sketch of it, with a clock driven by hand, for tests. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import type { CapabilityContract } from '../../host/capability/contract.ts';
import type { BindingNode } from '../../host/capability/registry.ts';
import { DEFAULT_LIMITS, DEFAULT_SUPERVISION, type ExtensionConfig } from '../../host/config/model.ts';
import type { SourcePosition } from '../../host/errors.ts';
import { preparePipelineExtensions } from '../../host/extension/pipeline-extensions.ts';
import type { ExtensionEvent } from '../../host/extension/status.ts';
import { NO_GRANTS } from '../../host/sandbox/grants.ts';
import { ManualClock } from '../manual-clock.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { makeProbe, Probe } from './probe.ts';

export const at = (line: number): SourcePosition => ({ file: 'pipelines.yaml', line, column: 3 });

export interface Sketch {
  /** Exports of each extension's probe, or the bytes of its component. */
  readonly extensions: Record<string, readonly string[] | Uint8Array>;
  /** Extension by capability, of each node; of a list, the others are its fallbacks. */
  readonly nodes: Record<string, Record<string, string | readonly string[]>>;
  /** Contracts beside the probe's. */
  readonly contracts?: readonly CapabilityContract<unknown>[];
  readonly configs?: Record<string, unknown>;
}

export async function prepare({ extensions, nodes, configs = {}, contracts = [] }: Sketch) {
  const folder = await temporaryFolder();
  const clock = new ManualClock();
  const events: ExtensionEvent[] = [];
  const lines: { msg: string }[] = [];
  const log = pino({ base: null }, { write: (line: string) => lines.push(JSON.parse(line)) });
  const entries: ExtensionConfig[] = [];
  for (const [name, what] of Object.entries(extensions)) {
    const wasm = join(folder, `${name}.wasm`);
    await writeFile(wasm, what instanceof Uint8Array ? what : await makeProbe(what));
    entries.push({
      name,
      wasm,
      position: at(entries.length + 1),
      sha256: undefined,
      description: undefined,
      config: configs[name],
      limits: DEFAULT_LIMITS,
      grants: NO_GRANTS,
      supervision: DEFAULT_SUPERVISION,
    });
  }
  const bindings: BindingNode[] = Object.entries(nodes).map(([name, bound], i) => ({
    name,
    position: at(50 + i),
    capabilities: new Map(
      Object.entries(bound).map(([capability, names]) => {
        const [first, ...fallbacks] = [names]
          .flat()
          .map((extension) => ({ extension, position: at(70 + i) }));
        return [capability, { ...first!, fallbacks }];
      }),
    ),
    guest: undefined,
  }));
  const prepared = await preparePipelineExtensions({
    extensions: entries,
    nodes: bindings,
    contracts: [Probe, ...contracts],
    clock,
    log,
    onEvent: (event) => events.push(event),
  });
  const capabilities = (node: string) =>
    prepared.capabilitiesFor(bindings.find(({ name }) => name === node)!);
  const claim = (node: string) => capabilities(node).require(Probe);
  return { prepared, capabilities, claim, clock, events, lines };
}

export const ACTIVE = ['configured', 'lifecycle', 'probe'];
