import { compileComponent } from '../../host/component/compile.ts';
import { componentContract } from './component-contract.ts';

componentContract('the runtime', compileComponent);
