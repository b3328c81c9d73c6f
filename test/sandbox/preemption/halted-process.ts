/** A process whose guest needs 60 ms of processor time within a deadline of 200 ms. */
import { writeSync } from 'node:fs';
import { assemble, exported, meteredInstance, within } from './metered.ts';

const busy = () => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
};
let start: number | undefined;
function more(): number {
  if (start === undefined) {
    start = busy();
    writeSync(1, 'running\n');
  }
  return busy() - start < 60 ? 1 : 0;
}

const module = await assemble(
  '(module (import "host" "more" (func $more (result i32))) (func (export "run") (loop (br_if 0 (call $more)))))',
);
const outcome = within(200, exported(meteredInstance(module, { host: { more } }), 'run'));
writeSync(1, outcome.stopped ? 'stopped\n' : 'returned by itself\n');
