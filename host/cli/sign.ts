/** `weir sign`: put a signature into a component. */
import { createHash } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { WeirError } from '../errors.ts';
import { extensionErrors } from '../extension/errors.ts';
import { readProvider } from '../extension/provider.ts';
import { publicKeyOf, signComponent } from '../extension/signature.ts';
import { print, printJson } from './terminal.ts';
import { readWasm } from './wasm-file.ts';

export function signCommand(): Command {
  return new Command('sign')
    .description('sign a component and its manifest')
    .argument('<file.wasm>', 'an extension')
    .requiredOption('--key <key.pem>', 'the private key, as `weir keygen` made it')
    .option('--out <file.wasm>', 'where the signed component goes, instead of into its own file')
    .option('--json', 'answer in JSON')
    .action(async (file: string, options: { key: string; out?: string; json?: true }) => {
      const bytes = await readWasm(file);
      // Nobody should vouch for what could never run.
      readProvider(bytes);
      const pem = await readKey(options.key);
      const signed = signComponent(bytes, pem);
      const out = options.out ?? file;
      // Whoever reads the file meanwhile sees the old one or the new one, whole.
      const temporary = `${out}.${process.pid}.tmp`;
      await writeFile(temporary, signed);
      await rename(temporary, out);
      const sha256 = createHash('sha256').update(signed).digest('hex');
      const publicKey = publicKeyOf(pem);
      if (options.json === true) printJson({ file: out, publicKey, sha256 });
      else print(`${out} signed with ${publicKey}\nsha256 ${sha256}`);
    });
}

async function readKey(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new WeirError(
      extensionErrors.WEIR_EXTENSION_KEY,
      `the key ${file} cannot be read: ${(cause as Error).message}`,
      { cause, hint: '`weir keygen FILE` makes one' },
    );
  }
}
