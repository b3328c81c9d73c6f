/** What the README shows, done as it says. Its programs are run by `test/package`, where the package is installed. */
import { createHash } from 'node:crypto';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { checkout } from '../checkout.ts';
import { guest } from '../e2e/configuration.ts';
import { freePort } from '../e2e/free-port.ts';
import { WeirProcess } from '../e2e/weir-process.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { commands, readmeSnippets, sendLikeCurl } from './snippets.ts';

let snippets: ReadonlyMap<string, string>;
beforeAll(async () => {
  snippets = await readmeSnippets();
});

let running: WeirProcess | undefined;
afterEach(() => running?.stop('SIGKILL'));

it('the configuration passes `weir check`', async () => {
  for (const name of ['token-authorizer', 'redact']) await guest(name);
  const folder = await temporaryFolder();
  await symlink(join(checkout, 'guests'), join(folder, 'guests'), 'dir');
  await writeFile(join(folder, 'pipelines.yaml'), snippet('pipelines.yaml'));
  const TOKEN_SHA256 = createHash('sha256').update('secret').digest('hex');
  const check = new WeirProcess(['check', 'pipelines.yaml'], { cwd: folder, env: { TOKEN_SHA256 } });
  expect([await check.exited(), check.output()]).toEqual([0, expect.stringMatching(/^ok pipelines\.yaml/)]);
});

it('an extension is written, built, inspected, checked, run and asked as it says', async () => {
  const folder = await temporaryFolder();
  const port = await freePort();
  const withFreePort = (text: string) => {
    expect(text).toContain(':4318');
    return text.replaceAll(':4318', `:${port}`);
  };
  for (const file of ['knock/weir.yaml', 'knock/extension.ts']) await write(folder, file, snippet(file));
  await write(folder, 'knock/pipeline.yaml', withFreePort(snippet('knock/pipeline.yaml')));

  const steps = commands(snippet('ten-minutes'));
  expect(steps.map((words) => words.slice(0, 3).join(' '))).toEqual([
    'npx weir build',
    'npx weir inspect',
    'npx weir check',
    'npx weir run',
  ]);
  for (const [, , ...args] of steps) {
    running = new WeirProcess(args, { cwd: folder });
    if (args[0] === 'run') break;
    expect([args, await running.exited(), running.output()]).toEqual([args, 0, expect.any(String)]);
  }
  await running!.line(({ msg }) => msg === 'the engine runs');

  const statuses: number[] = [];
  for (const line of commands(withFreePort(snippet('knocking')))) {
    statuses.push((await sendLikeCurl(line)).status);
  }
  expect(statuses).toEqual([200, 401]);
  expect(await running!.stop()).toBe(0);
}, 60_000);

function snippet(label: string): string {
  const text = snippets.get(label);
  expect(text, `the README has a block labelled ${label}`).toBeDefined();
  return text!;
}

async function write(folder: string, name: string, text: string): Promise<void> {
  const file = join(folder, name);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}
