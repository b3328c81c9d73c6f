/** `npm run errors`: writes the table of error codes anew. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorTable, TABLE_FILE } from './registry.ts';

await writeFile(join(import.meta.dirname, '../..', TABLE_FILE), await errorTable());
