/** Components as the commands take them: files. */
import { readFile } from 'node:fs/promises';
import { WeirError } from '../errors.ts';
import { extensionErrors } from '../extension/errors.ts';

/** @throws WeirError `WEIR_EXTENSION_FILE` */
export async function readWasm(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new WeirError(
      extensionErrors.WEIR_EXTENSION_FILE,
      `${file} cannot be read: ${(cause as Error).message}`,
      { cause },
    );
  }
}
