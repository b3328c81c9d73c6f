/**
 * `npm run conformance -- guests <dir>`: components of others, for instance the Rust guests of jco's own tests, load
 * and do the same in ours as in jco.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compareGuest, type FunctionReport } from './compare.ts';

const seed = 1;

/** Returns whether every component loads and none of its functions differs. */
export async function reportGuests(folder: string, verbose: boolean): Promise<boolean> {
  const totals: Record<FunctionReport['outcome'] | 'refused', number> = {
    same: 0,
    'both trap': 0,
    differs: 0,
    'not called': 0,
    refused: 0,
  };
  for (const file of readdirSync(folder).sort()) {
    if (!file.endsWith('.wasm')) continue;
    let reports: FunctionReport[];
    try {
      reports = await compareGuest(new Uint8Array(readFileSync(join(folder, file))), seed);
    } catch (error) {
      totals.refused++;
      console.log(`${file}: REFUSED: ${(error as Error).message}`);
      continue;
    }
    const same = reports.filter(({ outcome }) => outcome === 'same').length;
    console.log(`${file}: ${same} of ${reports.length} functions do the same`);
    for (const { name, outcome, detail } of reports) {
      totals[outcome]++;
      if (outcome === 'differs' || (verbose && outcome !== 'same'))
        console.log(`  ${name}: ${outcome}: ${detail}`);
    }
  }
  console.log(totals);
  return totals.differs === 0 && totals.refused === 0;
}
