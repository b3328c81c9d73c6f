/**
 * How many linear memories one instance of a component will have. The memory limit is over all of
 * them together, and V8 caps each by itself: so each may have its even share.
 *
 * The number is exact for components whose modules and nested components are defined where they are
 * instantiated, as every toolchain writes them. Where one comes from elsewhere (an alias, an import),
 * the one with most memories in the whole binary is assumed: never too few.
 */
import type { ComponentSyntax, Definition } from '../component/decode/syntax.ts';
import { countMemories } from './memory-cap.ts';

export function memoriesOf(component: ComponentSyntax): number {
  const modules = new Map<Definition, number>();
  countModules(component, modules);
  const most = Math.max(0, ...modules.values());
  // Components are instantiated after they are defined, so a running maximum covers whichever is meant.
  let mostOfComponents = 0;

  const count = (syntax: ComponentSyntax): number => {
    /** Memories of each entry in the index spaces of core modules and of components. */
    const coreModules: number[] = [];
    const components: number[] = [];
    let total = 0;
    for (const definition of syntax.definitions) {
      switch (definition.kind) {
        case 'core module':
          coreModules.push(modules.get(definition)!);
          break;
        case 'component': {
          const memories = count(definition.component);
          mostOfComponents = Math.max(mostOfComponents, memories);
          components.push(memories);
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

function countModules(component: ComponentSyntax, into: Map<Definition, number>): void {
  for (const definition of component.definitions) {
    if (definition.kind === 'core module') into.set(definition, countMemories(definition.bytes));
    if (definition.kind === 'component') countModules(definition.component, into);
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
