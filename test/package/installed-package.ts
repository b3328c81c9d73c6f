/** The package as its users get it: packed with `npm pack`, installed by npm into an empty folder. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { checkout } from '../checkout.ts';

const run = promisify(execFile);

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export class InstalledPackage {
  /** The user's project. */
  readonly folder: string;

  /** Pack and install; the caller removes `folder` in the end. */
  static async install(): Promise<InstalledPackage> {
    const parent = await mkdtemp(join(tmpdir(), 'weir-package-'));
    const installed = new InstalledPackage(join(parent, 'project'));
    await mkdir(installed.folder);
    const { stdout } = await npm(checkout, 'pack', '--json', '--pack-destination', parent);
    const [{ filename }] = JSON.parse(stdout.slice(stdout.indexOf('[\n'))) as [{ filename: string }];
    await installed.write('package.json', '{ "private": true, "type": "module" }\n');
    await npm(
      installed.folder,
      'install',
      '--prefer-offline',
      '--no-audit',
      '--no-fund',
      join(parent, filename),
    );
    return installed;
  }

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** The folder of the installed package. */
  get root(): string {
    return join(this.folder, 'node_modules', 'weir-runtime');
  }

  async write(name: string, text: string): Promise<string> {
    const file = join(this.folder, name);
    await writeFile(file, text);
    return file;
  }

  /** Run a command in the project's folder. */
  run(command: string, ...args: string[]): Promise<Ended> {
    return runIn(this.folder, command, args);
  }

  /** The installed command. */
  weir(...args: string[]): Promise<Ended> {
    return this.run(join(this.folder, 'node_modules', '.bin', 'weir'), ...args);
  }
}

/** `npx` in some folder. */
export function npx(folder: string, ...args: string[]): Promise<Ended> {
  return runIn(folder, 'npx', args);
}

/** Run a command. Does not reject when it ends with another code than 0. */
async function runIn(cwd: string, command: string, args: readonly string[]): Promise<Ended> {
  try {
    const { stdout, stderr } = await run(command, args, { cwd, env: environment() });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as Ended;
    return { code, stdout, stderr };
  }
}

function npm(cwd: string, ...args: string[]): Promise<{ stdout: string; stderr: string }> {
  return run('npm', args, { cwd, env: environment(), maxBuffer: 64 * 2 ** 20 });
}

/** This Node first on the path, for the one outside may be older; and nothing of an `npm test` around this one. */
function environment(): NodeJS.ProcessEnv {
  const outside = Object.entries(process.env).filter(([name]) => !/^npm_(package|lifecycle)_/.test(name));
  return {
    ...Object.fromEntries(outside),
    NO_COLOR: '1',
    PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
  };
}
