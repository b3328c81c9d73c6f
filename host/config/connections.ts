/**
 * What leads from which node to which: the connections of one pipeline, spread out to single arrows
 * and checked as a graph. Several nodes may lead into one; each leads into exactly one, because
 * nothing copies or distributes batches yet.
 */
import type { NodeKind } from '../pipeline/node.ts';
import { suggest } from '../suggestion.ts';
import type { Entry } from './document.ts';
import { configErrors } from './errors.ts';
import type { ConnectionConfig } from './model.ts';
import type { Report } from './report.ts';

/** A node, as far as the graph goes. */
export interface GraphNode {
  readonly entry: Entry;
  /** Undefined when its type is wrong, which is reported elsewhere; nothing is assumed of it then. */
  readonly kind: NodeKind | undefined;
}

/** An item of `connections`: its ends by name, with their places. */
export interface WrittenConnection {
  readonly from: readonly NamedEnd[];
  readonly to: readonly NamedEnd[];
}

export interface NamedEnd {
  readonly name: string;
  readonly entry: Entry;
}

interface Arrow {
  readonly from: NamedEnd;
  readonly to: NamedEnd;
}

/**
 * The arrows of a pipeline. What is wrong is reported; `complete` says that every item of
 * `connections` could be read, without which nobody can tell what is unconnected.
 */
export function checkConnections(
  nodes: ReadonlyMap<string, GraphNode>,
  written: readonly WrittenConnection[],
  complete: boolean,
  report: Report,
): ConnectionConfig[] {
  const arrows: Arrow[] = [];
  let sound = complete;
  for (const { from, to } of written) {
    const sources = from.filter((end) => isSource(end, nodes, report));
    const destinations = to.filter((end) => isDestination(end, nodes, report));
    sound &&= sources.length === from.length && destinations.length === to.length;
    for (const source of sources) {
      for (const destination of destinations) addArrow({ from: source, to: destination }, arrows, report);
    }
  }
  if (sound) {
    checkUnconnected(nodes, arrows, report);
    checkCycles(arrows, report);
  }
  return arrows.map(({ from, to }) => ({
    from: from.name,
    to: to.name,
    position: report.position(from.entry.span),
  }));
}

function isSource(end: NamedEnd, nodes: ReadonlyMap<string, GraphNode>, report: Report): boolean {
  if (!exists(end, nodes, report)) return false;
  if (nodes.get(end.name)?.kind !== 'exporter') return true;
  const hint = 'put a receiver or a processor here; exporters stand under `to`';
  report.value(
    configErrors.WEIR_CONFIG_CONNECTION_KIND,
    end.entry,
    `\`${end.name}\` is an exporter: nothing leads on from it`,
    hint,
  );
  return false;
}

function isDestination(end: NamedEnd, nodes: ReadonlyMap<string, GraphNode>, report: Report): boolean {
  if (!exists(end, nodes, report)) return false;
  if (nodes.get(end.name)?.kind !== 'receiver') return true;
  const hint = 'put a processor or an exporter here; receivers stand under `from`';
  report.value(
    configErrors.WEIR_CONFIG_CONNECTION_KIND,
    end.entry,
    `\`${end.name}\` is a receiver: nothing leads into it`,
    hint,
  );
  return false;
}

function exists(end: NamedEnd, nodes: ReadonlyMap<string, GraphNode>, report: Report): boolean {
  if (nodes.has(end.name)) return true;
  const hint = suggest(end.name, [...nodes.keys()], 'nodes of this pipeline');
  report.value(configErrors.WEIR_CONFIG_UNKNOWN_NODE, end.entry, `there is no node \`${end.name}\``, hint);
  return false;
}

function addArrow(arrow: Arrow, arrows: Arrow[], report: Report): void {
  const { from, to } = arrow;
  const before = arrows.find((other) => other.from.name === from.name);
  if (before === undefined) {
    arrows.push(arrow);
    return;
  }
  const line = report.position(before.to.entry.span).line;
  if (arrows.some((other) => other.from.name === from.name && other.to.name === to.name)) {
    const message = `\`${from.name}\` is connected to \`${to.name}\` twice, first on line ${line}`;
    report.value(configErrors.WEIR_CONFIG_DUPLICATE_CONNECTION, to.entry, message, 'keep one of the two');
    return;
  }
  report.value(
    configErrors.WEIR_CONFIG_FAN_OUT,
    to.entry,
    `\`${from.name}\` leads to \`${before.to.name}\` already (line ${line}); a node leads to exactly one other`,
    `leave out one of the two; only joining is possible: several \`from\` into one \`to\``,
  );
  arrows.push(arrow); // so that its destination does not count as unconnected as well
}

function checkUnconnected(
  nodes: ReadonlyMap<string, GraphNode>,
  arrows: readonly Arrow[],
  report: Report,
): void {
  const sources = new Set(arrows.map(({ from }) => from.name));
  const destinations = new Set(arrows.map(({ to }) => to.name));
  for (const [name, { entry, kind }] of nodes) {
    if (kind === undefined) continue;
    const noInput = kind !== 'receiver' && !destinations.has(name);
    const noOutput = kind !== 'exporter' && !sources.has(name);
    if (!noInput && !noOutput) continue;
    const missing = [noInput && 'nothing leads into it', noOutput && 'it leads nowhere']
      .filter(Boolean)
      .join(', and ');
    const line =
      noInput && noOutput
        ? `{ from: …, to: ${name} } and { from: ${name}, to: … }`
        : noInput
          ? `{ from: …, to: ${name} }`
          : `{ from: ${name}, to: … }`;
    const message = `the ${kind} \`${name}\` is not connected: ${missing}`;
    report.key(
      configErrors.WEIR_CONFIG_UNCONNECTED,
      entry,
      message,
      `add ${line} to \`connections\`, or leave the node out`,
    );
  }
}

/** Every node has at most one way out here (further ones are errors), so following it is enough. */
function checkCycles(arrows: readonly Arrow[], report: Report): void {
  const next = new Map<string, Arrow>();
  for (const arrow of arrows) if (!next.has(arrow.from.name)) next.set(arrow.from.name, arrow);
  const done = new Set<string>();
  for (const start of next.keys()) {
    const way: Arrow[] = [];
    const onWay = new Set<string>();
    let at: string | undefined = start;
    while (at !== undefined && !done.has(at) && !onWay.has(at)) {
      onWay.add(at);
      const arrow = next.get(at);
      if (arrow !== undefined) way.push(arrow);
      at = arrow?.to.name;
    }
    if (at !== undefined && onWay.has(at)) {
      const circle = way.slice(way.findIndex(({ from }) => from.name === at));
      const shown = [...circle.map(({ from }) => from.name), at].join(' → ');
      const closing = circle.at(-1)!;
      report.value(
        configErrors.WEIR_CONFIG_CYCLE,
        closing.to.entry,
        `these connections lead round in a circle: ${shown}`,
        'leave one of them out; batches must reach an exporter',
      );
    }
    for (const name of onWay) done.add(name);
  }
}
