/** `weir check`: every error of a configuration, without starting anything. */
import { Command } from 'commander';
import { errorsAsJson, renderErrors } from '../config/render.ts';
import { showConfig } from '../config/show.ts';
import { checkConfig } from '../engine/configuration.ts';
import { colors, exitCode, print, printJson, wantsColor } from './terminal.ts';

export function checkCommand(): Command {
  return new Command('check')
    .description('check a configuration and the components that it names; start nothing')
    .argument('<config>', 'the configuration, a YAML file')
    .option('--json', 'answer in JSON: { ok, errors }')
    .option('--show', 'print the configuration, secrets masked')
    .action(async (file: string, options: { json?: true; show?: true }) => {
      const { config, errors } = await checkConfig(file);
      if (errors !== undefined) process.exitCode = exitCode.invalid;
      if (options.json === true) {
        printJson({
          ok: errors === undefined,
          errors: errorsAsJson(errors ?? []),
          ...(config !== undefined && options.show === true ? { config: config.shown } : {}),
        });
      } else if (errors !== undefined) {
        process.stderr.write(renderErrors(errors, { color: wantsColor(process.stderr) }));
      } else {
        if (options.show === true) print(showConfig(config).trimEnd());
        const count = (list: readonly unknown[], what: string) =>
          `${list.length} ${what}${list.length === 1 ? '' : 's'}`;
        const nodes = config.pipelines.flatMap((pipeline) => pipeline.nodes);
        const extensions = config.pipelines.flatMap((pipeline) => pipeline.extensions);
        print(
          `${colors.green('ok')} ${file}: ${count(config.pipelines, 'pipeline')}, ${count(nodes, 'node')}, ${count(extensions, 'extension')}`,
        );
      }
    });
}
