import { warning } from '../../src/warnings';
import type { Comparison, DecodingResult, FacetResult, LossResult, Metric } from '../../src/compare/comparison';
import { type ScoredRun, type Statistics, statistics } from '../../src/compare/statistics';
import { verdictText } from '../../src/compare/verdict';
import { parseConfig } from '../../src/config';
import { sentenceCounts } from '../../src/metrics/bootstrap';
import type { Cell } from '../../src/metrics/confusion';
import type { CorpusSummary } from '../../src/run/result';
import { createRng } from '../../src/rng';

/** A class name that is markup in every language that a report is written in. */
export const HOSTILE = '<b>|*x*,"';

const SEEDS = [1, 2, 3, 4, 5];

/** A comparison of two losses on made-up predictions: dsc finds more of both classes. Seed 5 of dsc failed. */
export function madeUpComparison(): Comparison {
  const rng = createRng(8);
  const gold = Array.from({ length: 120 }, (_, s) => (s % 4 === 0 ? [`B-${HOSTILE}`, 'O'] : ['B-PER', 'O']));
  const runsWith = (recalls: readonly [ce: number, dsc: number]): ScoredRun[] =>
    [
      { label: 'ce', recall: recalls[0], seeds: SEEDS },
      { label: 'dsc', recall: recalls[1], seeds: SEEDS.slice(0, 4) },
    ].flatMap(({ label, recall, seeds }) =>
      seeds.map((seed) => {
        const predicted = gold.map((tags) => tags.map((tag) => (rng.float() < recall ? tag : 'O')));
        return { label, seed, counts: sentenceCounts(gold, predicted) };
      }),
    );
  const runs = runsWith([0.5, 0.8]);
  const metrics = [
    metric('micro-f1', 'micro-F1', null),
    metric('macro-f1', 'macro-F1', null),
    metric('PER.f1', 'PER', 90),
    metric(`${HOSTILE}.f1`, HOSTILE, 30),
  ];
  const classes = ['PER', HOSTILE].map((name) => ({ name, support: 30 }));
  const found = statistics(runs, 'ce', ['micro-f1', 'macro-f1'], classes, 200);
  const decoded = (name: string, recalls: readonly [ce: number, dsc: number]): DecodingResult => {
    const { summaries, tests } = statistics(runsWith(recalls), 'ce', ['micro-f1', 'macro-f1'], classes, 200, []);
    const biases = ['ce', 'dsc'].map((label) => ({ label, values: SEEDS.map(() => 0) }));
    return { name, biases, scores: summaries, tests };
  };
  const losses = ['ce', 'dsc'].map((label): LossResult => ({ ...lossResult(label), scores: found.summaries[label] }));
  const data = { train: corpus('train.conll'), dev: corpus('dev.conll'), test: corpus('test.conll') };
  return {
    version: '0.0.0',
    reference: 'ce',
    seeds: SEEDS,
    split: 'test',
    task: 'chunks',
    metrics,
    losses,
    floor: { 'micro-f1': 0.3, 'macro-f1': 0.25, 'PER.f1': 0.5, [`${HOSTILE}.f1`]: 0 },
    tests: found.tests,
    decodings: [decoded('argmax', [0.4, 0.8]), decoded('valid', [0.7, 0.7])],
    facetsLeftOut: [],
    facets: [
      {
        name: 'length',
        title: 'entity length',
        buckets: [{ name: '1 token', metric: 'PER.f1', support: 90, rare: false }],
        scores: found.summaries,
        tests: found.tests.filter((test) => test.metric === 'PER.f1'),
      },
    ],
    ensembles: ['ce', 'dsc'].map((label, i) => ({
      label,
      seeds: 5 - i,
      scores: { 'micro-f1': { value: 0.9, low: 0.85, high: 0.95 }, 'macro-f1': { value: 0.8, low: 0.7, high: 0.9 } },
    })),
    answer: 'dsc has the highest micro-F1 on test; 4 seeds show nothing of a loss.',
    verdicts: found.tests.slice(0, 2).map((test) => verdictText(test, test.metric)),
    warnings: [warning('run-failed', { run: 'dsc, seed 5', why: 'loss is NaN' })],
    resamples: 200,
    data,
    signature: 'scheme:iob2|data:abc',
    engine: { name: 'js', device: 'CPU', threads: 1 },
    tuning: {
      seeds: [6, 7, 8],
      candidates: 2,
      losses: [
        { changes: {}, runs: 3, epochs: 9, rungs: [{ epochs: 3, seeds: [6], candidates: [{ changes: {}, score: 0.5 }, { changes: { 'loss.alpha': 0.1 }, score: null }] }], final: null }, // prettier-ignore
        { changes: { 'train.learningRate': 0.01 }, runs: 3, epochs: 9, rungs: [{ epochs: 3, seeds: [6], candidates: [{ changes: { 'train.learningRate': 0.01 }, score: 0.4 }, { changes: {}, score: 0.3 }] }], final: { differences: [0.01, 0.02, 0.03], mean: 0.02, sd: 0.01, isTaken: true } }, // prettier-ignore
      ],
    },
    timing: { trainingSeconds: 90 },
  };
}

/** Losses and classes enough to fill a page, with long names: one that finds much more than the reference, one that finds less, and others that find as much. */
export function wideComparison(): Comparison {
  const rng = createRng(3);
  const classes = ['person', 'corporation', 'creative-work', 'group', 'location', 'product', 'a-class-of-a-very-long-name', 'GPE', 'date']; // prettier-ignore
  const labels = ['ce', 'wce:weights=power', 'unified-focal', 'ce+log-dice', 'dsc:alpha=0.1:form=gold:smooth=0.001', 'dl', '/home/me/losses/my-own.mjs']; // prettier-ignore
  const seeds = [11, 12, 13, 14, 15];
  const gold = Array.from({ length: 180 }, (_, s) => [`B-${classes[s % classes.length]}`, 'O']);
  const runs = labels.flatMap((label, l) =>
    seeds.map((seed): ScoredRun => {
      const recall = [0.6, 0.95, 0.64, 0.62, 0.61, 0.25, 0.6][l];
      const predicted = gold.map((tags) => tags.map((tag) => (rng.float() < recall ? tag : 'O')));
      return { label, seed, counts: sentenceCounts(gold, predicted) };
    }),
  );
  const all = classes.map((name) => ({ name, support: 20 }));
  const found = statistics(runs, 'ce', ['micro-f1', 'macro-f1'], all, 400);
  const base = madeUpComparison();
  const shares = classes.map((name) => ({ name, points: [-3, -1, 0, 1, 3].map((at) => ({ at, precision: 0.6 + at / 20, recall: 0.6 - at / 20 })) })); // prettier-ignore
  const losses = labels.map((label): LossResult => {
    const like = base.losses[0];
    const runs = seeds.map((seed) => ({ ...like.runs[0], seed }));
    const cells = classes.flatMap((_, g): Cell[] => [[g, g, 60], [g, (g + 1) % classes.length, 5], [g, classes.length, 35]]); // prettier-ignore
    return {
      ...like,
      label,
      runs,
      scores: found.summaries[label],
      curves: shares,
      errors: { kinds: { type: 45, boundary: 0, both: 0, missed: 315, spurious: 0 }, confusion: { types: classes, cells } }, // prettier-ignore
      confusion: { tags: [...classes.map((name) => `B-${name}`), 'O'], cells },
    };
  });
  const metrics = [...base.metrics.slice(0, 2), ...classes.map((name) => metric(`${name}.f1`, name, 20))];
  return {
    ...base,
    seeds,
    losses,
    metrics,
    tests: found.tests,
    facets: facetsOf(found),
    ensembles: [],
    decodings: [],
    tuning: null,
    floor: null,
  };
}

/** The classes as if they were buckets: what a page must have room for. */
function facetsOf({ summaries, tests }: Statistics): FacetResult[] {
  const metrics = ['person.f1', 'group.f1', 'product.f1'];
  const buckets = metrics.map((one, i) => ({ name: `${i} to ${i + 9} tokens`, metric: one, support: 20 + 40 * i, rare: i === 0 })); // prettier-ignore
  const own = tests.filter((test) => metrics.includes(test.metric));
  return [
    { name: 'sentence', title: 'sentence length', buckets, scores: summaries, tests: own },
    { name: 'length', title: 'entity length', buckets, scores: summaries, tests: own },
  ];
}

const metric = (name: string, title: string, support: number | null): Metric => ({
  name,
  title,
  kind: support === null ? 'average' : 'class',
  support,
  trainSupport: support,
  rare: support !== null && support < 50,
});

function lossResult(label: string): Omit<LossResult, 'scores'> {
  const config = parseConfig([{ source: 'test', values: { loss: { name: label } } }]);
  const bins = [{ low: 0, high: 1, count: 240, confidence: 0.9, accuracy: 0.8 }];
  const share = (tokens: number, gradient: number) => ({ tokens, gradient });
  const history = [1, 2].map((epoch) => ({
    epoch,
    trainLoss: 1 / epoch,
    devScore: 0.3 * epoch,
    gradients: {
      labels: {
        O: share(0.8, 0.5),
        'B-PER': share(0.1, 0.2),
        'I-PER': share(0.05, 0.1),
        [`B-${HOSTILE}`]: share(0.05, 0.2),
      },
      easy: share(0.7, 0.2),
      middle: share(0.2, 0.3),
      hard: share(0.1, 0.5),
    },
  }));
  return {
    label,
    title: 'a loss',
    formula: '-log p_t',
    config,
    runs: SEEDS.map((seed) => {
      const failed = label === 'dsc' && seed === 5;
      return {
        seed,
        status: failed ? 'failed' : 'done',
        folder: `out/${label}/${seed}`,
        message: failed ? 'loss is NaN' : null,
        learned: !failed,
        seconds: 9,
        threads: 1,
        bestEpoch: 2,
        bestDev: 0.6,
        history: failed ? [] : history,
      };
    }),
    classes: [{ name: 'PER', precision: 0.9, recall: 0.8 }],
    unpredicted: [],
    calibration: {
      dev: { ece: 0.1, eceEntities: 0.2, eceSpans: 0.3, bins, spanBins: bins },
      test: { ece: 0.123, eceEntities: 0.2, eceSpans: 0.3, bins, spanBins: bins },
    },
    bias: {
      metric: 'micro-f1',
      biases: [-0.5, 0, 0.25, 1],
      dev: { plain: 0.5, biased: 0.6 },
      test: { plain: 0.4, biased: 0.45 },
    },
    curves: [{ name: 'PER', points: [{ at: -1, precision: 0.5, recall: 0.9 }, { at: 1, precision: 0.9, recall: 0.4 }] }], // prettier-ignore
    errors: {
      kinds: { type: 2, boundary: 1, both: 0, missed: 3, spurious: 4 },
      confusion: { types: [HOSTILE, 'PER'], cells: [[0, 0, 20], [0, 1, 2], [1, 1, 400], [1, 2, 3], [2, 1, 4]] }, // prettier-ignore
    },
    confusion: { tags: ['B-PER', `B-${HOSTILE}`, 'O'], cells: [[0, 0, 8], [0, 2, 2], [1, 1, 3], [1, 2, 1], [2, 0, 1], [2, 2, 99]] }, // prettier-ignore
  };
}

const corpus = (path: string): CorpusSummary => ({
  path,
  sha256: 'f'.repeat(64),
  format: 'tsv',
  columns: { token: 1, tag: 2, count: 2 },
  scheme: 'iob2',
  tagging: { scheme: 'iob2', spelling: 'standard', outside: 'O' },
  sentences: 120,
  tokens: 240,
  lines: { lines: 360, token: 240, separator: 120, comment: 0, docstart: 0, range: 0, emptyNode: 0 },
  labels: { O: 120, 'B-PER': 90, [`B-${HOSTILE}`]: 30 },
  classes: { PER: 90, [HOSTILE]: 30 },
  invalidTags: 0,
  unknownLabels: {},
  unknownWords: 0,
});
