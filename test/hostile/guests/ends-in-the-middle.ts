import { file } from '../guest.ts';
import { makeFrame } from '../world.ts';

export default file(
  async () => {
    const whole = await makeFrame({});
    return whole.subarray(0, Math.floor(whole.length / 2));
  },
  { expected: { refused: 'WEIR_EXTENSION_COMPONENT' } },
);
