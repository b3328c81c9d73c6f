/** `weir keygen`: a key pair to sign components with. The private half goes into a file, the public half is printed. */
import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { WeirError } from '../errors.ts';
import { extensionErrors } from '../extension/errors.ts';
import { publicKeyOf } from '../extension/signature.ts';
import { print, printJson } from './terminal.ts';

export function keygenCommand(): Command {
  return new Command('keygen')
    .description('make a key to sign components with')
    .argument('<key.pem>', 'where the private key goes; a file that exists is left alone')
    .option('--json', 'answer in JSON')
    .action(async (file: string, options: { json?: true }) => {
      const { privateKey } = generateKeyPairSync('ed25519');
      const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;
      try {
        await writeFile(file, pem, { flag: 'wx', mode: 0o600 });
      } catch (cause) {
        throw new WeirError(
          extensionErrors.WEIR_EXTENSION_KEY,
          `the key cannot be written to ${file}: ${(cause as Error).message}`,
          { cause, hint: 'name a file that does not exist yet, in a folder that does' },
        );
      }
      const publicKey = publicKeyOf(pem);
      if (options.json === true) printJson({ file, publicKey });
      else print(publicKey);
    });
}
