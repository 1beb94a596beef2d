import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { collect, type Compared } from '../../src/compare/collect';
import type { JobResult } from '../../src/compare/launch';
import { parseConfig } from '../../src/config';
import { floorOf } from '../../src/metrics/floor';
import { type Report, score } from '../../src/metrics/scores';
import type { RunResult } from '../../src/run/result';
import { comparisonText } from '../../src/report/compareText';

const folder = mkdtempSync(join(tmpdir(), 'dsc-collect-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Sentences = string[][];

const entrantOf = (label: string) => ({
  label,
  config: parseConfig([{ source: 'test', values: { loss: { name: label } } }]),
});

/** Finished runs of ce and dsc, one a list of predictions, with the files and results that a run leaves. */
async function compareTags(
  gold: Sentences,
  predicted: Record<string, Sentences[]>,
  scheme = 'iob2',
  guessed?: Sentences,
) {
  const entrants = Object.keys(predicted).map(entrantOf);
  const reports: Record<string, Report[]> = {};
  const results = entrants.flatMap(({ label, config }) =>
    predicted[label].map((tags, i): JobResult => {
      const out = join(folder, label, String(i + 1));
      const scored = score(gold, tags, { scheme, version: '-' });
      const floor = guessed && floorOf(score(gold, guessed, { scheme, version: '-' }));
      const report: Report = floor ? { ...scored, floor } : scored;
      (reports[label] ??= []).push(report);
      mkdirSync(out, { recursive: true });
      const rows = gold.map((sentence, s) => sentence.map((tag, t) => `w\t${tag}\t${tags[s][t]}\n`).join(''));
      writeFileSync(join(out, 'test.pred.conll'), `${rows.join('\n')}\n`);
      const tagging = { scheme, spelling: 'standard', outside: 'O' };
      const data = { train: { tagging, labels: { O: 9 }, classes: { PER: 8 } }, dev: { tagging }, test: { tagging } };
      const result = { dev: report, test: report, data, engine: { name: 'js', device: 'CPU', threads: 1 } };
      const rest = {
        history: [],
        best: { epoch: 1, score: 1 },
        learned: true,
        timing: { started: '', seconds: 1 },
        warnings: [],
      };
      const run = { result: { ...result, ...rest, config } as unknown as RunResult, analysis: null };
      const job = { id: `${label}/${i + 1}`, config: { ...config, seed: i + 1, out }, analyse: false };
      return { job, run, outcome: { status: 'done' } };
    }),
  );
  const seeds = predicted[entrants[0].label].map((_, i) => i + 1);
  const plan = {
    version: '-',
    out: folder,
    entrants,
    seeds,
    reference: entrants[0].label,
    tune: null,
    until: null,
    resamples: 3,
  };
  return { compared: await collect(plan, entrants, null, results), reports };
}

/** Every number of a comparison that is a number of its runs, beside theirs. */
function expectSame({ comparison }: Compared, reports: Record<string, Report[]>): void {
  for (const { label, scores, classes, confusion } of comparison.losses) {
    const tables = reports[label].map(({ entities, tags }) => entities ?? tags);
    const mean = (values: number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;
    const micro = comparison.task === 'chunks' ? 'micro-f1' : 'accuracy';
    expect(scores[micro].values).toEqual(tables.map((table) => table.micro.f1));
    expect(scores['macro-f1'].values).toEqual(tables.map(({ macro }) => macro.f1));
    const names = new Set(Object.values(reports).flat().flatMap(({ entities, tags }) => (entities ?? tags).classes.map(({ name }) => name))); // prettier-ignore
    const listed = comparison.metrics.filter(({ kind }) => kind === 'class');
    expect(new Set(listed.map(({ title }) => title))).toEqual(names);
    for (const { title, name, support } of listed) {
      const own = tables.map((table) => table.classes.find((one) => one.name === title));
      expect(scores[name].values).toEqual(own.map((one) => one?.f1 ?? 0));
      expect(own.every((one) => one === undefined || one.support === support)).toBe(true);
      const listedClass = classes.find((one) => one.name === title);
      expect(listedClass?.precision ?? 0).toBe(mean(own.map((one) => one?.precision ?? 0)));
      expect(listedClass?.recall ?? 0).toBe(mean(own.map((one) => one?.recall ?? 0)));
    }
    for (const metric of Object.values(scores)) expect(metric.mean).toBe(mean([...metric.values]));
    for (const gold of confusion?.tags ?? [])
      for (const guess of confusion?.tags ?? []) {
        const count = ({ tags, cells }: Report['confusion']) =>
          cells.find(([g, p]) => tags[g] === gold && tags[p] === guess)?.[2] ?? 0;
        expect(confusion && count(confusion)).toBe(reports[label].reduce((sum, one) => sum + count(one.confusion), 0));
      }
  }
  for (const { label, metric, difference } of comparison.tests) {
    const [ours, theirs] = [label, comparison.reference].map((name) => comparison.losses.find((loss) => loss.label === name)?.scores[metric].mean ?? NaN); // prettier-ignore
    expect(difference).toBeCloseTo(ours - theirs, 12);
  }
}

describe('collect', () => {
  it('counts what a loss predicts of a class that the scored file lacks, as conlleval does', async () => {
    const gold = Array.from({ length: 60 }, (_, s) => [s < 20 ? 'B-PER' : 'O', 'O']);
    const spurious = gold.map(([tag], s) => [tag, s < 40 ? 'B-MISC' : 'O']); // conlleval: precision 20 of 60, recall 1, F1 0.50
    const clean = gold.map(([tag], s) => [s < 5 ? 'O' : tag, 'O']); // 15 of 20, F1 30 / 35
    for (const predicted of [
      { ce: [clean, clean], dsc: [spurious, spurious] },
      { ce: [spurious, spurious], dsc: [clean, clean] }, // whichever run comes first
    ]) {
      const { compared, reports } = await compareTags(gold, predicted);
      const of = (label: string) => compared.comparison.losses.find((loss) => loss.label === label)?.scores;
      const label = predicted.ce[0] === spurious ? 'ce' : 'dsc';
      expect(of(label)?.['micro-f1'].values).toEqual([0.5, 0.5]);
      expect(of(label === 'ce' ? 'dsc' : 'ce')?.['micro-f1'].values).toEqual([30 / 35, 30 / 35]);
      expect(compared.comparison.metrics.find(({ title }) => title === 'MISC')).toMatchObject({ support: 0 });
      expect(compared.comparison.tests.map(({ metric }) => metric)).toEqual(['micro-f1', 'macro-f1', 'PER.f1']);
      expect(Math.sign(compared.comparison.tests[0].difference)).toBe(label === 'ce' ? 1 : -1);
      expect(comparisonText(compared.comparison)).toMatch(/^MISC \(not in gold\) +0 +0\.00 ± 0\.00 +0\.00 ± 0\.00$/m);
      expectSame(compared, reports);
    }
  });

  it('shows what a look-up scores, and warns of a loss below it', async () => {
    const gold = Array.from({ length: 60 }, (_, s) => [s < 20 ? 'B-PER' : 'O', 'O']);
    const half = gold.map(([tag], s) => [s < 10 ? 'O' : tag, 'O']); // 10 of 20: F1 20 / 30
    const few = gold.map(([tag], s) => [s < 15 ? 'O' : tag, 'O']); // 5 of 20: F1 10 / 25
    const { compared } = await compareTags(gold, { ce: [gold, gold], dsc: [few, few] }, 'iob2', half);
    const { floor, warnings } = compared.comparison;
    expect(floor).toEqual({ 'micro-f1': 20 / 30, 'macro-f1': 20 / 30, 'PER.f1': 20 / 30 });
    const worse = warnings.filter(({ code }) => code === 'worse-than-look-up').map(({ message }) => message);
    expect(worse).toEqual([
      `dsc: worse than looking up what training holds: 40.00 micro-F1 on ${compared.comparison.split} where the look-up has 66.67`,
    ]);
    expect(comparisonText(compared.comparison)).toMatch(/^micro-F1 +100\.00 ± 0\.00 +40\.00 ± 0\.00 +66\.67$/m);
    expect((await compareTags(gold, { ce: [gold, gold], dsc: [few, few] })).compared.comparison.floor).toBeNull();
  });

  it.each([
    ['entities', 'iob2', ['O', 'B-PER', 'I-PER', 'B-LOC', 'B-constructor', 'I-__proto__', 'B-toString']],
    ['plain tags', 'plain', ['O', 'PER', 'LOC', 'constructor', '__proto__', 'toString', 'hasOwnProperty']],
  ])('has the numbers of its runs, to the last bit, on random %s', async (_, scheme, tags) => {
    const sequences = fc.integer({ min: 1, max: 6 }).chain((length) => {
      const sentence = fc.array(fc.constantFrom(...tags), { minLength: length, maxLength: length });
      // gold has the first tags alone, so that some classes are in predictions only
      const gold = fc.array(fc.constantFrom(...tags.slice(0, 4)), { minLength: length, maxLength: length });
      return fc.record({ gold, runs: fc.array(sentence, { minLength: 4, maxLength: 4 }) });
    });
    await fc.assert(
      fc.asyncProperty(fc.array(sequences, { minLength: 1, maxLength: 6 }), async (sentences) => {
        const run = (i: number) => sentences.map(({ runs }) => runs[i]);
        const predicted = { ce: [run(0), run(1)], dsc: [run(2), run(3)] };
        const gold = sentences.map((one) => one.gold);
        const { compared, reports } = await compareTags(gold, predicted, scheme);
        expectSame(compared, reports);
      }),
      { numRuns: 60 },
    );
  });
});
