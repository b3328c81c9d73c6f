/**
 * Deny by default: an instance gets the interfaces that are offered to it and nothing else. Whatever
 * else a component imports is refused before it is compiled, with every refused import named and what
 * would allow it.
 *
 * An imported interface that holds plain types alone (`use` of another interface's records) lends no
 * power and needs nothing from the host; it passes.
 */
import { signature } from '../component/signature.ts';
import type { ComponentType, Extern, InstanceType } from '../component/types.ts';
import { WeirError } from '../errors.ts';
import { sandboxErrors } from './errors.ts';
import { grantOf, grantText } from './grants.ts';
import { wasiInterfaces } from './wasi/interfaces.ts';
import { wasiInterface } from './wasi/wasi.ts';

/** Types of the functions of an offered interface, by kebab-case name, as `signature` writes them. */
export type OfferedInterface = Readonly<Record<string, string>>;

/** Offered interfaces by full name. */
export type Offer = Readonly<Record<string, OfferedInterface>>;

/**
 * Check what a component imports against what is offered.
 * @throws WeirError `WEIR_SANDBOX_IMPORT_DENIED` naming every import that is not offered, or
 * `WEIR_SANDBOX_IMPORT_TYPE` when a function is imported with another type than it has
 */
export function checkImports(type: ComponentType, offer: Offer): void {
  const wanted = type.imports.filter(needsSomething);
  const denied = wanted
    .filter(({ name }) => offeredInterface(name, offer) === undefined)
    .map(({ name }) => name);
  if (denied.length > 0) throw deniedError(denied, offer);
  for (const extern of wanted) {
    if (extern.type.kind !== 'instance') throw deniedError([extern.name], offer);
    checkInterface(extern.name, extern.type, offeredInterface(extern.name, offer)!);
  }
}

/** The interfaces that a component needs the host for, sorted: the permissions that it asks for. */
export function neededImports(type: ComponentType): string[] {
  return type.imports
    .filter(needsSomething)
    .map((extern) => extern.name)
    .sort();
}

function needsSomething({ type }: Extern): boolean {
  switch (type.kind) {
    case 'type':
      return type.type.kind === 'resource';
    case 'instance':
      return type.exports.some(needsSomething);
    default:
      return true;
  }
}

/** What the host has for the interface `name`. Of WASI that is the same for everybody: grants change what it answers. */
function offeredInterface(name: string, offer: Offer): OfferedInterface | undefined {
  const wasi = wasiInterface(name);
  if (wasi !== undefined) return Object.hasOwn(wasiInterfaces, wasi) ? wasiInterfaces[wasi]! : {};
  return Object.hasOwn(offer, name) ? offer[name] : undefined;
}

function checkInterface(name: string, type: InstanceType, offered: OfferedInterface): void {
  for (const member of type.exports.filter(needsSomething)) {
    const has = Object.hasOwn(offered, member.name) ? offered[member.name] : undefined;
    if (has === undefined && isLinkedAnyway(name, member)) continue;
    if (member.type.kind !== 'func' || has === undefined) {
      throw deniedError([`${name}#${member.name}`], { [name]: offered });
    }
    const wants = signature(member.type);
    if (wants !== has) {
      throw new WeirError(
        sandboxErrors.WEIR_SANDBOX_IMPORT_TYPE,
        `the component imports ${name}#${member.name} as \`${wants}\`; the host has \`${has}\``,
        { hint: 'build the component against the WIT that comes with this version of Weir' },
      );
    }
  }
}

/** Resources of WASI, whatever of it is only there to refuse, and functions that a later version may have added. */
function isLinkedAnyway(name: string, { name: member, type }: Extern): boolean {
  const wasi = wasiInterface(name);
  if (wasi === undefined) return false;
  return type.kind === 'type' || !Object.hasOwn(wasiInterfaces, wasi) || !member.startsWith('[');
}

function deniedError(names: readonly string[], offer: Offer): WeirError {
  return new WeirError(
    sandboxErrors.WEIR_SANDBOX_IMPORT_DENIED,
    `the component imports ${names.join(', ')}, which is not granted`,
    { hint: [...new Set(names.map((name) => remedy(name, offer)))].join('; ') },
  );
}

function remedy(name: string, offer: Offer): string {
  const [unversioned] = name.split('@');
  const otherVersion = Object.keys(offer).find((offered) => offered.split('@')[0] === unversioned);
  if (otherVersion !== undefined && otherVersion !== name) {
    return `this host offers ${otherVersion}: build the component against that version`;
  }
  const grant = grantOf(name);
  if (name.startsWith('weir:') && grant !== undefined) return `add \`${grantText(grant)}\` to the extension`;
  if (name.startsWith('wasi:')) {
    return 'this host has WASI 0.2: io, clocks, cli, random, filesystem, and sockets and http that refuse';
  }
  return `an extension may import ${Object.keys(offer).sort().join(', ')}`;
}
