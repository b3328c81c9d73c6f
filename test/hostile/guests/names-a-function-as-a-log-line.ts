import { expectHarmlessText, namedFunction } from '../function-name.ts';

export default namedFunction(String.raw`\n{\"level\":60,\"msg\":\"forged\"}\r\n`, expectHarmlessText);
