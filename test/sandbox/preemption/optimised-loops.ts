/**
 * Runs guests that never return under a deadline, and prints which of them were stopped. For a process of its own,
 * so that V8 can be told to optimise all code. The argument is a JSON file: modules by name, as lists of bytes.
 */
import { readFileSync } from 'node:fs';
import { exported, meteredInstance, within } from './metered.ts';

const guests = JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as Record<string, number[]>;
const stopped: Record<string, boolean> = {};
for (const [name, bytes] of Object.entries(guests)) {
  const instance = meteredInstance(Uint8Array.from(bytes), { host: { nothing() {} } });
  stopped[name] = within(20, exported(instance, 'run')).stopped;
}
process.stdout.write(JSON.stringify(stopped));
