/**
 * Puts the nodes of a pipeline in order, upstream first, and refuses what is no pipeline. A
 * configuration file gets these findings with line and column from `host/config`; this is the last
 * word for programs that build a pipeline by hand.
 */
import { WeirError } from '../errors.ts';
import { pipelineErrors } from './errors.ts';
import type { NodeKind } from './node.ts';

interface Named {
  readonly id: string;
  readonly type: { readonly kind: NodeKind };
}

interface Arrow {
  readonly from: string;
  readonly to: string;
}

/** @throws WeirError `WEIR_PIPELINE_SHAPE` */
export function orderNodes<N extends Named>(nodes: readonly N[], connections: readonly Arrow[]): N[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  if (byId.size !== nodes.length) throw shape('two nodes have the same name');
  const next = new Map<string, string>();
  const inputs = new Map<string, number>();
  for (const { from, to } of connections) {
    const source = byId.get(from) ?? unknown(from, byId);
    const target = byId.get(to) ?? unknown(to, byId);
    if (source.type.kind === 'exporter') throw shape(`${from} is an exporter and cannot send to ${to}`);
    if (target.type.kind === 'receiver') throw shape(`${to} is a receiver and cannot be sent to by ${from}`);
    if (next.has(from))
      throw shape(`${from} sends to both ${next.get(from)} and ${to}; one destination is allowed`);
    next.set(from, to);
    inputs.set(to, (inputs.get(to) ?? 0) + 1);
  }
  for (const { id, type } of nodes) {
    if (type.kind !== 'exporter' && !next.has(id)) throw shape(`${id} sends to nothing`);
    if (type.kind !== 'receiver' && !inputs.has(id)) throw shape(`nothing sends to ${id}`);
  }
  return sorted(byId, next, inputs);
}

/** Kahn's algorithm: a node is next once everything that sends to it is out. */
function sorted<N extends Named>(
  byId: Map<string, N>,
  next: Map<string, string>,
  inputs: Map<string, number>,
): N[] {
  const order = [...byId.values()].filter(({ id }) => !inputs.has(id));
  for (const { id } of order) {
    const to = next.get(id);
    if (to === undefined) continue;
    const left = inputs.get(to)! - 1;
    inputs.set(to, left);
    if (left === 0) order.push(byId.get(to)!);
  }
  if (order.length === byId.size) return order;
  const stuck = [...byId.keys()].filter((id) => !order.some((node) => node.id === id));
  throw shape(`${stuck.join(', ')} send in a circle`);
}

function unknown(id: string, byId: ReadonlyMap<string, unknown>): never {
  throw shape(`a connection names ${id}, which is no node; nodes are: ${[...byId.keys()].join(', ')}`);
}

function shape(problem: string): WeirError {
  return new WeirError(pipelineErrors.WEIR_PIPELINE_SHAPE, `the pipeline does not fit together: ${problem}`);
}
