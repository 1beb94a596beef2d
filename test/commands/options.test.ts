import { Command } from 'commander';
import { addConfigOptions, addDecodeOptions, configLayers, toldDecoding } from '../../src/commands/options';
import { FLAGS } from '../../src/config/flags';
import { parseConfig } from '../../src/config';
import { lookUp } from '../../src/config/layers';
import { presetNameOf, presetOf, PRESETS } from '../../src/losses/presets';

describe('the flags of the config', () => {
  it.each(FLAGS)('$flag sets $key', async ({ flag, key, type }) => {
    const command = addConfigOptions(new Command());
    command.parse([flag, type === 'number' ? '3' : 'x'], { from: 'user' });
    const layers = await configLayers(command.opts());
    expect(layers.map(({ source }) => source)).toEqual([flag]);
    expect(lookUp(layers[0].values, key.split('.'))).toBe(type === 'number' ? 3 : 'x');
  });
});

describe('decoding of a finished tagger', () => {
  const told = (...args: string[]) => {
    const command = addDecodeOptions(new Command())
      .exitOverride()
      .configureOutput({ writeErr: () => undefined });
    command.parse(args, { from: 'user' });
    return toldDecoding(command.opts());
  };

  it.each([
    [[], {}],
    [['--decode', 'argmax'], { method: 'argmax' }],
    [['--decode', 'valid', '--outside-bias', '-0.5'], { method: 'valid', outsideBias: -0.5 }],
    [['--outside-bias', '0'], { outsideBias: 0 }],
  ])('%j', (args, expected) => {
    expect(told(...args)).toEqual(expected);
  });

  it.each([
    ['dev', /expected a number; one that is fitted on dev comes from/],
    ['', /expected a number/],
    ['1e999', /expected a number/],
  ])('has no bias %j', (text, message) => {
    expect(() => told('--outside-bias', text)).toThrow(message);
  });

  it('has no other method', () => {
    expect(() => told('--decode', 'auto')).toThrow(/Allowed choices are valid, argmax/);
  });
});

describe('--preset', () => {
  const layersOf = async (...args: string[]) => {
    const command = addConfigOptions(new Command());
    command.parse(args, { from: 'user' });
    return configLayers(command.opts());
  };
  const lossOf = async (...args: string[]) => parseConfig(await layersOf(...args)).loss;

  it.each(Object.keys(PRESETS))('%s is the loss that it names, and the run says so', async (name) => {
    const { name: loss, ...params } = await lossOf('--preset', name);
    expect(loss).toBe(presetOf(name).loss);
    expect(params).toMatchObject(presetOf(name).params);
    expect(presetNameOf(loss, params)).toBe(name);
  });

  it('gives way to single parameters, and is not named then', async () => {
    const { name, ...params } = await lossOf('--preset', 'paper-ner', '--set', 'loss.alpha=0.1');
    expect(params).toMatchObject({ form: 'pooled', alpha: 0.1 });
    expect(presetNameOf(name, params)).toBeUndefined();
    expect(presetNameOf('ce', {})).toBeUndefined();
  });

  it('is refused beside another loss, and by another name', async () => {
    for (const other of [
      ['--loss', 'ce'],
      ['--set', 'loss.name=ce'],
    ])
      await expect(layersOf('--preset', 'paper-ner', ...other)).rejects.toThrow(/is loss dsc, .* names loss ce/);
    await expect(layersOf('--preset', 'paper-nre')).rejects.toThrow("did you mean 'paper-ner'?");
    expect((await lossOf('--preset', 'paper-ner', '--loss', 'dsc')).form).toBe('pooled');
  });
});
