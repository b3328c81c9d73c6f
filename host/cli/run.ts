/** `weir run`: run the pipelines of a configuration until a signal asks to stop. */
import { Command, Option } from 'commander';
import { pino } from 'pino';
import pretty from 'pino-pretty';
import { renderErrors } from '../config/render.ts';
import { checkConfig } from '../engine/configuration.ts';
import { Engine } from '../engine/engine.ts';
import type { LogDestination } from '../engine/log.ts';
import { exitCode, wantsColor } from './terminal.ts';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error'] as const;

interface RunOptions {
  readonly json?: true;
  readonly logLevel: (typeof logLevels)[number];
}

export function runCommand(): Command {
  return new Command('run')
    .description('run the pipelines of a configuration')
    .argument('<config>', 'the configuration, a YAML file')
    .option('--json', 'log as JSON lines, also on a terminal')
    .addOption(new Option('--log-level <level>', 'least level to log').choices(logLevels).default('info'))
    .addHelpText(
      'after',
      '\nSIGTERM and SIGINT (Ctrl-C) drain what is in flight and exit 0; a second one exits at once.',
    )
    .action(async (file: string, options: RunOptions) => {
      const { config, errors } = await checkConfig(file);
      if (errors !== undefined) {
        process.stderr.write(renderErrors(errors, { color: wantsColor(process.stderr) }));
        process.exitCode = exitCode.invalid;
        return;
      }
      const engine = await Engine.run(config, {
        log: { level: options.logLevel, destination: logDestination(options) },
      });
      await stopOnSignal(engine);
    });
}

/** Readable lines on a terminal, JSON lines elsewhere; on standard error, for standard output is for results. */
export function logDestination({ json }: { readonly json?: true }): LogDestination {
  if (json === true || process.stderr.isTTY !== true) return pino.destination({ dest: 2, sync: true });
  return pretty({
    destination: 2,
    sync: true,
    colorize: wantsColor(process.stderr),
    ignore: 'pid,hostname',
    translateTime: 'SYS:HH:MM:ss.l',
  });
}

/** Wait for SIGTERM or SIGINT, then drain. A second signal ends the process at once, with exit code 1. */
export async function stopOnSignal(engine: Engine): Promise<void> {
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  let signals = 0;
  const onSignal = () => {
    signals += 1;
    if (signals > 1) process.exit(exitCode.failed);
    resolve();
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  await asked;
  const { givenUp } = await engine.stop();
  process.off('SIGTERM', onSignal);
  process.off('SIGINT', onSignal);
  if (givenUp > 0) process.exitCode = exitCode.failed;
}
