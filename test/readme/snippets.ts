/**
 * The fenced blocks of the README that have a label behind their language: a file's path for one that is to be
 * written to that file, a word for commands.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { checkout } from '../checkout.ts';

/** The blocks' text by label. */
export async function readmeSnippets(): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(join(checkout, 'README.md'), 'utf8');
  const blocks = text.matchAll(/^```\w+ (\S+)\n([\s\S]*?)^```$/gm);
  return new Map([...blocks].map(([, label, body]) => [label!, body!]));
}

/** A block of commands: the words of each line. Quotes are the single ones of a shell. */
export function commands(block: string): string[][] {
  return block
    .trimEnd()
    .split('\n')
    .map((line) => [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => (quoted ?? bare)!));
}

/** Send what a `curl` line says, with Node's own client: curl need not be installed. */
export function sendLikeCurl([command, ...args]: readonly string[]): Promise<Response> {
  if (command !== 'curl') throw new TypeError(`expected a curl line, found ${command}`);
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      include: { type: 'boolean', short: 'i' },
      header: { type: 'string', short: 'H', multiple: true },
      data: { type: 'string', short: 'd' },
    },
  });
  const headers = (values.header ?? []).map((line) => {
    const [, name, value] = /^([^:]+): *(.*)$/.exec(line)!;
    return [name!, value!] satisfies [string, string];
  });
  return fetch(positionals[0]!, {
    headers,
    ...(values.data === undefined ? {} : { method: 'POST', body: values.data }),
  });
}
