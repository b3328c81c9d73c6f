import { makeComponent } from '../../component/make-component.ts';
import { file } from '../guest.ts';

const wit = `package test:hostile@1.0.0;
world guest { import weir:extension/clock@0.1.0; export weir:extension/lifecycle@0.1.0; }
package weir:extension@0.1.0 { interface lifecycle { enum stop-reason { shutdown, replaced } start: func() -> result<_, string>; on-timer: func(timer: u32); stop: func(reason: stop-reason); } interface clock { set-ms: func(now: u64); } }`;

export default file(
  () =>
    makeComponent({
      wit,
      world: 'guest',
      core: `(module (import "weir:extension/clock@0.1.0" "set-ms" (func (param i64))) (memory (export "memory") 1) (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable) (func (export "weir:extension/lifecycle@0.1.0#start") (result i32) unreachable) (func (export "weir:extension/lifecycle@0.1.0#on-timer") (param i32)) (func (export "weir:extension/lifecycle@0.1.0#stop") (param i32)))`,
    }),
  {
    expected: { refused: 'WEIR_SANDBOX_IMPORT_DENIED' },
  },
);
