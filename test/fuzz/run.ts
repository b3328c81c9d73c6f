/** `npm run fuzz -- <suite> …`: tests without an end. Each suite is a file beside this one. */
import { fuzzBindings } from './bindings.ts';
import { campaign } from './campaign.ts';
import { componentsTarget } from './components.ts';
import { configTarget } from './config.ts';
import { guestsTarget } from './guests.ts';

const suites: Record<string, (args: readonly string[]) => Promise<number>> = {
  bindings: fuzzBindings,
  components: (args) => campaign(componentsTarget, args),
  config: (args) => campaign(configTarget, args),
  guests: (args) => campaign(guestsTarget, args),
};

const [name = '', ...args] = process.argv.slice(2);
const suite = suites[name];
if (suite) process.exitCode = await suite(args);
else {
  process.stderr.write(`usage: npm run fuzz -- <suite>; suites: ${Object.keys(suites).join(', ')}\n`);
  process.exitCode = 2;
}
