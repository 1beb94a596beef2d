import { Command } from 'commander';
import { addConfigOptions, configLayers } from '../../src/commands/options';
import { FLAGS } from '../../src/config/flags';
import { lookUp } from '../../src/config/layers';

describe('the flags of the config', () => {
  it.each(FLAGS)('$flag sets $key', async ({ flag, key, type }) => {
    const command = addConfigOptions(new Command());
    command.parse([flag, type === 'number' ? '3' : 'x'], { from: 'user' });
    const layers = await configLayers(command.opts());
    expect(layers.map(({ source }) => source)).toEqual([flag]);
    expect(lookUp(layers[0].values, key.split('.'))).toBe(type === 'number' ? 3 : 'x');
  });
});
