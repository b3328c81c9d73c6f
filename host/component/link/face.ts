/** What the host sees of a live root: its exports as JavaScript objects, functions and classes. */
import type { HostFunction } from '../bind/interpret-call.ts';
import { camelCase, parseExternName, pascalCase } from '../names.ts';
import { exportedFunction } from './functions.ts';
import type { Live } from './live.ts';
import type { ItemPlan } from './plan.ts';
import { setConstructor, setMethod, setStatic } from './resource-class.ts';

/** Interfaces by full name; what has a plain name by that name in camelCase (functions) or PascalCase (classes). */
export function exportsFace(
  live: Live,
  items: ReadonlyMap<string, ItemPlan>,
  prefix = '',
): Record<string, unknown> {
  const face: Record<string, unknown> = {};
  const classes = new Map<string, new (...args: unknown[]) => unknown>();
  const define = (name: string, value: unknown) =>
    Object.defineProperty(face, name, { value, enumerable: true, configurable: true, writable: true });
  for (const [name, item] of items) {
    if (item.sort !== 'type' || item.resource === undefined) continue;
    const made = live.class(item.resource);
    classes.set(name, made);
    define(pascalCase(name), made);
  }
  for (const [name, item] of items) {
    if (item.sort === 'instance') {
      const inner = exportsFace(live, item.items, `${prefix}${name}#`);
      define(name.includes(':') ? name : camelCase(name), inner);
    } else if (item.sort === 'func') {
      const parsed = parseExternName(name)!;
      const func: HostFunction = exportedFunction(live, item.func, `${prefix}${name}`);
      if (parsed.kind === 'constructor') setConstructor(classes.get(parsed.resource)!, func);
      else if (parsed.kind === 'method')
        setMethod(classes.get(parsed.resource)!, camelCase(parsed.name), func);
      else if (parsed.kind === 'static')
        setStatic(classes.get(parsed.resource)!, camelCase(parsed.name), func);
      else define(parsed.kind === 'interface' ? name : camelCase(name), func);
    }
  }
  return face;
}
