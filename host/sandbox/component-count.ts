/**
 * How much of something (memories, tables, functions) one instance of a component will have, over all of its
 * core instances. Limits are over all of them together, and V8 knows only of one module at a time.
 *
 * The number is exact for components whose modules and nested components are defined where they are
 * instantiated, as every toolchain writes them. Where one comes from elsewhere (an alias, an import),
 * the one with most in the whole binary is assumed: never too few.
 */
import type { ComponentSyntax, Definition } from '../component/decode/syntax.ts';

/** `measure` says how much one core module has; it is asked once about each. */
export function totalOf(component: ComponentSyntax, measure: (module: Uint8Array) => number): number {
  const modules = new Map<Definition, number>();
  countModules(component, measure, modules);
  const most = [...modules.values()].reduce((a, b) => Math.max(a, b), 0);
  // Components are instantiated after they are defined, so a running maximum covers whichever is meant.
  let mostOfComponents = 0;

  const count = (syntax: ComponentSyntax): number => {
    /** How much each entry has, in the index spaces of core modules and of components. */
    const coreModules: number[] = [];
    const components: number[] = [];
    let total = 0;
    for (const definition of syntax.definitions) {
      switch (definition.kind) {
        case 'core module':
          coreModules.push(modules.get(definition)!);
          break;
        case 'component': {
          const inside = count(definition.component);
          mostOfComponents = Math.max(mostOfComponents, inside);
          components.push(inside);
          break;
        }
        case 'core instantiate':
          total += coreModules[definition.module] ?? most;
          break;
        case 'instantiate':
          total += components[definition.component] ?? mostOfComponents;
          break;
        default:
          if (sortOf(definition) === 'core module') coreModules.push(most);
          if (sortOf(definition) === 'component') components.push(mostOfComponents);
      }
    }
    return total;
  };
  return count(component);
}

function countModules(
  component: ComponentSyntax,
  measure: (module: Uint8Array) => number,
  into: Map<Definition, number>,
): void {
  for (const definition of component.definitions) {
    if (definition.kind === 'core module') into.set(definition, measure(definition.bytes));
    if (definition.kind === 'component') countModules(definition.component, measure, into);
  }
}

/** What a definition that is no module and no component adds to the index spaces. */
function sortOf(definition: Definition): string | undefined {
  switch (definition.kind) {
    case 'import':
      return definition.type.kind;
    case 'export':
      return definition.item.sort;
    case 'alias export':
    case 'alias outer':
      return definition.sort;
    default:
      return undefined;
  }
}
