import { expectHarmlessText, namedFunction } from '../function-name.ts';

export default namedFunction(String.raw`../../../../etc/passwd\00.txt`, expectHarmlessText);
