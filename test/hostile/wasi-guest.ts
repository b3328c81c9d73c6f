/** A hostile processor that imports one function from outside the worlds of `world.ts`. */
import { makeComponent } from '../component/make-component.ts';
import { file, type HostileGuest } from './guest.ts';

interface ImportingSource extends Omit<HostileGuest, 'component'> {
  /** The interface, by its full name, and its package in WIT. */
  readonly imports: string;
  readonly wit: string;
  /** Core imports of the function(s), by name and type: `get-random-u64 (func $call (result i64))`. */
  readonly core: readonly string[];
  /** Further fields of the module. */
  readonly fields?: string;
  /** The body of `process`. */
  readonly process: string;
}

const PROCESSOR =
  'package weir:processor@0.1.0 { interface processor { enum signal { logs, metrics, traces } variant outcome { forward(list<u8>), unchanged, drop } record process-error { permanent: bool, message: string } process: func(signal: signal, batch: list<u8>) -> result<outcome, process-error>; } }';

export function importing({
  imports,
  wit,
  core,
  process,
  fields = '',
  ...rest
}: ImportingSource): HostileGuest {
  const functions = core.map((text) => {
    const [, name, type] = /^(\S+) (.*)$/.exec(text)!;
    return `(import "${imports}" "${name}" ${type})`;
  });
  const make = () =>
    makeComponent({
      wit: `package test:hostile@1.0.0;
world guest { import ${imports}; export weir:processor/processor@0.1.0; }
${wit}
${PROCESSOR}`,
      world: 'guest',
      core: `(module ${functions.join(' ')} ${fields} (memory (export "memory") 1)
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))
        (func (export "weir:processor/processor@0.1.0#process") (param i32 i32 i32) (result i32) ${process}))`,
    });
  return file(make, rest);
}
