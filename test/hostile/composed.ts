/**
 * Guests of two components: one exports `weir:processor/processor` and calls the other. What passes between
 * them crosses the host's adapter, in both directions, with types that no host service has.
 */
import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { makeComponent } from '../component/make-component.ts';
import { witPackage } from '../extension/probe.ts';
import { coreText, type HostileGuest, MEMORY } from './guest.ts';
import { COMPONENT_SECTION, withSections } from './world.ts';

const INNER = 'test:hostile/inner@1.0.0';

/** Its functions, and how the core module of each side names them. */
const functions = [
  { name: 'take-char', wit: 'func(value: char)', core: '(param i32)' },
  { name: 'take-switches', wit: 'func(value: switches) -> u32', core: '(param i32) (result i32)' },
  { name: 'take-level', wit: 'func(value: level)', core: '(param i32)' },
  { name: 'take-texts', wit: 'func(one: string, two: string)', core: '(param i32 i32 i32 i32)' },
  { name: 'take-numbers', wit: 'func(value: list<u64>)', core: '(param i32 i32)' },
  { name: 'give-text', wit: 'func() -> string', core: '(param i32)', given: '(result i32)' },
] as const;

export interface ComposedSource extends Omit<HostileGuest, 'component'> {
  /** The body of `process` of the caller, which has each function of the callee as `$take-char` and so on. */
  readonly process: string;
  /** Fields of the caller's module, after its imports. */
  readonly fields?: string;
  /** Fields of the callee's module; those of its exports that do not stand there do nothing. */
  readonly callee?: string;
}

export function composed(source: ComposedSource): HostileGuest {
  return { ...source, component: () => compose(source) };
}

async function compose({ process, fields = '', callee = '' }: ComposedSource): Promise<Uint8Array> {
  const wit = `package test:hostile@1.0.0;
interface inner {
  flags switches { a, b, c }
  enum level { low, high }
  ${functions.map(({ name, wit }) => `${name}: ${wit};`).join('\n  ')}
}
world caller { import inner; export weir:processor/processor@0.1.0; }
world callee { export inner; }
${await witPackage('processor')}`;
  const imports = functions.map(({ name, core }) => `(import "${INNER}" "${name}" (func $${name} ${core}))`);
  const caller = coreText({ process, fields }).replace('(module', `(module ${imports.join('\n')}`);
  const exports = functions
    .map((one) => ({ ...one, export: `(export "${INNER}#${one.name}")` }))
    .filter((one) => !callee.includes(one.export))
    .map(
      (one) =>
        `(func ${one.export} ${'given' in one ? one.given : one.core} ${one.core.includes('result') || 'given' in one ? '(i32.const 0)' : ''})`,
    );
  const memory = callee.includes('(memory') ? '' : MEMORY;
  const realloc = callee.includes('"cabi_realloc"')
    ? ''
    : '(func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))';
  const inner = `(module ${memory} ${realloc} ${callee} ${exports.join('\n')})`;
  const wiring = await parse(`(component
    (component $callee) (component $caller)
    (instance $inner (instantiate $callee))
    (instance $outer (instantiate $caller (with "${INNER}" (instance $inner "${INNER}"))))
    (export "weir:processor/processor@0.1.0" (instance $outer "weir:processor/processor@0.1.0")))`);
  const inside = await makeComponent({ wit, world: 'callee', core: inner });
  const outside = await makeComponent({ wit, world: 'caller', core: caller });
  return withSections(wiring, COMPONENT_SECTION, [() => [inside], () => [outside]]);
}
