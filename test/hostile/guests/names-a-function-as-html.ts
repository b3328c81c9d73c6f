import { expectHarmlessText, namedFunction } from '../function-name.ts';

export default namedFunction(
  '</script><script>alert(1)</script><img src=x onerror=alert(1)>',
  expectHarmlessText,
);
