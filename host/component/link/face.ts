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
      // An interface is bound when somebody first looks at it: most hosts use few of them.
      let inner: Record<string, unknown> | undefined;
      const get = () => {
        inner ??= exportsFace(live, item.items, `${prefix}${name}#`);
        return inner;
      };
      const key = name.includes(':') ? name : camelCase(name);
      Object.defineProperty(face, key, { get, enumerable: true, configurable: true });
    } else if (item.sort === 'func') {
      const parsed = parseExternName(name)!;
      const func: HostFunction = exportedFunction(
        live,
        item.func,
        `${prefix}${name}`,
        parsed.kind === 'method',
      );
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
