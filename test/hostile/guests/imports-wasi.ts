import { makeComponent } from '../../component/make-component.ts';
import { file } from '../guest.ts';

const wit = `package test:hostile@1.0.0;
world guest { import wasi:cli/environment@0.2.6; export weir:processor/processor@0.1.0; }
package wasi:cli@0.2.6 { interface environment { get-arguments: func() -> list<string>; } }
package weir:processor@0.1.0 { interface processor { enum signal { logs, metrics, traces } variant outcome { forward(list<u8>), unchanged, drop } record process-error { permanent: bool, message: string } process: func(signal: signal, batch: list<u8>) -> result<outcome, process-error>; } }`;

export default file(
  () =>
    makeComponent({
      wit,
      world: 'guest',
      core: `(module (import "wasi:cli/environment@0.2.6" "get-arguments" (func (param i32))) (memory (export "memory") 1) (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable) (func (export "weir:processor/processor@0.1.0#process") (param i32 i32 i32) (result i32) unreachable))`,
    }),
  {
    expected: { refused: 'WEIR_SANDBOX_IMPORT_DENIED' },
  },
);
