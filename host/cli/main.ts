/** The command `weir`: names its commands, and turns whatever they throw into a message and an exit code. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import type { WeirError } from '../errors.ts';
import { packageFile } from '../package.ts';
import { buildCommand } from './build.ts';
import { checkCommand } from './check.ts';
import { inspectCommand } from './inspect.ts';
import { keygenCommand } from './keygen.ts';
import { quickstartCommand } from './quickstart.ts';
import { runCommand } from './run.ts';
import { signCommand } from './sign.ts';
import { errorColors, exitCode, note, printable } from './terminal.ts';
import { verifyCommand } from './verify.ts';

const { version } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { version: string };

/** Run one command line (without `node` and the script); sets `process.exitCode`. */
export async function main(args: readonly string[]): Promise<void> {
  const program = new Command('weir')
    .description('A WASM-sandboxed extension runtime for telemetry pipelines.')
    .version(version)
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .addHelpText(
      'after',
      '\nExit codes: 0 done; 1 failed while working (start, build, drain); 2 wrong arguments or configuration.',
    );
  const commands = [
    runCommand,
    checkCommand,
    buildCommand,
    inspectCommand,
    keygenCommand,
    signCommand,
    verifyCommand,
    quickstartCommand,
  ];
  for (const command of commands) {
    program.addCommand(command().exitOverride());
  }
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreClosedPipe);
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    process.exitCode = report(error);
  }
}

/** Whoever reads the output may have seen enough (`weir inspect … | head`): what is left goes nowhere. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

function report(error: unknown): number {
  // Commander has printed its own message by now; help and version are no failures.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.ok : exitCode.invalid;
  if (isReported(error)) {
    const { position, hint } = error;
    const where = position === undefined ? '' : `${position.file}:${position.line}:${position.column}: `;
    note(
      `${errorColors.red('error')} ${where}${printable(error.message)} ${errorColors.dim(`[${error.code}]`)}`,
    );
    if (hint !== undefined) note(`  ${errorColors.cyan('→')} ${printable(hint)}`);
    return exitCode.failed;
  }
  note(
    `${errorColors.red('error')} ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  );
  return exitCode.failed;
}

/** Errors with a code explain themselves; of others the stack is wanted. */
function isReported(error: unknown): error is Pick<WeirError, 'code' | 'message' | 'position' | 'hint'> {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('WEIR_');
}

if (import.meta.main) await main(process.argv.slice(2));
