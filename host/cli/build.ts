/** `weir build`: make components of guest folders. The toolchain itself stands in `build/`. */
import { basename, resolve } from 'node:path';
import { Command } from 'commander';
import { type BuildStep, buildGuest } from '../../build/index.ts';
import { formatByteSize } from '../config/units.ts';
import { colors, Progress, print, printJson } from './terminal.ts';

const steps: Readonly<Record<BuildStep, string>> = {
  bindings: 'generating bindings',
  compile: 'compiling',
  component: 'making the component',
  unchanged: 'up to date',
};

export function buildCommand(): Command {
  return new Command('build')
    .description('build guests: AssemblyScript source and a weir.yaml in, a component out')
    .argument('[folder...]', 'folders of guests', ['.'])
    .option('--force', 'build even if nothing changed')
    .option('--json', 'answer in JSON: [{ wasm, bytes, built }]')
    .action(async (folders: string[], options: { force?: true; json?: true }) => {
      const results = [];
      for (const folder of folders) {
        const progress = new Progress();
        const onProgress = (step: BuildStep) =>
          progress.update(`${basename(resolve(folder))}: ${steps[step]}`);
        try {
          const { wasm, bytes, built } = await buildGuest(folder, {
            force: options.force === true,
            onProgress,
          });
          results.push({ wasm, bytes: bytes.byteLength, built });
        } finally {
          progress.stop();
        }
        const { wasm, bytes, built } = results.at(-1)!;
        if (options.json !== true) {
          print(
            `${colors.green(built ? 'built' : 'up to date')} ${wasm} ${colors.dim(`(${formatByteSize(bytes)})`)}`,
          );
        }
      }
      if (options.json === true) printJson(results);
    });
}
