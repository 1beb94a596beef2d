import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Comparison } from '../../src/compare/comparison';
import { breakOf, joinThinned, readThinList, thinCorpora } from '../../src/compare/thinned';
import { parseConfig } from '../../src/config';
import { saveThinned, thinnedText } from '../../src/report/thinned';
import { parseThinning } from '../../src/split/thin';
import { madeUpComparison } from '../report/comparison';

const folder = mkdtempSync(join(tmpdir(), 'dsc-thinned-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const steps = [64, 32, 16, 8].map((mentions) => ({ mentions }));
const scores = (...means: number[]) => means.map((mean) => ({ mean, low: mean - 0.1, high: mean + 0.1 }));

describe('breakOf', () => {
  it('finds half the fullest score between steps, on the logarithm of their mentions', () => {
    const { half, low, high, silent } = breakOf(steps, scores(0.8, 0.6, 0.2, 0.1));
    expect(half).toBeCloseTo(32 / Math.SQRT2, 9); // 0.4 is half way from 0.6 to 0.2
    expect(low).toBeCloseTo(2 ** (5 - 0.75), 9); // 0.7 at 32, 0.3 at 16
    expect(high).toBeCloseTo(2 ** (5 - 0.25), 9); // 0.5 at 32, 0.1 at 16
    expect(silent).toBeNull();
  });

  it('says where a score never falls so far, where it is gone, and where it never was', () => {
    expect(breakOf(steps, scores(0.8, 0.7, 0.6, 0.55))).toEqual({ half: null, low: null, high: null, silent: null });
    expect(breakOf(steps, scores(0.8, 0, 0.6, 0)).silent).toBe(8); // once found again, it was not gone
    expect(breakOf(steps, scores(0.8, 0, 0, 0)).silent).toBe(32);
    expect(breakOf(steps, scores(0, 0, 0, 0))).toEqual({ half: null, low: null, high: null, silent: 64 });
    expect(breakOf(steps, scores(0.15, 0.15, 0.15, 0.01)).high).toBeCloseTo(64, 9); // the low end is under it from the start
  });
});

describe('thinCorpora', () => {
  const write = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const lines = (tags: string[]): string => tags.map((tag, i) => `w${i}\t${tag}\n\n`).join('');
  const train = write('train.tsv', lines([...new Array<string>(8).fill('S-PER'), 'S-LOC', 'O', 'B-PER']).replace('B-PER\n', 'B-PER\nx\tE-PER\n')); // prettier-ignore
  const dev = write('dev.tsv', lines(['S-PER', 'O']));
  const config = (test: string) => parseConfig([{ source: 'test', values: { data: { train, dev, test } } }]);

  it('leaves files that are read as the whole one is, and a list to make the report again', async () => {
    const out = join(folder, 'out');
    const { entries, steps: written } = await thinCorpora(config(dev), parseThinning('PER=1,1/3'), out);
    expect(written.map(({ mentions }) => mentions)).toEqual([9, 3]);
    for (const { layers } of entries)
      expect(layers[0].values).toMatchObject({ data: { scheme: 'bioes', tagColumn: 2 } });
    expect(entries[0].layers[0].values).toMatchObject({ data: { train, dev, test: dev } });
    const again = await readThinList(out);
    expect([again?.name, again?.steps]).toEqual(['PER', written]);
    expect(await readThinList(folder)).toBeNull();
  });

  it('refuses a class that nothing is scored on', async () => {
    await expect(thinCorpora(config(dev), parseThinning('LOC=1,1/2'), folder)).rejects.toThrow(`${dev} holds no LOC`);
  });
});

describe('the report of a thinned class', () => {
  const whole = madeUpComparison();
  const silent: Comparison = {
    ...whole,
    losses: whole.losses.map((loss) => ({ ...loss, scores: { ...loss.scores, 'PER.f1': { mean: 0, sd: 0, values: [0], low: 0, high: 0 } } })), // prettier-ignore
  };
  const step = (mentions: number) => ({ name: `PER-1of${90 / mentions}`, share: mentions / 90, mentions, sentences: mentions + 30, holding: mentions, tokens: 300, classes: { PER: mentions, LOC: 30 }, path: 'train' }); // prettier-ignore
  const list = { name: 'PER', steps: [step(90), step(9)] };
  const thinned = joinThinned(list, [
    { name: 'a', comparison: whole },
    { name: 'b', comparison: silent },
  ]);

  it('has the scores and tests of each step, the class first', () => {
    expect(thinned.curves.map(({ metric }) => metric.name)).toEqual(['PER.f1', 'micro-f1', 'macro-f1']);
    const [{ points, breaks }] = thinned.curves;
    expect(points[0].dsc).toMatchObject(whole.losses[1].scores['PER.f1']);
    expect(points[0].dsc.test?.difference).toBe(whole.tests.find(({ metric }) => metric === 'PER.f1')?.difference);
    expect(points[0].ce.test).toBeNull();
    expect(breaks?.ce).toMatchObject({ silent: 9 });
    expect(breaks?.ce.half).toBeCloseTo(9 * Math.sqrt(10), 6);
  });

  it('says them in text, page, Markdown and JSON', async () => {
    expect(thinnedText(thinned)).toContain('ce: about 28 mentions (');
    expect(thinnedText(thinned)).toContain('none found by any seed at 9 and below');
    expect(thinnedText(thinned)).toMatch(
      /^F1 of PER with ever fewer of 90 mentions: ce has half of it at about 28, dsc has half of it at about 28; [^.]*\.$/m,
    );
    const [json, , page] = await saveThinned(folder, thinned);
    expect(json.endsWith('thinned-curves.json')).toBe(true);
    expect(page.endsWith('thinned-curves.html')).toBe(true);
  });

  it('refuses a class that the scored file lacks', () => {
    expect(() => joinThinned({ ...list, name: 'ORG' }, [{ name: 'a', comparison: whole }])).toThrow('holds no ORG');
  });
});
