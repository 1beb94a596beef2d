import { score } from '../../src/metrics/scores';
import { unpredictedText } from '../../src/report/unpredicted';
import type { RunResult } from '../../src/run/result';

const report = (predicted: string[]) => score([['B-PER', 'B-LOC']], [predicted], { scheme: 'iob2', version: '0' });
const data = { train: { classes: { PER: 2, LOC: 1 } } } as unknown as RunResult['data'];

const config = { loss: { name: 'dsc' } };

describe('unpredictedText', () => {
  it('names classes that neither dev nor test has a prediction of', () => {
    const text = unpredictedText({
      dev: report(['B-PER', 'O']),
      test: report(['O', 'O']),
      data,
      learned: true,
      config,
    });
    expect(text).toMatch(/^warning: never predicted on dev and test, though in training: LOC\nnote: .+\n$/);
  });

  it('cuts a long list', () => {
    const gold = Array.from({ length: 1000 }, (_, i) => `B-T${i}`);
    const many = {
      train: { classes: Object.fromEntries(gold.map((tag) => [tag.slice(2), 1])) },
    } as unknown as RunResult['data'];
    const dev = score([gold], [gold.map(() => 'O')], { scheme: 'iob2', version: '0' });
    const text = unpredictedText({ dev, test: null, data: many, learned: true, config });
    expect(text).toMatch(/: T0, T1, .* and 980 more\nnote/);
    expect(text.length).toBeLessThan(500);
  });

  it('speaks of Dice-like losses only after training with one', () => {
    const told = { dev: report(['B-PER', 'O']), test: null, data, learned: true };
    for (const name of ['dl', 'dsc', 'tl', 'dice-blog'])
      expect(unpredictedText({ ...told, config: { loss: { name } } })).toContain(`${name} hardly pulls on a class`);
    for (const name of ['ce', 'wce', 'fl', 'ce+dl', 'ce+dsc'])
      expect(unpredictedText({ ...told, config: { loss: { name } } })).toBe(
        'warning: never predicted on dev, though in training: LOC\n',
      );
  });

  it('speaks of dev alone where there is no test', () => {
    const text = unpredictedText({ dev: report(['B-PER', 'O']), test: null, data, learned: true, config });
    expect(text).toContain('never predicted on dev, ');
  });

  it('is silent where every class was predicted, and where nothing was learned: that is told elsewhere', () => {
    const [dev, nothing] = [report(['B-LOC', 'B-PER']), report(['O', 'O'])];
    expect(unpredictedText({ dev, test: nothing, data, learned: true, config })).toBe('');
    expect(unpredictedText({ dev: nothing, test: nothing, data, learned: false, config })).toBe('');
  });
});
