import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { configKeys, nest, parseConfig, parseSetting, readConfigFile, seenFrom, type Layer } from '../../src/config';
import { configSchema, configSchemaText } from '../../src/config/jsonSchema';
import { RECIPES } from '../../src/config/recipes';
import { UserError } from '../../src/errors';
import { LOSSES } from '../../src/losses';

const layer = (values: unknown, source = 'test'): Layer => ({ source, values });

function messageOf(...layers: Layer[]): string {
  try {
    parseConfig(layers);
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  throw new Error('no error was thrown');
}

describe('parseConfig', () => {
  it('takes no value and no key that is nested without end, and shows the beginning of a long one', () => {
    const deep = messageOf(parseSetting(`model=${'['.repeat(60_000)}${']'.repeat(60_000)}`));
    expect(deep).toMatch(/^--set: model: found "\[{199}…; expected /);
    expect(() => parseSetting(`model${'.a'.repeat(60_000)}=1`)).toThrow(/^--set model[.a]{495}: expected key=value$/);
  });

  it('trains dsc on the bundled corpus when nothing is said', () => {
    const config = parseConfig([]);
    expect(config.loss.name).toBe('dsc');
    expect(config.data.train).toMatch(/^bundled:/);
    expect(config.seed).toBe(1);
  });

  it('lets later layers win, key by key', () => {
    const config = parseConfig([
      layer({ train: { epochs: 3, batchTokens: 100 } }, 'file'),
      parseSetting('train.epochs=4'),
      layer(nest('train.epochs', 5), '--epochs'),
    ]);
    expect(config.train.epochs).toBe(5);
    expect(config.train.batchTokens).toBe(100);
  });

  it('lists every problem at once, each with its source and the nearest valid name', () => {
    const lines = messageOf(
      layer({ trian: {}, train: { batchToken: 1, epochs: 'many' }, loss: { name: 'dsc', alhpa: 1 } }, 'my.json'),
      layer({ engine: { name: 'cpu' }, seed: -1 }, '--set'),
    ).split('\n');
    expect(lines).toHaveLength(6);
    const about = (key: string): string => lines.find((line) => line.includes(key)) ?? '';
    expect(about('trian')).toMatch(/^my\.json: trian: unknown key; did you mean 'train'\?$/);
    expect(about('batchToken')).toMatch(/^my\.json: train\.batchToken: unknown key; did you mean 'batchTokens'\?$/);
    expect(about('epochs')).toBe('my.json: train.epochs: found "many"; expected a whole number from 1 up');
    expect(about('alhpa')).toMatch(/alpha/);
    expect(about('engine.name')).toMatch(/^--set: engine\.name: found "cpu"; /);
    expect(about('seed')).toBe('--set: seed: found -1; expected a whole number from 0 to 4294967295');
  });

  it.each([
    ['train.clipNorm=0', 'expected a number above 0'],
    ['model.dropout=1', 'expected a number from 0 to below 1'],
    ['train.decayFactor="x"', 'expected a number above 0 to 1'],
    ['data.tagColumn=true', 'expected a whole number from 1 up or text that is not empty or null'],
    ['train.epsilon=1e-50', 'expected a number that float32 holds, from 1.2e-38 to 3.4e\\+38'],
    ['train.learningRate=1e39', 'expected a number that float32 holds, from 1.2e-38 to 3.4e\\+38'],
    ['train.beta2=0.99999999999', 'expected a number that float32 tells from 1'],
    ['train.metric=""', 'expected text that is not empty'],
    ['analysis.gradientShare=1', 'expected true or false'],
    ['model=3', 'expected an object'],
    ['decode.outsideBias=1e40', "expected 'dev' or a number or null"],
  ])('says in its own words what is right: %s', (setting, words) => {
    expect(messageOf(layer({ data: { train: 'a', dev: 'b' } }), parseSetting(setting))).toMatch(
      new RegExp(`; ${words}$`),
    );
  });

  it('refuses to pack vectors into a checkpoint that is not kept', () => {
    const layers = [layer({ data: { train: 'a', dev: 'b' } }), parseSetting('model.embedVectors=int8')];
    expect(parseConfig(layers).model.embedVectors).toBe('int8');
    expect(parseConfig([...layers, parseSetting('train.keep=["best"]')]).train.keep).toEqual(['best']);
    expect(messageOf(...layers, parseSetting('train.keep=["last", "every 2"]'))).toBe(
      '--set: model.embedVectors: found "int8"; it packs into best.ckpt, which train.keep leaves out',
    );
    expect(messageOf(...layers, parseSetting('model.embedVectors=int4'))).toMatch(/did you mean 'int8'/);
  });

  it('refuses settings of the plateau beside a schedule that does not follow dev', () => {
    const data = layer({ data: { train: 'a', dev: 'b' } });
    const decay = [data, parseSetting('train.decayFactor=0.7'), parseSetting('train.decayPatience=3')];
    expect(parseConfig(decay).train).toMatchObject({ schedule: 'plateau', decayFactor: 0.7, decayPatience: 3 });
    expect(messageOf(...decay, parseSetting('train.schedule=cosine'))).toBe(
      '--set: train.decayFactor: found 0.7; it acts with train.schedule=plateau, which is cosine here\n' +
        '--set: train.decayPatience: found 3; it acts with train.schedule=plateau, which is cosine here',
    );
    expect(parseConfig([data, parseSetting('train.schedule=linear')]).train).toMatchObject({ patience: null });
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('takes %s for an ordinary unknown key', (key) => {
    expect(messageOf(parseSetting(`${key}.x=1`))).toContain(`${key}: unknown key`);
    expect(messageOf(parseSetting(`train.${key}=1`))).toContain(`train.${key}: unknown key`);
    expect(messageOf(layer(JSON.parse(`{"${key}": {"x": 1}}`)))).toContain(`${key}: unknown key`);
    expect(messageOf(parseSetting(`loss.name=${key}`))).toContain(`found "${key}"`);
    expect(messageOf(parseSetting(`loss.${key}=1`))).toContain(key);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  it('refuses a loss of whole sentences where the head tags each token for itself', () => {
    const nll = layer({ loss: { name: 'nll' } }, '--loss');
    expect(messageOf(nll)).toBe(
      '--loss: loss nll is of whole sentences, and the head softmax tags each token for itself: add --set model.head=crf, or take loss ce',
    );
    expect(messageOf(nll, parseSetting('model.head=crfs'))).toMatch(
      /^--set: model\.head: found "crfs"; did you mean 'crf'/,
    );
    const config = parseConfig([nll, parseSetting('model.head=crf')]);
    expect([config.model.head, config.loss]).toEqual(['crf', { name: 'nll' }]);
    expect(parseConfig([]).model.head).toBe('softmax');
  });

  it('names the nearest loss for a mistyped one', () => {
    expect(messageOf(layer({ loss: { name: 'dcs' } }, '--loss'))).toMatch(
      /^--loss: loss\.name: found "dcs"; did you mean 'dsc'\?/,
    );
  });

  it('drops the parameters of a loss that a later layer replaces, and keeps those of the same loss', () => {
    const file = layer({ loss: { name: 'dsc', alpha: 0.1 } }, 'file');
    expect(parseConfig([file, layer({ loss: { name: 'fl' } }, '--loss')]).loss).not.toHaveProperty('alpha');
    expect(parseConfig([file, layer({ loss: { name: 'dsc' } }, '--loss')]).loss).toMatchObject({
      name: 'dsc',
      alpha: 0.1,
    });
  });

  it('keeps the parameters that are set beside a loss that a flag names', () => {
    const flag = layer({ loss: { name: 'fl' } }, '--loss');
    expect(parseConfig([parseSetting('loss.gamma=3'), flag]).loss).toMatchObject({ name: 'fl', gamma: 3 });
    const file = layer({ loss: { name: 'dsc', alpha: 0.1 } }, 'file');
    expect(parseConfig([file, parseSetting('loss.gamma=3'), flag]).loss).toMatchObject({ name: 'fl', gamma: 3 });
    expect(messageOf(parseSetting('loss.alpha=0.1'), flag)).toContain('alpha');
  });

  it('never mixes the bundled corpus with a corpus of the user', () => {
    expect(messageOf(layer({ data: { train: 'mine.conll' } }, '--train'))).toBe(
      'config: data.dev is missing: name it with --dev FILE, or cut one off the training file with dsc-train split',
    );
    expect(parseConfig([layer({ data: { train: 'a', dev: 'b' } })]).data.test).toBeNull();
  });

  it('gives a config that is a fixed point: the resolved config resolves to itself', () => {
    const config = parseConfig([parseSetting('loss.alpha=0.1')]);
    expect(parseConfig([layer(config)])).toEqual(config);
  });
});

describe('settings and files', () => {
  it('reads JSON values and plain text', () => {
    expect(parseSetting('train.batchTokens=2048').values).toEqual({ train: { batchTokens: 2048 } });
    expect(parseSetting('data.train=a=b.conll').values).toEqual({ data: { train: 'a=b.conll' } });
    expect(parseSetting('loss.weights={"O": 0.1}').values).toEqual({ loss: { weights: { O: 0.1 } } });
    expect(() => parseSetting('epochs')).toThrow('expected key=value');
  });

  it('names line and column of broken JSON', async () => {
    const path = join(await mkdtemp(join(tmpdir(), 'dsc-')), 'broken.json');
    await writeFile(path, '{\n  "seed": 1,\n  oops\n}');
    await expect(readConfigFile(path)).rejects.toThrow(`${path}:3:3: `);
    await writeFile(path, '{"seed": 1');
    await expect(readConfigFile(path)).rejects.toThrow(`${path}:1:11: `);
  });

  it.each([
    [
      '{"train": {"epochs": 1},\n "seed": 2, "train": {"patience": 3}}',
      ':2:13: "train" stands here for the second time',
    ],
    ['{"loss": {"weights": {"O": 1, "\\u004f": 2}}}', ':1:31: "\\u004f" stands here for the second time'],
    ['{"a": [{"x": 1}, {"x": 2, "y": ["x", "x"], "x": 3}]}', ':1:44: "x" stands here for the second time'],
  ])('refuses a key that stands twice, of which JSON.parse takes one in silence: %s', async (text, message) => {
    const path = join(await mkdtemp(join(tmpdir(), 'dsc-')), 'twice.json');
    await writeFile(path, text);
    await expect(readConfigFile(path)).rejects.toThrow(path + message);
  });

  it('takes keys that are alike in different objects, and texts that are like keys', async () => {
    const path = join(await mkdtemp(join(tmpdir(), 'dsc-')), 'once.json');
    const values = { loss: { name: 'name' }, train: { 'loss"': ['loss', 'loss', { name: '{"name"' }] }, seed: {} };
    await writeFile(path, JSON.stringify(values));
    expect((await readConfigFile(path)).values).toEqual(values);
  });

  it('says a problem once', () => {
    expect(messageOf(layer({ seed: 1e30 })).split('\n')).toHaveLength(1);
  });

  it('reads paths as relative to the config that names them, wherever it is read', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'dsc-'));
    const path = join(folder, 'c.json');
    const data = { train: 'data/a.conll', dev: '/abs/b.conll', test: 'bundled:ner/test.conll' };
    await writeFile(path, JSON.stringify({ data, out: 'runs/x', model: { initFrom: '../old' } }));
    const config = parseConfig([await readConfigFile(path)]);
    expect(config.data).toMatchObject({ ...data, train: join(folder, 'data/a.conll') });
    expect(config.out).toBe(join(folder, 'runs/x'));
    expect(config.model.initFrom).toBe(join(folder, '../old'));
    const flag = layer(nest('data.train', 'here.conll'), '--train');
    expect(parseConfig([await readConfigFile(path), flag]).data.train).toBe('here.conll');
  });

  it('saves a config so that it names the same files when it is read where it was saved', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'dsc-'));
    const config = parseConfig([layer({ data: { train: 'a.conll', dev: '../b.conll' }, out: join(folder, 'run') })]);
    await writeFile(join(folder, 'config.json'), JSON.stringify(seenFrom(folder, config)));
    const again = parseConfig([await readConfigFile(join(folder, 'config.json'))]);
    expect([again.data.train, again.data.dev, again.out].map((file) => resolve(file ?? ''))).toEqual(
      ['a.conll', '../b.conll', join(folder, 'run')].map((file) => resolve(file)),
    );
  });

  it('knows the configs that ship by name, and the nearest one', async () => {
    expect(parseConfig([await readConfigFile('bundled:ner-dsc')]).loss.name).toBe('dsc');
    expect(await readConfigFile('bundled:configs/ner-dsc.json')).toMatchObject(
      await readConfigFile('bundled:ner-dsc').then(({ values }) => ({ values })),
    );
    await expect(readConfigFile('bundled:ner-dcs')).rejects.toThrow("did you mean 'ner-dsc'?");
    await expect(readConfigFile('bundled:schema')).rejects.toThrow('no such config ships');
    const refused = await readConfigFile('bundled:').catch((error: unknown) => error as UserError);
    for (const [name, why] of Object.entries(RECIPES))
      expect((refused as UserError).note).toContain(`bundled:${name}: ${why}`);
  });

  it('explains every key', () => {
    const keys = configKeys();
    expect(keys.length).toBeGreaterThan(25);
    expect(keys.filter(({ meaning }) => !/\w{3}/.test(meaning))).toEqual([]);
  });
});

describe('configs/', () => {
  const folder = join(__dirname, '../../configs');
  const recipes = readdirSync(folder).filter((name) => name !== 'schema.json');

  it('holds the recipes, each with its reason', () => {
    expect(recipes.sort()).toEqual(Object.keys(RECIPES).map((name) => `${name}.json`).sort()); // prettier-ignore
  });

  it.each(recipes)('%s is valid, and fits the schema that it names', async (name) => {
    const layer = await readConfigFile(join(folder, name));
    const config = parseConfig([layer]);
    expect(name).toContain(config.loss.name);
    expect((layer.values as { $schema: string }).$schema).toBe('./schema.json');
    expect(faults(configSchema(), layer.values)).toEqual([]);
  });
});

describe('the schema of configs', () => {
  it('is that of the program: npm run docs', () => {
    expect(readFileSync(join(__dirname, '../../configs/schema.json'), 'utf8')).toBe(configSchemaText());
  });

  it('takes what the program takes', () => {
    const config = parseConfig([
      layer({ train: { keep: ['best', 'last', 'every 5'] }, decode: { outsideBias: 'dev' } }),
    ]);
    expect(faults(configSchema(), config)).toEqual([]);
    expect(faults(configSchema(), {})).toEqual([]); // defaults and flags may say the rest
    for (const name of Object.keys(LOSSES)) expect(faults(configSchema(), parseConfig([layer({ loss: { name }, model: { head: 'crf' } })]))).toEqual([]); // prettier-ignore
  });

  it.each([
    ['an unknown key', { train: { epoch: 3 } }],
    ['another type', { train: { epochs: '3' } }],
    ['a number out of its range', { model: { dropout: 1 } }],
    ['a name that no table has', { engine: { name: 'gpu' } }],
    ['a parameter of another loss', { loss: { name: 'ce', alpha: 1 } }],
    ['a parameter out of its range', { loss: { name: 'dsc', alpha: 11 } }],
    ['a loss that there is not', { loss: { name: 'dscc' } }],
  ])('refuses %s, as the program does', (_, config) => {
    expect(faults(configSchema(), config)).not.toEqual([]);
    expect(() => parseConfig([layer(config)])).toThrow(UserError);
  });

  it('explains every key', () => {
    const told = (key: string): unknown =>
      key.split('.').reduce<Schema>((node, part) => (node.properties as Record<string, Schema>)[part], configSchema())
        .description;
    expect(configKeys().filter(({ key, meaning }) => told(key) !== meaning)).toEqual([]);
  });

  it('may be named in a config, and means nothing to the program', () => {
    const named = layer({ $schema: './schema.json', seed: 3 });
    expect(parseConfig([named])).toEqual(parseConfig([layer({ seed: 3 })]));
    expect(messageOf(layer({ $schema: 3 }))).toContain('$schema: unknown key');
    expect(messageOf(layer({ train: { $schema: 'x' } }))).toContain('train.$schema: unknown key');
  });
});

type Schema = Readonly<Record<string, unknown>>;

/** What a value breaks of a JSON Schema: the keywords that the schema of configs has, and no others. */
function faults(schema: Schema, value: unknown, path = '$'): string[] {
  const found: string[] = [];
  const check = (fits: boolean, what: string): void => {
    if (!fits) found.push(`${path}: ${what}`);
  };
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  const isType: Record<string, boolean> = {
    object: isObject,
    array: Array.isArray(value),
    null: value === null,
    string: typeof value === 'string',
    number: typeof value === 'number',
    integer: Number.isInteger(value),
    boolean: typeof value === 'boolean',
  };
  for (const [keyword, told] of Object.entries(schema)) {
    const bound = told as number;
    switch (keyword) {
      case 'type':
        check(isType[told as string], `no ${String(told)}`);
        break;
      case 'enum':
        check((told as unknown[]).includes(value), `none of ${String(told)}`);
        break;
      case 'const':
        check(told === value, `not ${String(told)}`);
        break;
      case 'minimum':
        check(typeof value !== 'number' || value >= bound, `below ${bound}`);
        break;
      case 'maximum':
        check(typeof value !== 'number' || value <= bound, `above ${bound}`);
        break;
      case 'exclusiveMinimum':
        check(typeof value !== 'number' || value > bound, `not above ${bound}`);
        break;
      case 'exclusiveMaximum':
        check(typeof value !== 'number' || value < bound, `not below ${bound}`);
        break;
      case 'minLength':
        check(typeof value !== 'string' || value.length >= bound, 'too short');
        break;
      case 'pattern':
        check(typeof value !== 'string' || new RegExp(told as string).test(value), `not like ${String(told)}`);
        break;
      case 'anyOf':
        check(
          (told as Schema[]).some((one) => faults(one, value, path).length === 0),
          'fits nothing',
        );
        break;
      case 'allOf':
        found.push(...(told as Schema[]).flatMap((one) => faults(one, value, path)));
        break;
      case 'if':
        if (faults(told as Schema, value, path).length === 0) found.push(...faults(schema.then as Schema, value, path));
        break;
      case 'required':
        for (const key of told as string[]) check(!isObject || Object.hasOwn(value, key), `no ${key}`);
        break;
      case 'items':
        for (const item of Array.isArray(value) ? value : []) found.push(...faults(told as Schema, item, `${path}[]`));
        break;
      case 'properties':
        for (const [key, one] of Object.entries(told as Record<string, Schema>))
          if (isObject && Object.hasOwn(value, key))
            found.push(...faults(one, (value as Schema)[key], `${path}.${key}`));
        break;
      case 'additionalProperties': {
        const known = Object.keys(schema.properties ?? {});
        for (const [key, inner] of isObject ? Object.entries(value) : []) {
          if (known.includes(key)) continue;
          if (told === false) found.push(`${path}.${key}: unknown`);
          else found.push(...faults(told as Schema, inner, `${path}.${key}`));
        }
        break;
      }
      default:
        if (!['$schema', 'title', 'description', 'default', 'then'].includes(keyword)) throw new Error(`the check does not know ${keyword}`); // prettier-ignore
    }
  }
  return found;
}
