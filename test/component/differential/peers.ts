/** One echo component, live in two runtimes: ours and jco. Both are given the same host. */
import { compileComponent } from '../../../host/component/compile.ts';
import type { InterfaceExports } from '../../../host/component/component.ts';
import { ComponentError } from '../../../host/component/errors.ts';
import { transpileOnce } from '../oracle/transpile.ts';
import type { HandleValue } from './arbitrary.ts';
import { functionNames, guestInterface, hasVia, hostInterface, imageInterface } from './echo-component.ts';
import {
  children,
  type FunctionShape,
  isBorrow,
  isNullable,
  memberKey,
  resultShape,
  type Shape,
} from './shape.ts';

/** Names of functions as JavaScript spells them: `echo-ab` → `echoAb`. */
export function keyOf(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** The resource that the host defines. */
class HostThing {
  readonly #id: number;

  constructor(id: number) {
    this.#id = id;
  }

  id(): number {
    return this.#id;
  }
}

export class Peer {
  readonly name: string;
  readonly guest: InterfaceExports;
  readonly image: { dump(): Uint8Array; restore(bytes: Uint8Array): void };

  constructor(name: string, exports: Readonly<Record<string, unknown>>) {
    this.name = name;
    this.guest = exports[guestInterface] as InterfaceExports;
    this.image = exports[imageInterface] as Peer['image'];
  }

  /** A drawn value with its handles made real. */
  real(shape: Shape, value: unknown): unknown {
    if (shape.kind.includes('-')) {
      const { handle, id } = value as HandleValue;
      return handle === 'host' ? new HostThing(id) : new this.guest.GuestThing(id);
    }
    if (children(shape).length === 0 || value === undefined) return value;
    switch (shape.kind) {
      case 'list':
        return Array.isArray(value) ? value.map((item) => this.real(shape.element, item)) : value;
      case 'array':
        return (value as unknown[]).map((item) => this.real(shape.element, item));
      case 'map':
        return new Map(
          Array.from(value as Map<unknown, unknown>, ([key, item]) => [key, this.real(shape.value, item)]),
        );
      case 'tuple':
        return shape.parts.map((part, i) => this.real(part, (value as unknown[])[i]));
      case 'record': {
        const fields = value as Record<string, unknown>;
        return Object.fromEntries(
          shape.parts.map((part, i) => [memberKey(i), this.real(part, fields[memberKey(i)])]),
        );
      }
      case 'option': {
        if (isNullable(shape)) return this.real(shape.some, value);
        const { tag, val } = value as { tag: string; val?: unknown };
        return tag === 'none' ? { tag } : { tag, val: this.real(shape.some, val) };
      }
      case 'variant':
      case 'result': {
        const { tag, val } = value as { tag: string; val?: unknown };
        const payload = shape.cases[caseIndex(shape, tag)];
        return payload ? { tag, val: this.real(payload, val) } : { tag };
      }
      default:
        return value;
    }
  }

  /** Call a function of the guest; the outcome of a `result` comes back in tagged form. */
  call(name: string, result: Shape | undefined, args: readonly unknown[]): unknown {
    try {
      const value = this.guest[keyOf(name)](...args);
      return result?.kind === 'result' ? { tag: 'ok', val: value } : value;
    } catch (error) {
      // jco's class of this name is its own.
      if (result?.kind !== 'result' || !(error instanceof Error) || !('payload' in error)) throw error;
      return { tag: 'err', val: error.payload };
    }
  }
}

/** Where a case stands: names of cases count up in letters. */
export function caseIndex(shape: Shape & { kind: 'variant' | 'result' }, tag: string): number {
  if (shape.kind === 'result') return tag === 'ok' ? 0 : 1;
  return shape.cases.findIndex((_, i) => memberKey(i) === keyOf(tag));
}

/** The host's own functions: each returns its parameters, with what it borrowed as ids. */
function hostImports(functions: readonly FunctionShape[]): Record<string, InterfaceExports> {
  const members: InterfaceExports = { HostThing };
  for (const [i, one] of functions.entries()) {
    if (!hasVia(one)) continue;
    members[keyOf(functionNames(i).via)] = (...args: unknown[]) => {
      const parts = one.params.map((param, at) =>
        isBorrow(param) ? (args[at] as HostThing).id() : args[at],
      );
      if (resultShape(one)?.kind !== 'result') return parts.length > 1 ? parts : parts[0];
      const { tag, val } = parts[0] as { tag: string; val: unknown };
      if (tag === 'err') throw new ComponentError(val);
      return val;
    };
  }
  return { [hostInterface]: members };
}

export async function weirPeer(bytes: Uint8Array, functions: readonly FunctionShape[]): Promise<Peer> {
  const component = await compileComponent(bytes);
  return new Peer('weir', component.instantiate(hostImports(functions)).exports);
}

/** @throws DecodeError when jco refuses the component */
export async function jcoPeer(bytes: Uint8Array, functions: readonly FunctionShape[]): Promise<Peer> {
  const { glue, coreModules } = await transpileOnce(bytes, [hostInterface]);
  const compiled = new Map<string, WebAssembly.Module>();
  for (const [path, core] of coreModules) {
    compiled.set(path, await WebAssembly.compile(core as Uint8Array<ArrayBuffer>));
  }
  const exports = glue(
    (path) => compiled.get(path)!,
    hostImports(functions),
    (module, imports) => new WebAssembly.Instance(module, imports),
  );
  return new Peer('jco', exports);
}
