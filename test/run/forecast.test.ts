import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '../../src/config';
import { openEngine } from '../../src/engine';
import { HEADS } from '../../src/heads';
import { parseLossParams } from '../../src/losses';
import { forecastLine, forecastText } from '../../src/report/losses';
import { type Forecast, forecaster, forecastRun, type Given } from '../../src/run/forecast';
import { forecastWarnings } from '../../src/run/warnings';

beforeAll(() => openEngine('js'));

/** 200 sentences of 50 tokens: a PER in each, one LOC in all; tags are spelled PER-B. */
const TEXT = Array.from({ length: 200 }, (_, s) =>
  [s === 7 ? 'Oslo LOC-B' : 'w O', 'Ada PER-B', 'L PER-I', ...Array.from({ length: 47 }, (__, i) => `v${i} O`)].join(
    '\n',
  ),
).join('\n\n');

async function onFile(loss: string, params: object): Promise<Forecast> {
  const file = join(await mkdtemp(join(tmpdir(), 'forecast-')), 'train.conll');
  await writeFile(file, `${TEXT}\n`);
  const config = parseConfig([{ source: 'test', values: { data: { train: file, dev: file } } }]);
  return (await forecaster(config))(loss, parseLossParams(loss, params));
}

describe('the forecast on a training file', () => {
  it('names labels as the file writes them, and classes by their type', async () => {
    const found = await onFile('tl', { form: 'set', smooth: 1 });
    expect(found.labels.map(({ label }) => label).sort()).toEqual(['LOC-B', 'O', 'PER-B', 'PER-I']);
    expect(found.labels.find(({ label }) => label === 'LOC-B')).toMatchObject({ count: 1 });
    expect(found.starved.map(({ name }) => name)).toEqual(['LOC']);
    const [one, ...more] = forecastWarnings(found, { loss: 'tl' });
    expect(more).toEqual([]);
    expect(one.code).toBe('starved-classes');
    expect(one.message).toMatch(
      /: tl: LOC is pulled \d+ times less than by ce, and pushed down in \d+ % of the batches$/,
    );
    expect(one.advice).toMatch(/--loss ce\+log-dice and .*weights=power/);
  });

  it('warns of nothing with cross-entropy, and says in a line and in a table what it found', async () => {
    const found = await onFile('ce', {});
    expect(forecastWarnings(found, {})).toEqual([]);
    expect(forecastLine(found)).toBe('its pull at the start, where that of ce is 1: O 1, PER-B 1, PER-I 1, LOC-B 1');
    const lines = forecastText(found, 'train.conll').split('\n');
    expect(lines[0]).toBe('    on train.conll:');
    expect(lines[2]).toMatch(/^ {4}O +9,599 +1 +\d\.\d\d +\d+ %$/);
    expect(lines).toHaveLength(7);
  });

  it('says where everything sinks', () => {
    const label = { label: 'B-X', count: 9, pull: 0.04, balance: 2, lowered: 0.925 };
    const found: Forecast = { loss: 'tl', labels: [], start: 1, starved: [{ name: 'X', best: label }], sinks: true };
    expect(forecastWarnings(found, {})[0].message).toBe(
      'tl pushes every class down harder than it pulls, and a tagger that predicts O alone may never leave it: ' +
        'X is pulled 25 times less than by ce, and pushed down in 93 % of the batches',
    );
  });
});

it.each([{ train: { warmupEpochs: 1 } }, { model: { initFrom: 'runs/other' } }])(
  'there is none where training does not start with the loss at the class priors: %j',
  (values) => {
    const unread = {} as Given; // not looked at
    const never = () => {
      throw new Error('called');
    };
    expect(forecastRun(parseConfig([{ source: 'test', values }]), unread, never, HEADS.softmax)).toBeNull();
  },
);
