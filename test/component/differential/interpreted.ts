/** Two rounds in a process that disallows code from strings. Arguments: seed, cases. Prints the tally as JSON. */
import { differentialRound, emptyTally } from './round.ts';

const [seed, cases] = process.argv.slice(2).map(Number) as [number, number];
let generated = true;
try {
  new Function('return 1');
} catch {
  generated = false;
}
if (generated) throw new TypeError('start this with --disallow-code-generation-from-strings');
const tally = emptyTally();
await differentialRound({ seed, cases, encoding: 'utf8', types: 'settled' }, tally);
await differentialRound({ seed, cases, encoding: 'utf8', types: 'recent' }, tally);
console.log(JSON.stringify(tally));
