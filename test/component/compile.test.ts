import { compileComponent } from '../../host/component/compile.ts';
import { componentContract } from './component-contract.ts';

componentContract('compileComponent', compileComponent);
