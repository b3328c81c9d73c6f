/** Parameters and results as source: how they cross one side of a call. `function.ts` builds calls of these. */
import { casesOf, type FlatType, layoutOf } from '../../abi/layout.ts';
import type { StringEncoding } from '../../decode/syntax.ts';
import type { ValueType } from '../../types.ts';
import type { FunctionPlan } from '../signature-plan.ts';
import type { Emitter, SideNames } from './emitter.ts';
import { emitCases, emitLiftFlat, emitLoad } from './lift.ts';
import { emitLowerFlat, emitStore } from './lower.ts';

/** What may differ between two bindings of the same type. */
export interface Shape {
  readonly encoding: StringEncoding;
  readonly memory: boolean;
  readonly postReturn: boolean;
  /** How many component instances a call enters. */
  readonly entering: number;
  /** The host's function is a method of an object. */
  readonly receiver: boolean;
  /** The first parameter is `this`. */
  readonly method: boolean;
  /** Guest code of the root may be suspended. */
  readonly suspends: boolean;
  /** A guard is told of each call. */
  readonly guarded: boolean;
}

/** `p0`, `p1`, … */
export function params(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `p${i}`);
}

/** The guest may have grown its memory. */
export function refresh(e: Emitter, side: SideNames, shape: Shape): void {
  if (shape.memory) e.line(`if (${side.prefix}M.u8.length === 0) ${side.prefix}M.refresh();`);
}

/** Lower the parameters `p0`, `p1`, … : the core arguments. */
export function lowerParams(
  e: Emitter,
  side: SideNames,
  plan: FunctionPlan,
  names: readonly string[],
): string[] {
  const { type, flat } = plan;
  if (flat.paramsInMemory) {
    const { size, align } = layoutOf(plan.params);
    const block = e.bind(`${side.prefix}R(0, 0, ${align}, ${size})`);
    let offset = 0;
    for (const [i, param] of type.params.entries()) {
      const layout = layoutOf(param.type);
      offset = Math.ceil(offset / layout.align) * layout.align;
      emitStore({ e, side, param: i }, param.type, names[i]!, block, offset);
      offset += layout.size;
    }
    return [block];
  }
  const lowered: string[] = [];
  for (const [i, param] of type.params.entries()) {
    const want = flat.params.slice(lowered.length);
    lowered.push(...emitLowerFlat({ e, side, param: i }, param.type, names[i]!, want));
  }
  return lowered;
}

/** Lift the core arguments `p0`, `p1`, … : the values. */
export function liftParams(e: Emitter, side: SideNames, plan: FunctionPlan): string[] {
  const { type, flat } = plan;
  if (plan.liftedParams !== undefined) e.line(`${side.prefix}M?.begin(${plan.liftedParams});`);
  if (flat.paramsInMemory) {
    const { size, align } = layoutOf(plan.params);
    const base = e.bind('p0 >>> 0');
    e.line(`${side.prefix}M.check(${base}, ${size}, ${align}, 'parameters');`);
    let offset = 0;
    return type.params.map((param) => {
      const layout = layoutOf(param.type);
      offset = Math.ceil(offset / layout.align) * layout.align;
      const value = e.bind(emitLoad(e, side, param.type, base, offset));
      offset += layout.size;
      return value;
    });
  }
  const inputs = { expressions: params(flat.params.length), types: flat.params, at: 0 };
  return type.params.map((param) => e.bind(emitLiftFlat(e, side, param.type, inputs)));
}

/** Lift the core result `r` into the variable `v`; of a `result` the err goes there too, and `failed` says so. */
export function liftResult(e: Emitter, side: SideNames, plan: FunctionPlan): void {
  const { result } = plan.type;
  if (!result) return;
  if (plan.liftedResult !== undefined) e.line(`${side.prefix}M?.begin(${plan.liftedResult});`);
  let base = '';
  if (plan.flat.resultInMemory) {
    const { size, align } = layoutOf(result);
    base = e.bind('r >>> 0');
    e.line(`${side.prefix}M.check(${base}, ${size}, ${align}, 'result');`);
  }
  if (plan.fallible) {
    liftFallible(e, side, result, plan.flat.resultInMemory ? base : undefined);
    return;
  }
  const value = base
    ? emitLoad(e, side, result, base, 0)
    : emitLiftFlat(e, side, result, { expressions: ['r'], types: plan.flat.results, at: 0 });
  e.line(`v = ${value};`);
}

function liftFallible(e: Emitter, side: SideNames, result: ValueType, base: string | undefined): void {
  const payloads = casesOf(result)!;
  const index = e.bind(base ? `${side.prefix}M.u8[${base}]` : 'r >>> 0');
  const align = Math.max(1, ...payloads.map((payload) => (payload ? layoutOf(payload).align : 1)));
  // Without memory the one core value is the discriminant, and no payload is left.
  emitCases(
    e,
    result,
    index,
    (payload) => emitLoad(e, side, payload, base!, align),
    (i, inner) => {
      if (inner !== undefined) e.line(`v = ${inner};`);
      if (i === 1) e.line('failed = true;');
    },
  );
}

/** Lower `v` (and `failed`) for the guest that imported the function: the core result, or nothing. */
export function lowerResult(
  e: Emitter,
  side: SideNames,
  plan: FunctionPlan,
  shape: Shape,
  names: readonly string[],
): string | undefined {
  const { result } = plan.type;
  if (!result) return undefined;
  if (plan.fallible) e.line("v = { tag: failed ? 'err' : 'ok', val: v };");
  if (plan.flat.resultInMemory) {
    const { size, align } = layoutOf(result);
    refresh(e, side, shape);
    const base = e.bind(`${names[names.length - 1]} >>> 0`);
    e.line(`${side.prefix}M.check(${base}, ${size}, ${align}, 'result');`);
    emitStore({ e, side, param: -1 }, result, 'v', base, 0);
    return undefined;
  }
  return emitLowerFlat({ e, side, param: -1 }, result, 'v', plan.flat.results as readonly FlatType[])[0];
}
