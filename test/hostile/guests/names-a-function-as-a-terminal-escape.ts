import { expectHarmlessText, namedFunction } from '../function-name.ts';

export default namedFunction(String.raw`\1b]0;owned\07\1b[2J\c2\9b31m`, expectHarmlessText);
