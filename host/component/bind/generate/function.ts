/**
 * Whole calls as source: one specialised function for each function type and set of options, shared
 * by everything that has the same. The text follows from the structure of the types alone; what is
 * particular to a component (names for messages, memories, core functions) is handed to `make` later.
 *
 * `../interpret-call.ts` says what these functions mean.
 */
import type { ResourceType } from '../../types.ts';
import type { FunctionPlan } from '../signature-plan.ts';
import { liftParams, liftResult, lowerParams, lowerResult, params, refresh, type Shape } from './crossing.ts';
import { Emitter, type SideNames, sideNames } from './emitter.ts';

/** Source of a function that makes the binding from its environment, and what the environment must hold. */
export interface Generated {
  readonly source: string;
  /** Whose faces stand in the environment as `aF0`, `aF1`, … */
  readonly resources: readonly ResourceType[];
}

function environment(names: readonly string[], side: SideNames): string {
  const faces = side.resources.map((_, i) => `${side.prefix}F${i}`);
  return `const { ${[...names, ...faces].join(', ')} } = env;`;
}

const helpers =
  'BorrowScope, ComponentError, G, HostThrew, abort, badDiscriminant, charFrom, charOf, checkList, f32FromBits, f32ToBits, f64FromBits, f64ToBits, fault, liftBytes, liftString, liftUtf8, noLeave, plainStack, refuse, requireStack, tooLong, wrongValue';

/** Source of the factory: constants, and the function itself. `before` stands between them. */
export function wrap(
  e: Emitter,
  names: readonly string[],
  signature: string,
  side: SideNames,
  before = '',
): string {
  return `'use strict';
const { ${helpers} } = helpers;
${environment(names, side)}
${e.constants}
${before}
return function (${signature}) {
${e.text}
};`;
}

/** The host calls a guest. */
export function generateExport(plan: FunctionPlan, shape: Shape): Generated {
  const e = new Emitter();
  const side = sideNames('a', shape.encoding);
  const names = params(plan.type.params.length);
  const entering = Array.from({ length: shape.entering }, (_, i) => `e${i}`);
  if (shape.method) e.line('const p0 = this;');
  for (const one of entering) e.line(`if (${one}.entered !== 0) refuse(root, name);`);
  for (const one of entering) e.line(`${one}.entered = 1;`);
  if (shape.suspends) e.line('plainStack[0]++;');
  if (shape.guarded) e.line('const entered = guard.enter();');
  if (plan.borrows) e.line('const aS = new BorrowScope();');
  e.line('let v;');
  if (plan.fallible) e.line('let failed = false;');
  e.line('try {');
  const args = lowerParams(e, side, plan, names);
  e.line(`const r = core(${args.join(', ')});`);
  e.line('if (e0.entered !== 1) throw root.poisonedBy;');
  if (plan.type.result) refresh(e, side, shape);
  liftResult(e, side, plan);
  if (plan.borrows) e.line('aS.checkReturned();');
  if (shape.postReturn) {
    e.line('aI.mayLeave = false;');
    e.line(plan.flat.results.length > 0 ? 'post(r);' : 'post();');
    e.line('aI.mayLeave = true;');
    e.line('if (e0.entered !== 1) throw root.poisonedBy;');
  }
  // Without `finally`, which makes the whole function slower.
  const ends = [
    shape.guarded ? 'guard.leave(entered);' : '',
    plan.borrows ? 'aS.end();' : '',
    shape.suspends ? 'plainStack[0]--;' : '',
  ].join(' ');
  e.line(`} catch (error) { ${ends} throw fault(root, error, name, aI, ${entering.join(', ')}); }`);
  e.line(ends);
  for (const one of entering) e.line(`${one}.entered = 0;`);
  if (plan.fallible) e.line('if (failed) throw new ComponentError(v);');
  e.line('return v;');
  const env = ['core', 'post', 'root', 'guard', ...entering, 'aI', 'aM', 'aR', 'aE', 'aL', 'names', 'name'];
  return {
    source: wrap(e, env, (shape.method ? names.slice(1) : names).join(', '), side),
    resources: side.resources,
  };
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
  e.line(
    `} catch (error) { throw abort(root, error, name); }${plan.borrows ? ' finally { aS.end(); }' : ''}`,
  );
  const env = ['host', 'receiver', 'root', 'e0', 'aI', 'aM', 'aR', 'aE', 'aL', 'names', 'name'];
  return { source: wrap(e, env, names.join(', '), side), resources: side.resources };
}
