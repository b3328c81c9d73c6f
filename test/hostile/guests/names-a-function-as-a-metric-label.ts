import { expectHarmlessText, namedFunction } from '../function-name.ts';

export default namedFunction(String.raw`\"} 1\nweir_faults_total{extension=\"other`, expectHarmlessText);
