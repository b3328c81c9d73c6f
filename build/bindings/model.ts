/**
 * A guest's world as the generator sees it: which modules to write, which named type stands in which,
 * what is imported and what is exported under which core names. Built from the decoded type of a
 * component; what no AssemblyScript guest can do is refused here, by name.
 *
 * An interface that is both imported and exported gets one module: its types mean the same on both sides.
 */
import type {
  ComponentType,
  Extern,
  FunctionType,
  ResourceType,
  ValueType,
} from '../../host/component/index.ts';
import { WeirError } from '../../host/errors.ts';
import { buildErrors } from '../errors.ts';
import { camelCase, pascalCase } from './names.ts';

/** A generated module: one interface, or the world itself. */
export interface InterfaceModule {
  /** File name without `.ts`. */
  readonly file: string;
  /** Full name of the interface; undefined for what stands in the world itself. */
  readonly interface: string | undefined;
  /** Types declared here, by class name. */
  readonly types: Map<string, ValueType>;
  /** Resources declared here, by class name. */
  readonly resources: Map<string, ResourceType>;
  /** Types of other modules that have a name here too: name here → where they are. */
  readonly aliases: Map<string, TypePlace>;
  /** Functions that the guest may call. */
  readonly imports: ImportedFunction[];
}

export interface TypePlace {
  readonly module: InterfaceModule;
  /** Class name. */
  readonly name: string;
}

export interface ImportedFunction {
  /** As in WIT, with its prefix: `[method]r.f`. */
  readonly name: string;
  readonly type: FunctionType;
  /** Core module and field that it is imported as. */
  readonly core: readonly [module: string, field: string];
  /** Name of the glue function that does the call. */
  readonly glue: string;
}

export interface ExportedFunction {
  readonly interface: string | undefined;
  readonly name: string;
  readonly type: FunctionType;
  /** Core name that the component model wants: `weir:capability/rate-limiter@0.1.0#try-acquire`. */
  readonly core: string;
  /** Name of the wrapper that the generated entry exports. */
  readonly wrapper: string;
  /** What the author's function is called. */
  readonly author: string;
}

/** Files that every guest has, whatever its world. */
const libraryFiles = ['canonical', 'decimal', 'glue', 'guest', 'json', 'wit', 'world'];

export class Model {
  readonly modules: InterfaceModule[] = [];
  readonly exports: ExportedFunction[] = [];
  private readonly byInterface = new Map<string | undefined, InterfaceModule>();
  private importCount = 0;

  /** @throws WeirError `WEIR_BUILD_UNSUPPORTED` */
  constructor(type: ComponentType) {
    this.makeModules(type);
    for (const extern of type.imports) this.addExtern(extern, 'import');
    for (const extern of type.exports) this.addExtern(extern, 'export');
    this.nameAuthorsFunctions();
  }

  /** Where the named type `type` is declared. */
  placeOf(type: ValueType | ResourceType): TypePlace {
    const { owner, name } = type.typeName!;
    return { module: this.byInterface.get(owner)!, name: pascalCase(name) };
  }

  private makeModules(type: ComponentType): void {
    const names = new Set<string | undefined>();
    for (const { name, type: of } of [...type.imports, ...type.exports]) {
      names.add(of.kind === 'instance' ? name : undefined);
    }
    const short = (full: string) => /^[^/]*\/([^@]*)/.exec(full)![1]!;
    const counts = new Map<string, number>();
    for (const name of names) {
      if (name !== undefined) counts.set(short(name), (counts.get(short(name)) ?? 0) + 1);
    }
    for (const name of names) {
      let file = 'world';
      if (name !== undefined) {
        file = short(name);
        const taken = counts.get(file)! > 1 || libraryFiles.includes(file);
        if (taken) file = name.replace(/[^a-z0-9-]+/gi, '-');
      }
      const module: InterfaceModule = {
        file,
        interface: name,
        types: new Map(),
        resources: new Map(),
        aliases: new Map(),
        imports: [],
      };
      this.byInterface.set(name, module);
      this.modules.push(module);
    }
  }

  private addExtern({ name, type }: Extern, direction: 'import' | 'export'): void {
    switch (type.kind) {
      case 'instance':
        for (const member of type.exports) this.addMember(name, member, direction);
        return;
      case 'func':
      case 'type':
        this.addMember(undefined, { name, type }, direction);
        return;
      default:
        throw unsupported(`the ${direction} "${name}" is a ${type.kind}`);
    }
  }

  private addMember(owner: string | undefined, { name, type }: Extern, direction: 'import' | 'export'): void {
    const module = this.byInterface.get(owner)!;
    const where = owner === undefined ? name : `${owner}#${name}`;
    if (type.kind === 'type') {
      this.addType(module, owner, name, type.type, direction, where);
      return;
    }
    if (type.kind !== 'func') throw unsupported(`"${where}" is a ${type.kind}`);
    for (const param of type.params) refuse(param.type, where);
    if (type.result !== undefined) refuse(type.result, where);
    if (direction === 'import') {
      module.imports.push({
        name,
        type,
        core: [owner ?? '$root', name],
        glue: `call${this.importCount++}`,
      });
      return;
    }
    if (name.startsWith('[')) throw exportedResource(where);
    this.exports.push({
      interface: owner,
      name,
      type,
      core: where,
      wrapper: `export${this.exports.length}`,
      author: camelCase(name),
    });
  }

  private addType(
    module: InterfaceModule,
    owner: string | undefined,
    name: string,
    type: ValueType | ResourceType,
    direction: 'import' | 'export',
    where: string,
  ): void {
    const local = pascalCase(name);
    const declared = type.typeName;
    const foreign = declared !== undefined && (declared.owner !== owner || declared.name !== name);
    if (foreign && this.byInterface.has(declared.owner)) {
      module.aliases.set(local, this.placeOf(type));
    } else if (type.kind === 'resource') {
      if (direction === 'export') throw exportedResource(where);
      module.resources.set(local, type);
    } else {
      refuse(type, where);
      module.types.set(local, type);
    }
  }

  /** Two interfaces with a function of the same name: both get the interface's name in front. */
  private nameAuthorsFunctions(): void {
    const counts = new Map<string, number>();
    for (const { author } of this.exports) counts.set(author, (counts.get(author) ?? 0) + 1);
    this.exports.forEach((one, i) => {
      if (counts.get(one.author)! < 2 || one.interface === undefined) return;
      const short = /^[^/]*\/([^@]*)/.exec(one.interface)![1]!;
      this.exports[i] = { ...one, author: camelCase(`${short}-${one.name}`) };
    });
  }
}

function refuse(type: ValueType, where: string): void {
  switch (type.kind) {
    case 'stream':
    case 'future':
    case 'error-context':
      throw unsupported(`"${where}" uses a ${type.kind}`);
    case 'list':
      if (type.length !== undefined) throw unsupported(`"${where}" uses a list of fixed length`);
      refuse(type.element, where);
      return;
    case 'record':
      for (const field of type.fields) refuse(field.type, where);
      return;
    case 'tuple':
      for (const element of type.elements) refuse(element, where);
      return;
    case 'variant':
      for (const one of type.cases) if (one.type !== undefined) refuse(one.type, where);
      return;
    case 'option':
      refuse(type.some, where);
      return;
    case 'result':
      if (type.ok !== undefined) refuse(type.ok, where);
      if (type.err !== undefined) refuse(type.err, where);
      return;
    default:
  }
}

function exportedResource(where: string): WeirError {
  return unsupported(
    `"${where}" exports a resource`,
    'hand out a number that names the object, and take it in plain functions',
  );
}

function unsupported(what: string, hint?: string): WeirError {
  return new WeirError(
    buildErrors.WEIR_BUILD_UNSUPPORTED,
    `${what}, which AssemblyScript guests cannot do${hint === undefined ? '' : `; ${hint}`}`,
    hint === undefined ? {} : { hint },
  );
}
