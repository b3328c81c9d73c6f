/**
 * A guest's `async func` that is lifted plainly, as source. A call that does not suspend costs what
 * `WebAssembly.promising` costs: its promise is handed on as it is. `../suspending-call.ts` and
 * `../guest-callee.ts` say what it means, and take over when the call has to wait its turn.
 */
import type { FunctionPlan } from '../signature-plan.ts';
import { liftResult, lowerParams, params, refresh, type Shape } from './crossing.ts';
import { Emitter, sideNames } from './emitter.ts';
import { type Generated, wrap } from './function.ts';

/** The factory's environment gives `enter(lift)`, which makes a promising function of the core one and `lift`. */
export function generateSuspendingExport(plan: FunctionPlan, shape: Shape): Generated {
  const side = sideNames('a', shape.encoding);
  const e = new Emitter();
  const names = params(plan.type.params.length);
  const entering = Array.from({ length: shape.entering }, (_, i) => `e${i}`);
  if (shape.method) e.line('const p0 = this;');
  e.line(
    'if (aI.exclusive !== undefined || aI.backpressure !== 0 || aI.waitingToEnter !== 0) return later(' +
      (shape.method ? 'this, ' : '') +
      '...arguments);',
  );
  for (const one of entering) e.line(`if (${one}.entered !== 0) return refused();`);
  e.line(`const stretch = { done: false${plan.borrows ? ', scope: new BorrowScope()' : ''} };`);
  if (plan.borrows) e.line('const aS = stretch.scope;');
  e.line('aI.exclusive = stretch;');
  for (const one of entering) e.line(`${one}.entered = 1;`);
  e.line('const plain = plainStack[0];');
  if (shape.guarded) e.line('const entered = root.guard.enter();');
  e.line('let running;');
  e.line('try {');
  const args = lowerParams(e, side, plan, names);
  e.line('plainStack[0] = 0;');
  e.line(`running = promising(${[...args, 'stretch'].join(', ')});`);
  e.line(
    '} catch (error) { return failed(error, stretch); } finally { plainStack[0] = plain; ' +
      (shape.guarded ? 'root.guard.leave(entered); ' : '') +
      '}',
  );
  for (const one of entering) e.line(`if (${one}.entered === 1) ${one}.entered = 0;`);
  e.line('return stretch.done ? running : settled(running, stretch);');

  const lift = e.separate();
  lift.line('if (e0.entered === 2) throw root.poisonedBy;');
  lift.line('let v;');
  if (plan.fallible) lift.line('let failed = false;');
  if (plan.type.result) refresh(lift, side, shape);
  liftResult(lift, side, plan);
  if (plan.borrows) lift.line('stretch.scope.checkReturned(); stretch.scope.end();');
  if (shape.postReturn) {
    lift.line('aI.mayLeave = false;');
    lift.line(plan.flat.results.length > 0 ? 'post(r);' : 'post();');
    lift.line('aI.mayLeave = true;');
    lift.line('if (e0.entered === 2) throw root.poisonedBy;');
  }
  if (shape.guarded) lift.line('root.paused();');
  lift.line('stretch.done = true; aI.exclusive = undefined; root.poke();');
  if (plan.fallible) lift.line('if (failed) throw new ComponentError(v);');
  lift.line('return v;');
  const parameters = plan.flat.results.length > 0 ? 'stretch, r' : 'stretch';
  const before = `const promising = enter(function (${parameters}) {\n${lift.text}\n});`;
  const environment = ['enter', 'post', 'root', ...entering, 'aI', 'aM', 'aR', 'aE', 'aL', 'names'];
  const paths = ['later', 'refused', 'failed', 'settled'];
  return {
    source: wrap(
      e,
      [...environment, ...paths],
      (shape.method ? names.slice(1) : names).join(', '),
      side,
      before,
    ),
    resources: side.resources,
  };
}
