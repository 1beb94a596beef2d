import type { Comparison, LossResult, Metric } from '../compare/comparison';
import type { Rung } from '../compare/tune';
import { intervalOf, type PairedTest } from '../compare/statistics';
import { durationText } from '../compare/timeLeft';
import { present } from '../errors';
import { groupBy } from '../order';
import { typeTitle } from '../schemes';
import { count, percent, pValue, signedPercent, visibleLines } from '../wording';
import { align } from './text';

/** A comparison as it is printed at the end: scores, tests, verdicts, and what to be wary of. No times: the same runs print the same. */
export function comparisonText(comparison: Comparison): string {
  const { split, losses, metrics, seeds, verdicts, signature, engine } = comparison;
  const some = losses.some(({ runs }) => runs.some(({ status }) => status !== 'done'));
  const parts = [
    [
      `${split}, in per cent: mean ± standard deviation over ${seeds.length} seed${seeds.length === 1 ? '' : 's'}${some ? ' (fewer where noted)' : ''}`,
      ...align(scoreRows(comparison)),
      ...(metrics.some(({ rare }) => rare) ? ['(rare): fewer than 50 gold items, so that F1 says little'] : []),
      ...(metrics.some(({ support }) => support === 0)
        ? ['(not in gold): predicted by some run; every one of its predictions counts as wrong in the averages']
        : []),
    ],
    [testTitle(comparison), ...align(testRows(comparison)), testNote(comparison)],
    ...(comparison.decodings.length > 1
      ? [[decodingTitle(comparison), ...align(decodingRows(comparison)), ...decodingSentences(comparison)]]
      : []),
    ...(comparison.ensembles.length > 0 ? [[ensembleTitle(comparison), ...align(ensembleRows(comparison))]] : []),
    ...(comparison.tuning ? [['tuned on dev', ...align(tuningRows(comparison))]] : []),
    [calibrationTitle(comparison), ...align(calibrationRows(comparison))],
    verdicts,
    [comparison.answer],
    [`engine ${engine.name}, ${engine.device}; scored as ${signature}`],
  ];
  const text = parts.filter((lines) => lines.length > 0).map((lines) => lines.map((line) => `${line}\n`).join(''));
  return visibleLines(text.join('\n'));
}

/** How long the runs took; those of tuning are not counted. */
export function timeText({ engine, losses, timing }: Comparison): string {
  const runs = losses.flatMap((loss) => loss.runs.filter(({ status }) => status === 'done')).length;
  const threads = `${engine.threads} thread${engine.threads === 1 ? '' : 's'}`;
  return `the ${runs} scored runs took ${durationText(timing.trainingSeconds)} in all, ${threads} each`;
}

/** Metric by metric, a column a loss and one of the look-up; the runs that were finished in the last row. */
export function scoreRows({ losses, metrics, floor }: Comparison): string[][] {
  return [
    ['metric', 'support', ...losses.map(({ label }) => label), ...(floor ? ['look-up'] : [])],
    ...metrics.map((metric) => [
      metricTitle(metric),
      metric.support === null ? '' : String(metric.support),
      ...losses.map((loss) => scoreCell(loss, metric)),
      ...(floor ? [percent(present(floor[metric.name], metric.name))] : []),
    ]),
    ['runs', '', ...losses.map(runsText), ...(floor ? [''] : [])],
  ];
}

export const metricTitle = ({ title, support, rare }: Metric): string =>
  support === 0 ? `${typeTitle(title)} (not in gold)` : rare ? `${typeTitle(title)} (rare)` : typeTitle(title);

const runsText = ({ runs }: LossResult): string => {
  const done = runs.filter(({ status }) => status === 'done').length;
  return done === runs.length ? String(done) : `${done} of ${runs.length}`;
};

export function scoreCell({ scores }: LossResult, { name }: Metric): string {
  if (!Object.hasOwn(scores, name)) return '-';
  const { mean, sd } = present(scores[name], name);
  return `${percent(mean)} ± ${percent(sd)}`;
}

const testTitle = ({ reference, until }: Comparison): string =>
  until
    ? `against ${reference}: difference, 95 % interval over all looks, p by Student's t, the level it is held against, p of the permutation over all seeds`
    : `against ${reference}: difference, 95 % interval, p after Holm's correction, p of the permutation over seeds`;

/** What tells a difference that is shown from one that is not. */
export function testNote({ resamples, until }: Comparison): string {
  const single = `paired bootstrap over sentences and seeds, ${resamples} resamples`;
  const holm = 'over the averages, and over the classes, of all losses';
  if (!until) return `${single}; Holm's correction ${holm}`;
  return `p and its level are of the look that showed a difference, or of the last; the level is what alpha spending leaves to a look, shared out ${holm}; the tests of that look by itself must show it too (${single}, Holm-corrected, and the permutation over seeds)`;
}

/** Test by test, averages first. */
export function testRows({ tests, metrics, until }: Comparison): string[][] {
  const rows = metrics.flatMap((metric) =>
    tests
      .filter((test) => test.metric === metric.name)
      .map((test) => [
        `${metricTitle(metric)}: ${test.label}`,
        signedPercent(test.difference),
        `${percent(intervalOf(test).low)}..${percent(intervalOf(test).high)}`,
        pValue(test.overLooks?.p ?? test.pHolm).replace('= ', ''),
        ...(until ? [levelText(test)] : []),
        pValue(test.permutation.p).replace('= ', ''),
        verdictWord(test),
      ]),
  );
  const head = until ? ['95 % over all looks', 'p', 'level'] : ['95 % interval', 'p'];
  return [['metric: loss', 'difference', ...head, 'p (seeds)', 'verdict'], ...rows];
}

const levelText = ({ overLooks }: PairedTest): string =>
  overLooks && overLooks.level > 0 ? overLooks.level.toPrecision(2) : '-';

const WORDS = {
  better: 'better',
  worse: 'worse',
  none: 'no difference shown',
  nothing: 'none right',
  unjudged: 'not judged',
} as const;

export const verdictWord = ({ verdict }: Pick<PairedTest, 'verdict'>): string => WORDS[verdict];

export function tuningRows({ losses, tuning }: Comparison): string[][] {
  if (!tuning) return [];
  return [
    ['loss', 'runs', 'epochs', 'tuned', 'last round', 'chosen'],
    ...tuning.losses.map(({ changes, runs, epochs, rungs, final }, i) => [
      present(losses[i], 'loss').label,
      String(runs),
      String(epochs),
      tunedText(rungs),
      finalText(final),
      changesText(changes),
    ]),
  ];
}

export const decodingTitle = ({ metrics, reference, until }: Comparison): string =>
  `the same taggers, decoded otherwise: ${metricTitle(present(metrics[0], 'metric'))}, and the difference from ${reference}${until ? '; verdicts by a decoding that is not the own one are of the last look alone' : ''}`;

/** Loss by loss: the first average by each way of decoding, and what is to be said of it against the reference. */
export function decodingRows({ decodings, losses, metrics, reference }: Comparison): string[][] {
  const { name: metric } = present(metrics[0], 'metric');
  const cells = (label: string): string[] =>
    decodings.flatMap(({ scores, tests }) => {
      const score = Object.hasOwn(scores, label) ? percent(present(scores[label]?.[metric], metric).mean) : '-';
      const test = tests.find((one) => one.label === label && one.metric === metric);
      const against = test ? `${signedPercent(test.difference)} ${verdictMark(test)}`.trim() : '';
      return [score, label === reference ? '' : against];
    });
  return [
    ['loss', ...decodings.flatMap(({ name }) => [name, 'difference'])],
    ...losses.map(({ label }) => [label, ...cells(label)]),
  ];
}

const MARKS = { better: 'better', worse: 'worse', none: '', nothing: '', unjudged: '' } as const;

const verdictMark = ({ verdict }: PairedTest): string => MARKS[verdict];

/** Whether the verdict on a loss changes with how tags are chosen, and how its gain does; a sentence a loss where it does. */
export function decodingSentences({ decodings, metrics, reference, until }: Comparison): string[] {
  const { name: metric, title } = present(metrics[0], 'metric');
  const tests = decodings.flatMap((decoding) =>
    decoding.tests.filter((test) => test.metric === metric).map((test) => ({ by: decoding.name, test })),
  );
  if (tests.every(({ test }) => test.verdict === 'unjudged' || test.verdict === 'nothing')) return [];
  const changed = [...groupBy(tests, ({ test }) => test.label)].flatMap(([label, its]) => {
    const verdicts = [...groupBy(its, ({ test }) => verdictWord(test))];
    if (new Set(its.map(({ test }) => verdictMark(test))).size < 2) return [];
    const last = ({ overLooks }: PairedTest): string => (until && !overLooks ? ', by the last look alone' : '');
    const size = ({ by, test }: (typeof its)[number]): string =>
      `${by} (${signedPercent(test.difference)}${last(test)})`;
    const parts = verdicts.map(([word, of]) => `${word} by ${of.map(size).join(', ')}`);
    return [`the verdict on ${label} against ${reference} on ${title} changes with the decoding: ${parts.join('; ')}`];
  });
  return changed.length > 0 ? changed : [`no verdict on ${title} changes with the decoding`];
}

export const ensembleTitle = ({ split }: Comparison): string =>
  `one tagger of all seeds of a loss, by the mean of their probabilities, on ${split} with its 95 % interval over sentences`;

/** Loss by loss: the averages of the one tagger, and what it gains over the mean of its parts. */
export function ensembleRows({ ensembles, losses, metrics }: Comparison): string[][] {
  const averages = metrics.filter(({ kind }) => kind === 'average');
  return [
    ['loss', 'seeds', ...averages.flatMap(({ title }) => [title, '95 % interval', 'over their mean'])],
    ...ensembles.map(({ label, seeds, scores }) => {
      const own = losses.find((loss) => loss.label === label);
      return [
        label,
        String(seeds),
        ...averages.flatMap(({ name }) => {
          const { value, low, high } = present(scores[name], name);
          const mean = present(own?.scores[name], name).mean;
          return [percent(value), `${percent(low)}..${percent(high)}`, signedPercent(value - mean)];
        }),
      ];
    }),
  ];
}

/** The keys that differ between the candidates. */
function tunedText(rungs: readonly Rung[]): string {
  const keys = (rungs.at(0)?.candidates ?? []).flatMap(({ changes }) => Object.keys(changes));
  return [...new Set(keys)].sort().join(', ');
}

/** What the best candidate gained over the config as given: `+1.20, 3 of 3 seeds`. */
const finalText = (final: NonNullable<Comparison['tuning']>['losses'][number]['final']): string =>
  final === null
    ? '-'
    : `${signedPercent(final.mean)}, ${final.differences.filter((d) => d > 0).length} of ${count(final.differences.length, 'seed')}`;

/** `loss.alpha 0.1, train.learningRate 0.01`; what was given where nothing changed. */
export function changesText(changes: Readonly<Record<string, unknown>>): string {
  const parts = Object.entries(changes).map(([key, value]) => `${key} ${JSON.stringify(value)}`);
  return parts.length > 0 ? parts.join(', ') : 'as given';
}

/** Expected calibration error of all tokens, of those in entities and of whole entities, and what a bias of O does where there is an O. */
export function calibrationRows(comparison: Comparison): string[][] {
  const { losses, split } = comparison;
  const cell = (x: number | null | undefined): string => (x == null ? '-' : percent(x));
  const biased = ['best bias', 'dev, plain', 'dev, biased', 'test, plain', 'test, biased'];
  const head = ['loss', 'ECE', ...(hasOutside(comparison) ? ['ECE in entities', 'ECE of entities', ...biased] : [])];
  return [
    head,
    ...losses.map(({ label, calibration, bias }) =>
      [
        label,
        cell(calibration[split]?.ece),
        cell(calibration[split]?.eceEntities),
        cell(calibration[split]?.eceSpans),
        bias ? bias.biases.map((b) => b.toFixed(2)).join(' ') : '-',
        cell(bias?.dev.plain),
        cell(bias?.dev.biased),
        cell(bias?.test?.plain),
        cell(bias?.test?.biased),
      ].slice(0, head.length),
    ),
  ];
}

/** Plain tags have no O to bias, and neither has a corpus in which every token is part of some chunk. */
export const hasOutside = ({ task, data }: Comparison): boolean =>
  task === 'chunks' && Object.hasOwn(data.train.labels, data.train.tagging.outside);

export const calibrationTitle = (comparison: Comparison): string =>
  hasOutside(comparison) ? 'Calibration and bias of O' : 'Calibration';
