import { floorOf } from '../../src/metrics/floor';
import { type Report, score } from '../../src/metrics/scores';
import { parseConfig } from '../../src/config';
import type { RunResult } from '../../src/run/result';
import { scoreWarnings, settingsOf } from '../../src/run/warnings';

const report = (predicted: string[], gold = ['B-PER', 'B-LOC']): Report =>
  score([gold], [predicted], { scheme: 'iob2', version: '0' });
const withFloor = (predicted: string[], guessed: string[]): Report => ({
  ...report(predicted),
  floor: floorOf(report(guessed)),
});
const dataOf = (classes: Record<string, number>) => ({ train: { classes } }) as unknown as RunResult['data'];
const config = (loss: Record<string, unknown>, train: Record<string, unknown> = {}) =>
  parseConfig([{ source: 'test', values: { loss, train } }]);

const [both, half, nothing] = [report(['B-PER', 'B-LOC']), report(['B-PER', 'O']), report(['O', 'O'])];
const common = { data: dataOf({ PER: 2, LOC: 1 }), learned: true, config: config({ name: 'dsc' }), test: null };

describe('settingsOf', () => {
  it('knows the loss, how it fades, and how small its smooth may be', () => {
    expect(settingsOf(config({ name: 'dsc', smooth: 0.5 }, { warmupEpochs: 3, learningRate: 0.1 }))).toMatchObject({
      loss: 'dsc',
      fades: true,
      smooth: { value: 0.5, least: 1e-8 },
      warmupEpochs: 3,
      learningRate: 0.1,
    });
    expect(settingsOf(config({ name: 'ce' }))).toMatchObject({ loss: 'ce', fades: false });
    expect(settingsOf(config({ name: 'ce' }))).not.toHaveProperty('smooth');
  });
});

describe('scoreWarnings', () => {
  it('names classes that neither dev nor test has a prediction of', () => {
    const [one, ...more] = scoreWarnings({ ...common, dev: half, test: nothing });
    expect(more).toEqual([]);
    expect(one).toMatchObject({
      code: 'never-predicted',
      message: 'never predicted on dev and test, though in training: LOC',
    });
    expect(scoreWarnings({ ...common, dev: half })[0].message).toContain('never predicted on dev, ');
  });

  it('cuts a long list', () => {
    const gold = Array.from({ length: 1000 }, (_, i) => `B-T${i}`);
    const data = dataOf(Object.fromEntries(gold.map((tag) => [tag.slice(2), 1])));
    const dev = report(
      gold.map(() => 'O'),
      gold,
    );
    const [{ message }] = scoreWarnings({ ...common, data, dev });
    expect(message).toMatch(/: T0, T1, .* and 980 more$/);
    expect(message.length).toBeLessThan(300);
  });

  it('speaks of Dice-like losses only after training with one', () => {
    const adviceAfter = (name: string): string =>
      scoreWarnings({ ...common, dev: half, config: config({ name }) })[0].advice;
    for (const name of ['dl', 'dsc', 'tl', 'dice-blog']) expect(adviceAfter(name)).toContain(`${name} hardly pulls`);
    for (const name of ['ce', 'wce', 'fl', 'ce+dl', 'ce+dsc', 'ce+log-dice', 'unified-focal', 'la'])
      expect(adviceAfter(name)).toBe('');
  });

  it('names the splits where the tagger is worse than a look-up', () => {
    const worse = { dev: withFloor(['B-PER', 'B-LOC'], ['O', 'B-LOC']), test: withFloor(['O', 'B-LOC'], ['B-PER', 'B-LOC']) }; // prettier-ignore
    expect(scoreWarnings({ ...common, ...worse }).map(({ code, message }) => ({ code, message }))).toEqual([
      {
        code: 'worse-than-look-up',
        message: 'worse than looking up what training holds: 66.67 on test where the look-up has 100.00',
      },
    ]);
  });

  it('is silent where all is well, and where nothing was learned: that is told elsewhere', () => {
    expect(scoreWarnings({ ...common, dev: both, test: nothing })).toEqual([]);
    expect(scoreWarnings({ ...common, dev: withFloor(['B-PER', 'B-LOC'], ['B-PER', 'B-LOC']) })).toEqual([]);
    expect(scoreWarnings({ ...common, dev: nothing, learned: false })).toEqual([]);
  });
});
