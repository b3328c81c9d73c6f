/** `weir verify`: was a component signed with one of these keys, and not changed since? */
import { Command } from 'commander';
import { WeirError } from '../errors.ts';
import { extensionErrors } from '../extension/errors.ts';
import { readProvider } from '../extension/provider.ts';
import { publicKeyPattern } from '../extension/signature.ts';
import { print, printJson } from './terminal.ts';
import { readWasm } from './wasm-file.ts';

export function verifyCommand(): Command {
  return new Command('verify')
    .description('check the signatures of a component')
    .argument('<file.wasm>', 'an extension')
    .requiredOption('--key <ed25519:…>', 'a public key that is trusted; may be given again', collect)
    .option('--json', 'answer in JSON')
    .action(async (file: string, options: { key: string[]; json?: true }) => {
      for (const key of options.key) checkKey(key);
      const provider = readProvider(await readWasm(file));
      provider.checkIntegrity(undefined, { keys: options.key, required: true });
      const { sha256, signers } = provider;
      const trusted = signers.filter((signer) => options.key.includes(signer));
      if (options.json === true) printJson({ file, sha256, signers, trusted });
      else print(`${file} is signed with ${trusted.join(', ')}\nsha256 ${sha256}`);
    });
}

function collect(key: string, before: string[] = []): string[] {
  return [...before, key];
}

function checkKey(key: string): void {
  if (publicKeyPattern.test(key)) return;
  throw new WeirError(extensionErrors.WEIR_EXTENSION_KEY, `\`${key}\` is no public key`, {
    hint: 'a public key is `ed25519:` and 32 bytes in base64, as `weir keygen` prints it',
  });
}
