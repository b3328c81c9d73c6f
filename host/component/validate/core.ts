/** Core definitions inside a component: module types, and modules instantiated with instances. */
import type {
  CoreExternSyntax,
  CoreExternType,
  CoreFunctionType,
  CoreImport,
  CoreModuleTypeSyntax,
  CoreSort,
  Limits,
} from '../decode/syntax.ts';
import { DecodeError } from '../errors.ts';
import type { CoreModuleType } from '../types.ts';
import { at, type CoreInstanceExports, type Scope } from './scope.ts';
import { coreMismatch } from './subtype.ts';

/** The type of an item of a core index space. */
export function coreItem(scope: Scope, sort: CoreSort, index: number, offset: number): CoreExternType {
  switch (sort) {
    case 'func':
      return scope.coreFunc(index, offset);
    case 'table':
      return at(scope.coreTables, index, 'table', offset);
    case 'memory':
      return at(scope.coreMemories, index, 'memory', offset);
    case 'global':
      return at(scope.coreGlobals, index, 'global', offset);
    case 'tag':
      return at(scope.coreTags, index, 'tag', offset);
    default:
      throw new DecodeError(`a core instance cannot export a core ${sort}`, offset);
  }
}

export function addCoreItem(scope: Scope, item: CoreExternType): void {
  switch (item.kind) {
    case 'func':
      scope.coreFuncs.push(item);
      break;
    case 'table':
      scope.coreTables.push(item);
      break;
    case 'memory':
      scope.coreMemories.push(item);
      break;
    case 'global':
      scope.coreGlobals.push(item);
      break;
    case 'tag':
      scope.coreTags.push(item);
      break;
  }
}

export function instantiateModule(
  scope: Scope,
  module: number,
  args: readonly { readonly name: string; readonly instance: number }[],
  offset: number,
): CoreInstanceExports {
  const type = at(scope.coreModules, module, 'module', offset);
  const supplied = new Map<string, CoreInstanceExports>();
  for (const arg of args) {
    if (supplied.has(arg.name))
      throw new DecodeError(`duplicate module instantiation argument named \`${arg.name}\``, offset);
    supplied.set(arg.name, at(scope.coreInstances, arg.instance, 'core instance', offset));
  }
  for (const need of type.imports) {
    const instance = supplied.get(need.module);
    if (!instance)
      throw new DecodeError(`missing module instantiation argument named \`${need.module}\``, offset);
    const item = instance.get(need.name);
    if (!item) {
      throw new DecodeError(
        `module instantiation argument \`${need.module}\` does not export an item named \`${need.name}\``,
        offset,
      );
    }
    const mismatch = coreMismatch(item, need.type);
    if (mismatch) {
      throw new DecodeError(
        `type mismatch for export \`${need.name}\` of module instantiation argument \`${need.module}\`: ${mismatch}`,
        offset,
      );
    }
  }
  return new Map(type.exports.map((one) => [one.name, one.type]));
}

/** Core WebAssembly allows it; a component could not tell the two apart. */
export function checkImportNames(imports: readonly CoreImport[], offset: number): void {
  const seen = new Set<string>();
  for (const { module, name, type } of imports) {
    const key = JSON.stringify([module, name]);
    if (seen.has(key)) throw new DecodeError(`duplicate import name \`${module}:${name}\``, offset);
    seen.add(key);
    if (type.kind === 'memory' && type.limits.min > maxPages(type)) {
      throw new DecodeError('memory size must be at most 4 GiB', offset);
    }
  }
}

function maxPages(memory: { readonly limits: Limits; readonly pageSizeLog2: number }): bigint {
  return 1n << BigInt(memory.limits.index64 ? 64 - memory.pageSizeLog2 : 32 - memory.pageSizeLog2);
}

/** A module type has an index space of core types of its own. */
export function moduleType(scope: Scope, syntax: CoreModuleTypeSyntax, offset: number): CoreModuleType {
  const types: CoreFunctionType[] = [];
  const imports: CoreModuleType['imports'][number][] = [];
  const exports: CoreModuleType['exports'][number][] = [];
  const exportNames = new Set<string>();
  const resolve = (extern: CoreExternSyntax, at: number): CoreExternType => {
    if (extern.kind !== 'func' && extern.kind !== 'tag') return extern as CoreExternType;
    const type = types[extern.type];
    if (!type) throw new DecodeError(`unknown type ${extern.type}: type index out of bounds`, at);
    if (extern.kind === 'tag' && type.results.length > 0)
      throw new DecodeError('invalid exception type: non-empty tag result type', at);
    return extern.kind === 'func' ? type : { kind: 'tag', signature: type };
  };
  for (const declaration of syntax.declarations) {
    switch (declaration.kind) {
      case 'type':
        if (declaration.type.kind === 'module')
          throw new DecodeError('module types cannot stand in module types', declaration.offset);
        types.push(declaration.type);
        break;
      case 'alias outer': {
        // The module type itself is the innermost scope.
        if (declaration.count === 0) {
          types.push(at(types, declaration.index, 'type', declaration.offset));
          break;
        }
        const target = scope.outer(declaration.count - 1, declaration.offset);
        const type = at(target.coreTypes, declaration.index, 'core type', declaration.offset);
        if (type.kind !== 'func')
          throw new DecodeError('module types cannot be aliased in module types', declaration.offset);
        types.push(type);
        break;
      }
      case 'import': {
        imports.push({
          module: declaration.module,
          name: declaration.name,
          type: resolve(declaration.type, declaration.offset),
        });
        break;
      }
      case 'export':
        if (exportNames.has(declaration.name))
          throw new DecodeError(
            `duplicate export name \`${declaration.name}\` already defined`,
            declaration.offset,
          );
        exportNames.add(declaration.name);
        exports.push({ name: declaration.name, type: resolve(declaration.type, declaration.offset) });
        break;
    }
  }
  checkImportNames(imports, offset);
  return { kind: 'module', imports, exports };
}
