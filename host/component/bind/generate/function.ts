/**
 * Whole calls as source: one specialised function for each function type and set of options, shared
 * by everything that has the same. The text follows from the structure of the types alone; what is
 * particular to a component (names for messages, memories, core functions) is handed to `make` later.
 *
 * `../interpret-call.ts` says what these functions mean.
 */
import { casesOf, type FlatType, layoutOf } from '../../abi/layout.ts';
import type { StringEncoding } from '../../decode/syntax.ts';
import type { ResourceType, ValueType } from '../../types.ts';
import type { FunctionPlan } from '../signature-plan.ts';
import { Emitter, type SideNames, sideNames } from './emitter.ts';
import { emitCases, emitLiftFlat, emitLoad } from './lift.ts';
import { emitLowerFlat, emitStore } from './lower.ts';

/** Source of a function that makes the binding from its environment, and what the environment must hold. */
export interface Generated {
  readonly source: string;
  /** Whose faces stand in the environment as `aF0`, `aF1`, …; and `bF0`, … for the other side of an adapter. */
  readonly resources: readonly ResourceType[];
  readonly otherResources: readonly ResourceType[];
}

/** What may differ between two bindings of the same type. */
export interface Shape {
  readonly encoding: StringEncoding;
  readonly memory: boolean;
  readonly postReturn: boolean;
  /** How many component instances a call enters. */
  readonly entering: number;
  /** The host's function is a method of an object. */
  readonly receiver: boolean;
  /** Guest code of the root may be suspended. */
  readonly suspends: boolean;
}

function params(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `p${i}`);
}

function environment(names: readonly string[], side: SideNames, other?: SideNames): string {
  const faces = [side, other].flatMap((one) => one?.resources.map((_, i) => `${one.prefix}F${i}`) ?? []);
  return `const { ${[...names, ...faces].join(', ')} } = env;`;
}

const helpers =
  'BorrowScope, ComponentError, HostThrew, badDiscriminant, charFrom, charOf, checkList, f32FromBits, f32ToBits, f64FromBits, f64ToBits, liftBytes, liftString, liftUtf8, noLeave, plainStack, requireStack, tooLong, wrongValue';

function refresh(e: Emitter, side: SideNames, shape: Shape): void {
  if (shape.memory) e.line(`if (${side.prefix}M.u8.length === 0) ${side.prefix}M.refresh();`);
}

function wrap(
  e: Emitter,
  names: readonly string[],
  signature: string,
  side: SideNames,
  other?: SideNames,
): string {
  return `'use strict';
const { ${helpers} } = helpers;
${environment(names, side, other)}
const G = { pointer: 0, length: 0 };
const wrong = (index, expected, value) => wrongValue(names[index], expected, value);
${e.constants}
return function (${signature}) {
${e.text}
};`;
}

/** Lower the parameters `p0`, `p1`, … : the core arguments. */
function lowerParams(e: Emitter, side: SideNames, plan: FunctionPlan, names: readonly string[]): string[] {
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
function liftParams(e: Emitter, side: SideNames, plan: FunctionPlan): string[] {
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
function liftResult(e: Emitter, side: SideNames, plan: FunctionPlan): void {
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

/** The host calls a guest. */
export function generateExport(plan: FunctionPlan, shape: Shape): Generated {
  const e = new Emitter();
  const side = sideNames('a', shape.encoding);
  const names = params(plan.type.params.length);
  const entering = Array.from({ length: shape.entering }, (_, i) => `e${i}`);
  for (const one of entering) e.line(`if (${one}.entered !== 0) refuse();`);
  for (const one of entering) e.line(`${one}.entered = 1;`);
  if (shape.suspends) e.line('plainStack[0]++;');
  if (plan.borrows) e.line('const aS = new BorrowScope();');
  e.line('let v;');
  if (plan.fallible) e.line('let failed = false;');
  e.line('try {');
  const args = lowerParams(e, side, plan, names);
  e.line(`const r = core(${args.join(', ')});`);
  e.line('if (e0.entered !== 1) poisoned();');
  if (plan.type.result) refresh(e, side, shape);
  liftResult(e, side, plan);
  if (plan.borrows) e.line('aS.checkReturned();');
  if (shape.postReturn) {
    e.line('aI.mayLeave = false;');
    e.line(plan.flat.results.length > 0 ? 'post(r);' : 'post();');
    e.line('aI.mayLeave = true;');
    e.line('if (e0.entered !== 1) poisoned();');
  }
  const ends = [plan.borrows ? 'aS.end();' : '', shape.suspends ? 'plainStack[0]--;' : ''].join(' ').trim();
  e.line(`} catch (error) { throw fault(error); }${ends ? ` finally { ${ends} }` : ''}`);
  for (const one of entering) e.line(`${one}.entered = 0;`);
  if (plan.fallible) e.line('if (failed) throw new ComponentError(v);');
  e.line('return v;');
  const env = [
    'core',
    'post',
    'root',
    ...entering,
    'aI',
    'aM',
    'aR',
    'aE',
    'aL',
    'names',
    'refuse',
    'poisoned',
    'fault',
  ];
  return { source: wrap(e, env, names.join(', '), side), resources: side.resources, otherResources: [] };
}

/** A guest calls the host. */
export function generateImport(plan: FunctionPlan, shape: Shape): Generated {
  const e = new Emitter();
  const side = sideNames('a', shape.encoding);
  const { flat, type } = plan;
  const names = params(flat.params.length);
  e.line('requireStack();');
  if (plan.borrows) e.line('const aS = new BorrowScope();');
  e.line('try {');
  e.line('if (!aI.mayLeave) noLeave(name);');
  if (type.params.length > 0) refresh(e, side, shape);
  const args = liftParams(e, side, plan);
  e.line('let v;');
  if (plan.fallible) e.line('let failed = false;');
  const call = shape.receiver ? `host.call(${['receiver', ...args].join(', ')})` : `host(${args.join(', ')})`;
  // Code that was suspended and resumed is on the stack without anybody having entered.
  if (shape.suspends) e.line('const before = e0.entered; if (before === 0) e0.entered = 1;');
  e.line(`try { v = ${call}; } catch (error) {`);
  if (plan.fallible)
    e.line('if (error instanceof ComponentError) { failed = true; v = error.payload; } else');
  e.line('throw new HostThrew(error); }');
  e.line('if (e0.entered === 2) throw root.poisonedBy;');
  if (shape.suspends) e.line('e0.entered = before;');
  const returned = lowerResult(e, side, plan, shape, names);
  if (returned) e.line(`return ${returned};`);
  e.line(`} catch (error) { throw abort(error); }${plan.borrows ? ' finally { aS.end(); }' : ''}`);
  const env = ['host', 'receiver', 'root', 'e0', 'aI', 'aM', 'aR', 'aE', 'aL', 'names', 'name', 'abort'];
  return { source: wrap(e, env, names.join(', '), side), resources: side.resources, otherResources: [] };
}

/** Lower `v` (and `failed`) for the guest that imported the function: the core result, or nothing. */
function lowerResult(
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
