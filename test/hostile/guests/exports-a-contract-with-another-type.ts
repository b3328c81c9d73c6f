import { makeComponent } from '../../component/make-component.ts';
import { file } from '../guest.ts';

const wit = `package test:hostile@1.0.0;
world guest { export weir:processor/processor@0.1.0; }
package weir:processor@0.1.0 { interface processor { process: func(x: u32); } }`;

export default file(
  () =>
    makeComponent({
      wit,
      world: 'guest',
      core: `(module (func (export "weir:processor/processor@0.1.0#process") (param i32)))`,
    }),
  {
    expected: { refused: 'WEIR_EXTENSION_CONTRACT' },
  },
);
