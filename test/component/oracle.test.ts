/** The oracle keeps the same promises, or comparing with it would say little. */
import { componentContract } from './component-contract.ts';
import { compileComponent } from './oracle/compile.ts';

componentContract('the oracle', compileComponent);
