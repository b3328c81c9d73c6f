/** A worker thread with a guest that never returns; says whether it was stopped, and whether it found a watchdog. */
import { getEnvironmentData, parentPort } from 'node:worker_threads';
import { assemble, exported, meteredInstance, within } from './metered.ts';

const inherited = getEnvironmentData('weir:watchdog') !== undefined;
const instance = meteredInstance(await assemble('(module (func (export "run") (loop (br 0))))'));
const { stopped } = within(30, exported(instance, 'run'));
parentPort!.postMessage({ stopped, inherited });
