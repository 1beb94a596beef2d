import { parse } from 'csv-parse/sync';
import type { Comparison } from '../../src/compare/comparison';
import type { Verdict } from '../../src/compare/statistics';
import { percent, signedPercent } from '../../src/wording';
import { comparisonCsv } from '../../src/report/compareCsv';
import { comparisonHtml } from '../../src/report/compareHtml';
import { comparisonMarkdown } from '../../src/report/compareMarkdown';
import { comparisonText, decodingSentences, timeText } from '../../src/report/compareText';
import { HOSTILE, madeUpComparison, wideComparison } from './comparison';

const comparison = madeUpComparison();
const [ce, dsc] = comparison.losses;

describe('comparisonText', () => {
  const text = comparisonText(comparison);

  it('has every score as mean and spread, and how many runs there are', () => {
    for (const { name } of comparison.metrics) {
      const cells = [ce, dsc].map(({ scores }) => `${percent(scores[name].mean)} ± ${percent(scores[name].sd)}`);
      expect(text).toContain(cells.join('  '));
    }
    expect(text).toMatch(/^runs +5 +4 of 5$/m);
    expect(text).toMatch(/^<b>\|\*x\*," \(rare\) +30 /m);
  });

  it('has every test with interval, both p and verdict, and the verdicts in words', () => {
    const [micro] = comparison.tests;
    expect(micro).toMatchObject({ metric: 'micro-f1', verdict: 'unjudged', seeds: [1, 2, 3, 4] });
    expect(text).toMatch(
      new RegExp(`^micro-F1: dsc +\\+${percent(micro.difference)} +${percent(micro.low)}\\.\\.${percent(micro.high)} .* 0\\.125 +not judged$`, 'm'), // prettier-ignore
    );
    expect(text).toContain('dsc against ce on micro-f1: not judged: 4 seeds, 5 are needed (');
    expect(text).not.toContain('warning'); // they go to standard error, a line each
  });

  it('says what was tuned, with how many runs, and what came out', () => {
    expect(text).toMatch(/^ce +3 +9 +loss\.alpha +- +as given$/m);
    expect(text).toMatch(/^dsc +3 +9 +train\.learningRate +\+2\.00, 3 of 3 seeds +train\.learningRate 0\.01$/m);
  });

  it('shows scores without and with the bias of O', () => {
    expect(text).toMatch(/^ce +12\.30 +20\.00 +30\.00 +-0\.50 0\.00 0\.25 1\.00 +50\.00 +60\.00 +40\.00 +45\.00$/m);
    expect(comparisonText({ ...comparison, task: 'tags' })).not.toContain('bias');
  });
});

describe('decodingSentences', () => {
  const withVerdicts = (...verdicts: Verdict[]): Comparison => ({
    ...comparison,
    decodings: comparison.decodings.map((decoding, d) => ({
      ...decoding,
      tests: decoding.tests.map((test) => ({ ...test, verdict: verdicts[d] })),
    })),
  });

  it('names the losses whose verdict is one of the decoding', () => {
    const size = (d: number) => signedPercent(comparison.decodings[d].tests[0].difference);
    expect(decodingSentences(withVerdicts('better', 'none'))).toEqual([
      `the verdict on dsc against ce on micro-F1 changes with the decoding: better by argmax (${size(0)}); no difference shown by valid (${size(1)})`,
    ]);
    expect(decodingSentences(withVerdicts('worse', 'worse'))).toEqual(['no verdict on micro-F1 changes with the decoding']); // prettier-ignore
  });

  it('says nothing where seeds are too few for a verdict', () => {
    expect(decodingSentences(comparison)).toEqual([]);
    const [, valid] = comparison.decodings;
    expect(comparisonText(comparison)).toContain(percent(valid.scores.ce['micro-f1'].mean));
  });
});

describe('a comparison that looked while seeds were added', () => {
  const overLooks = { state: 'open', seeds: null, p: 0.049, level: 0.0033, low: -0.0152, high: 0.0552 } as const;
  const grown: Comparison = {
    ...comparison,
    until: { most: 20, step: 1, effect: 0.01, budget: null, looks: [5], decisions: [] },
    tests: comparison.tests.map((test) => ({ ...test, verdict: 'none', overLooks })),
  };
  const [{ low, high }] = comparison.tests;
  const single = `${percent(low)}..${percent(high)}`;

  it('has intervals of all looks, and p-values beside the level of their look, in every report', () => {
    expect(single).not.toBe('-1.52..5.52');
    for (const report of [comparisonText, comparisonMarkdown, comparisonHtml]) {
      const text = report({ ...grown, verdicts: [], facets: [] });
      expect(text).toContain('95 % over all looks');
      expect(text).toContain('-1.52..5.52');
      expect(text).not.toContain(single);
      expect(text).toContain('alpha spending leaves to');
    }
    expect(comparisonText(grown)).toMatch(/^micro-F1: dsc .*-1\.52\.\.5\.52 +0\.049 +0\.0033 .*no difference shown$/m);
  });

  it('says which verdicts are of the last look alone', () => {
    const [argmax, valid] = grown.decodings;
    const own = { ...argmax, tests: argmax.tests.map((test) => ({ ...test, verdict: 'none', overLooks }) as const) };
    const other = { ...valid, tests: valid.tests.map((test) => ({ ...test, verdict: 'better' }) as const) };
    const [sentence] = decodingSentences({ ...grown, decodings: [own, other] });
    expect(sentence).toMatch(/no difference shown by argmax \([+-][\d.]+\); better by valid \([+-][\d.]+, by the last look alone\)$/); // prettier-ignore
    expect(comparisonHtml(grown)).toContain('are of the last look alone');
  });
});

describe('timeText', () => {
  it('says how long the finished runs took', () => {
    expect(timeText(comparison)).toBe('the 9 scored runs took 1 min 30 s in all, 1 thread each');
    const two = { ...comparison, engine: { ...comparison.engine, threads: 2 } };
    expect(timeText(two)).toContain(', 2 threads each');
  });
});

describe('comparisonCsv', () => {
  it('is read back by another program: a row for each run and metric', () => {
    const rows = parse<Record<string, string>>(comparisonCsv(comparison), { columns: true });
    expect(rows).toHaveLength(4 * 5 + 4 * 4 + 1);
    const found = rows.find((row) => row.loss === 'dsc' && row.seed === '3' && row.metric === `${HOSTILE}.f1`);
    expect(found).toMatchObject({ status: 'done', split: 'test', support: '30' });
    expect(Number(found?.floor)).toBe(comparison.floor?.[`${HOSTILE}.f1`]);
    expect(Number(found?.value)).toBe(dsc.scores[`${HOSTILE}.f1`].values[2]);
    expect(comparisonCsv(comparison)).not.toMatch(/'/); // nothing here looks like a formula
    expect(rows.filter(({ status }) => status === 'failed')).toMatchObject([{ loss: 'dsc', seed: '5', value: '' }]);
  });
});

describe('comparisonCsv of names that a spreadsheet would run', () => {
  it.each(['=1+1', '+1', '-1+2', '@SUM(A1)', '\t=1', '\r=1', '\n=1', '\uff1d1', '=HYPERLINK("x","y")'])(
    'guards %j',
    (name) => {
      const losses = [{ ...ce, label: name }, dsc];
      const metrics = comparison.metrics.map((metric) => ({ ...metric, name: `${name}.f1` }));
      const scores = { [`${name}.f1`]: { ...ce.scores['micro-f1'], values: [-0.5, 1e-7, 0, 1, 0.25] } };
      const text = comparisonCsv({ ...comparison, metrics, losses: losses.map((loss) => ({ ...loss, scores })) });
      const rows = parse<Record<string, string>>(text, { columns: true });
      for (const { loss, metric } of rows.filter(({ status }) => status === 'done')) {
        expect(metric).toBe(`'${name}.f1`);
        expect([`'${name}`, 'dsc']).toContain(loss);
      }
      expect(rows.slice(0, 5).map(({ value }) => Number(value))).toEqual([-0.5, 1e-7, 0, 1, 0.25]); // numbers stay numbers
    },
  );
});

describe('comparisonMarkdown', () => {
  it('has tables whose rows have as many cells as their head, whatever a class is called', () => {
    const text = comparisonMarkdown(comparison);
    const cells = (line: string): number => line.replace(/\\\|/g, '').split('|').length;
    const tables = text.split('\n\n').filter((part) => part.startsWith('|'));
    expect(tables).toHaveLength(6);
    for (const table of tables) expect(new Set(table.split('\n').map(cells)).size).toBe(1);
    expect(text).toContain('\\<b\\>\\|\\*x\\*,"');
    for (const verdict of comparison.verdicts) expect(text).toContain(verdict.replace(/[<>]/g, (c) => `\\${c}`));
  });
});

describe('comparisonHtml', () => {
  it('has every section, a chart for each thing measured, and no markup of a class name', () => {
    const page = comparisonHtml(comparison);
    expect([...page.matchAll(/<h2 id="([\w-]+)"/g)].map(([, id]) => id)).toEqual([
      'ranking',
      'classes',
      'where',
      'decoding',
      'learning-curves',
      'precision-recall',
      'calibration',
      'confusion',
      'details',
    ]);
    const charts = [...page.matchAll(/<figure id="([\w-]+)"/g)].map(([, id]) => id);
    expect(charts.toSorted()).toEqual(
      [
        'learning',
        'precision-recall-classes',
        'reliability-entities',
        'reliability-tokens',
        'confusion-types',
        'confusion-tags',
        'gradient-class',
        'gradient-sureness',
      ].toSorted(),
    );
    expect(page).not.toContain('<b>');
    expect(page).toContain('&lt;b&gt;');
    expect(comparisonHtml(comparison)).toBe(page); // the same comparison, the same bytes
    const summaries = (of: Comparison): string[] =>
      [...comparisonHtml(of).matchAll(/<summary>([^<]*)/g)].map(([, text]) => text);
    expect(summaries(comparison)).toContain('Tuning');
    expect(summaries({ ...comparison, tuning: null })).not.toContain('Tuning');
  });

  it('answers first', () => {
    expect(comparisonHtml(comparison)).toMatch(
      new RegExp(`<h1>Losses compared on train.conll</h1>\\s*<p>${comparison.answer}</p>`),
    );
  });

  it('folds the losses behind the best seven and the reference where there are more than ten', () => {
    const wide = wideComparison();
    const more = wide.losses.slice(0, 6).map((loss) => ({ ...loss, label: `${loss.label}@ema=0.9` }));
    const many = { ...wide, losses: [...wide.losses, ...more] };
    const rows = (part: string): string[] =>
      [...part.matchAll(/<tr style[^>]*><th scope="row"[^>]*>(.*?)<\/th>/g)].map(([, name]) =>
        name.replaceAll('<wbr>', ''),
      );
    const [open, folded = ''] = comparisonHtml(many).split('id="classes"')[0].split('with lower means');
    expect(rows(open)).toHaveLength(rows(open).slice(0, 7).includes('ce') ? 7 : 8);
    expect(rows(open)).toContain('ce');
    expect([...rows(open), ...rows(folded)].sort()).toHaveLength(13);
    expect(comparisonHtml({ ...wide, losses: many.losses.slice(0, 10) })).not.toContain('with lower means');
  });

  it('says which facets are left out where the training file is gone', () => {
    const page = comparisonHtml({ ...comparison, facets: [], facetsLeftOut: ['presence in training'] });
    expect(page.replaceAll(/\s+/g, ' ')).toContain('Left out: presence in training. They ask the training file');
    expect(comparisonHtml(comparison)).not.toContain('Left out:');
  });

  it('ranks the losses, and has the forest of each average and class in the same order', () => {
    const page = comparisonHtml(wideComparison());
    const tables = page.split('<table').filter((part) => part.startsWith(' class="draws"'));
    const namesOf = (markup: string): string[] =>
      [...markup.matchAll(/<th scope="row" class="t[^"]*">(.*?)<\/th>/g)].map(([, name]) =>
        name.replace(/<wbr \/>/g, ''),
      );
    const [ranking, averages, ...classes] = tables.map(namesOf);
    const order = ranking.filter((name) => name !== 'ce');
    expect(averages).toEqual([...order, ...order]);
    expect(classes).toHaveLength(9 + 6); // and two facets of three buckets
    for (const names of classes) expect(names).toEqual(order);
  });

  it('says why there is no curve, and that few seeds judge nothing', () => {
    const short = comparison.losses.map((loss) => ({
      ...loss,
      runs: loss.runs.map((run) => ({ ...run, history: run.history.slice(0, 1) })),
    }));
    const page = comparisonHtml({ ...comparison, losses: short });
    expect(page).toContain('No run has more than one epoch, so there is no curve.');
    expect(page).not.toContain('id="learning"');
    expect(page).toContain('Fewer than 5 seeds show nothing of a loss'); // one of the two has four
    const none = wideComparison().facets.map((facet) => ({
      ...facet,
      tests: facet.tests.map((test) => ({ ...test, verdict: 'none' as const })),
    }));
    expect(comparisonHtml({ ...wideComparison(), facets: none })).toContain(
      'No difference from ce is shown for any kind of entity.',
    );
  });

  it('fills and names only what is shown', () => {
    const wide = wideComparison();
    const rows = [...comparisonHtml(wide).matchAll(/<tr class="(better|worse)">(.*?)<\/tr>/g)];
    const shown = wide.tests.filter(({ verdict }) => verdict === 'better' || verdict === 'worse');
    expect(shown.length).toBeGreaterThan(0);
    expect(rows.map(([, kind]) => kind).sort()).toEqual(shown.map(({ verdict }) => verdict).sort());
    for (const [, kind, cells] of rows) expect(cells).toContain(`<span class="mark">${kind}</span>`);
  });

  it('names a loss of a file by the file, and tells configs as what differs', () => {
    const [first, ...others] = wideComparison().losses;
    const [second] = others;
    const config = { ...second.config, train: { ...second.config.train, epochs: 77 }, out: '/home/me/runs/1' };
    const page = comparisonHtml({ ...wideComparison(), losses: [first, { ...second, config }, ...others.slice(1)] });
    expect(page).not.toContain('/home/me');
    expect(page).toContain('my-own.mjs');
    expect(page).toContain(`train.epochs 77 (${first.config.train.epochs})`);
    expect(page.match(/<pre>/g)).toHaveLength(1);
  });
});
