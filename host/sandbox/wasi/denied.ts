/**
 * What of WASI nobody is granted, sockets and HTTP: linked, so that components whose toolchain imports all
 * of WASI load, and refusing. A function with an `err` answers the one that says so; one without can
 * only make something that leads nowhere (a resource) or fault.
 */
import { ComponentError } from '../../component/errors.ts';
import { camelCase, parseExternName, pascalCase } from '../../component/names.ts';
import type { FunctionType, InstanceType, ResourceType, ValueType } from '../../component/types.ts';
import { WeirError } from '../../errors.ts';
import { sandboxErrors } from '../errors.ts';

/** Codes of WASI's error types that mean "you may not", best first. */
const refusals = ['access-denied', 'not-permitted', 'HTTP-request-denied', 'forbidden', 'access'];

/** A class that stands for a resource with nothing behind it. */
type Hollow = (new () => object) & Record<string, unknown>;

/** The classes of one component's denied interfaces, which use each other's resources. */
export type HollowClasses = Map<ResourceType, Hollow>;

/** Functions and classes for the interface `name` as a component imports it. */
export function deniedInterface(
  name: string,
  type: InstanceType,
  hollow: HollowClasses,
): Record<string, unknown> {
  const given: Record<string, unknown> = Object.create(null);
  const classes = new Map<string, Hollow>();
  for (const { name: member, type: extern } of type.exports) {
    if (extern.kind !== 'type' || extern.type.kind !== 'resource') continue;
    const made = hollow.get(extern.type) ?? (class {} as Hollow);
    hollow.set(extern.type, made);
    classes.set(member, made);
    given[pascalCase(member)] = made;
  }
  for (const { name: member, type: extern } of type.exports) {
    if (extern.kind !== 'func') continue;
    const parsed = parseExternName(member);
    const refuse = refusal(`${name}#${member}`, extern, hollow);
    if (parsed?.kind === 'method')
      define(classes.get(parsed.resource)?.prototype, camelCase(parsed.name), refuse);
    else if (parsed?.kind === 'static') define(classes.get(parsed.resource), camelCase(parsed.name), refuse);
    else if (parsed?.kind !== 'constructor') define(given, camelCase(member), refuse);
  }
  return given;
}

function define(holder: object | undefined, name: string, value: unknown): void {
  if (holder !== undefined) Object.defineProperty(holder, name, { value, enumerable: true });
}

function refusal(name: string, { result }: FunctionType, hollow: HollowClasses): () => unknown {
  if (result?.kind === 'result') {
    const code = refusalCode(result.err);
    if (code !== undefined || result.err === undefined) {
      return () => {
        throw new ComponentError(code);
      };
    }
  }
  if (result?.kind === 'option') return () => undefined;
  if (result?.kind === 'own') {
    const { resource } = result;
    return () => {
      const made = hollow.get(resource);
      return made === undefined ? {} : new made();
    };
  }
  return () => {
    throw new WeirError(
      sandboxErrors.WEIR_SANDBOX_NOT_GRANTED,
      `${name} was called, and no grant gives it to an extension`,
    );
  };
}

function refusalCode(type: ValueType | undefined): unknown {
  if (type?.kind === 'enum') return refusals.find((code) => type.names.includes(code));
  if (type?.kind !== 'variant') return undefined;
  const tag = refusals.find((code) => type.cases.some((one) => one.name === code && one.type === undefined));
  return tag === undefined ? undefined : { tag };
}
