import type { AddCommand } from './context';
import { addConfigOptions, configLayers } from './options';

export const addConfig: AddCommand = (program, context) => {
  const command = program
    .command('config')
    .description('print the config keys with default and meaning; with --json the resolved config')
    .option('--json', 'print the resolved config as JSON, ready for --config')
    .option('--schema', 'print the JSON Schema of config files, with which editors complete and explain keys');
  addConfigOptions(command).action(async (options: Record<string, unknown>) => {
    const { configKeys, parseConfig } = await import('../config/index.js');
    if (options.schema) {
      const { configSchemaText } = await import('../config/jsonSchema.js');
      context.proc.stdout.write(configSchemaText());
      return;
    }
    const config = parseConfig(await configLayers(options));
    const keys = configKeys().map(
      ({ key, default: value, meaning }) => `${key} = ${JSON.stringify(value)}\n    ${meaning}\n`,
    );
    context.proc.stdout.write(options.json ? `${JSON.stringify(config, null, 2)}\n` : keys.join(''));
  });
};
