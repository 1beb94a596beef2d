import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '../../src/config';
import { runHtml } from '../../src/report/trainHtml';
import { run } from '../../src/run';
import type { RunResult } from '../../src/run/result';
import { percent } from '../../src/wording';

const folder = mkdtempSync(join(tmpdir(), 'dsc-page-'));
afterAll(() => rmSync(folder, { recursive: true }));

const HOSTILE = '<script>alert(1)</script>';

/** A real run on a few sentences that are learned by heart, one class of which has a name that would do harm. */
async function trained(tags: (type: string) => string, more: object = {}): Promise<RunResult> {
  const rows = ['Ann\tX', 'ran\tO', 'to\tO', 'Rome\tY', '', 'Bob\tX', 'saw\tO', 'Rome\tY', '', ''];
  const text = Array.from({ length: 6 }, () => rows.join('\n')).join('');
  const written = text.replace(/\tX/g, `\t${tags('PER')}`).replace(/\tY/g, `\t${tags(HOSTILE)}`).replace(/\tO/g, `\t${tags('O')}`); // prettier-ignore
  const train = join(folder, 'secret place.tsv');
  writeFileSync(train, written);
  const values = {
    data: { train, dev: train, format: 'tsv', ...more },
    model: { wordDim: 8, hidden: 6, affixDim: 2, dropout: 0 },
    train: { epochs: 3, batchTokens: 8, learningRate: 0.05 },
    loss: { name: 'ce' },
    analysis: { gradientShare: true },
    engine: { name: 'js' },
    out: mkdtempSync(join(folder, 'run-')),
  };
  const host = {
    signal: new AbortController().signal,
    overwrite: false,
    begin: () => undefined,
    listen: () => undefined,
  };
  const { result } = await run(parseConfig([{ source: 'test', values }]), host);
  if (!result) throw new Error('it was not stopped');
  return result;
}

/** Texts of the cells of each row of the page's tables. */
const rowsOf = (page: string): string[][] =>
  [...page.matchAll(/<tr[^>]*>([^]*?)<\/tr>/g)].map(([, row = '']) =>
    [...row.matchAll(/<t[hd][^>]*>([^]*?)<\/t[hd]>/g)].map(([, cell = '']) => cell.replace(/<[^>]*>/g, '').trim()),
  );

describe('the page of a run', () => {
  let result: RunResult;
  let page: string;
  beforeAll(async () => {
    result = await trained((type) => (type === 'O' ? 'O' : `B-${type}`));
    page = runHtml(result);
  });

  it('has every class and average of the report, and every epoch', () => {
    const rows = rowsOf(page);
    const { classes, micro, macro } = result.dev.entities ?? result.dev.tags;
    expect(classes).toHaveLength(2);
    const told = (name: string) => rows.find(([first = '']) => first.startsWith(name));
    expect(told('PER')).toEqual(expect.arrayContaining([percent(classes[1].f1), '12'])); // 2 in each of 6 copies
    expect(told('micro')).toEqual(expect.arrayContaining([percent(micro.f1), percent(micro.precision), '24']));
    expect(told('macro (2)')).toEqual(expect.arrayContaining([percent(macro.f1)]));
    for (const { epoch, trainLoss, devScore } of result.history)
      expect(rows).toContainEqual(expect.arrayContaining([String(epoch), trainLoss.toFixed(4), percent(devScore)]));
  });

  it('shows every class by epoch, and nothing where that was not kept', () => {
    const rows = rowsOf(page);
    for (const { epoch, classes } of result.history) {
      const names = Object.keys(classes ?? {});
      expect(names).toHaveLength(2);
      const told = names.map((name) => percent(classes?.[name] ?? -1));
      expect(rows).toContainEqual(expect.arrayContaining([String(epoch), ...told]));
    }
    expect(page).toContain('id="dev-classes"');
    const before = result.history.map(({ epoch, trainLoss, devScore, learningRate }) => ({
      ...{ epoch, trainLoss, devScore, learningRate },
    }));
    expect(runHtml({ ...result, history: before })).not.toContain('dev-classes');
  });

  it('adds begin and inside of a class up in the confusion', () => {
    const [, figure = ''] = page.split('id="confusion-classes"');
    expect(figure).toMatch(/PER[^]{0,80}12/);
    expect(figure).not.toContain('B-PER');
  });

  it('shows where the gradient came from, and nothing where that was not measured', () => {
    expect(page).toContain('id="gradient-class"');
    expect(page).toContain('id="gradient-sureness"');
    const unmeasured = result.history.map(({ epoch, trainLoss, devScore, learningRate }) => ({
      ...{ epoch, trainLoss, devScore, learningRate },
    }));
    expect(runHtml({ ...result, history: unmeasured })).not.toContain('gradient-');
  });

  it('holds no markup of the corpus, no path and no request', () => {
    expect(page).not.toContain(HOSTILE);
    expect(page).toContain('&lt;script&gt;');
    expect(page).not.toContain(folder);
    expect(page).toContain('secret place.tsv');
    expect(page).not.toMatch(/(src|href)="(https?:)?\/\//);
    expect(page).not.toMatch(/<script/);
  });

  it('says of dev that it chose the epoch, and keeps it folded where there is a test file', () => {
    expect(page).toContain('Dev chose the epoch');
    const tested = runHtml({ ...result, test: result.dev, data: { ...result.data, test: result.data.dev } });
    expect(tested).not.toContain('Dev chose the epoch: ');
    expect(tested).toMatch(/<summary>Dev, which chose the epoch<\/summary>/);
  });

  it('is of tags where there are no entities', async () => {
    const plain = await trained((type) => (type === 'O' ? 'VERB' : type), { scheme: 'plain', outside: null });
    const shown = runHtml(plain);
    expect(shown).toContain(`accuracy ${percent(plain.dev.accuracy)} % on dev`);
    expect(rowsOf(shown).find(([first]) => first === 'VERB')).toBeDefined();
  });
});
