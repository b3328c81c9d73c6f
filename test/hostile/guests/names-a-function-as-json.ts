import { expectHarmlessText, namedFunction } from '../function-name.ts';

export default namedFunction(String.raw`\"},\"fault\":{\"kind\":\"none`, expectHarmlessText);
