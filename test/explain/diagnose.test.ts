import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { present } from '../../src/errors';
import { type CauseName, CAUSES, diagnose, type Evidence } from '../../src/explain';

/** A class that is well, in a run where all is well. */
const well: Evidence = {
  name: 'LOC',
  entities: true,
  split: 'test',
  dev: { tp: 45, predicted: 50, support: 50, f1: 0.9 },
  test: { tp: 88, predicted: 98, support: 100, f1: 0.889 },
  micro: { dev: 0.9, test: 0.89 },
  training: { mentions: 500, all: 1500, tokens: 20_000, invalid: 0 },
  near: null,
  unknownLabel: null,
  setting: {
    run: 'runs/a',
    loss: 'ce',
    head: 'softmax',
    learningRate: 0.005,
    sampling: 'uniform',
    epochs: 10,
    updates: 40,
    metric: 'micro-f1',
    decode: { method: 'valid', outsideBias: 0 },
    vectors: false,
    files: { train: 'train.conll', dev: 'dev.conll', test: 'test.conll' },
  },
  history: [0.4, 0.7, 0.85, 0.9, 0.89, 0.9].map((devScore, i) => ({
    ...{ trainLoss: 0.5 / (i + 1), devScore, learningRate: 0.005, f1: devScore },
  })),
  best: { epoch: 4, score: 0.9 },
  stopped: 'patience',
  forecast: { pull: 1, lowered: 0.4, starved: false, sinks: false, start: 0.6 },
  gradient: null,
  learned: { recall: 0.98, mentions: 400 },
  p: { low: 0.6, median: 0.98, high: 1, second: 0.97 },
  ways: [
    { method: 'argmax', outsideBias: 0, f1: 0.89, tp: 45, micro: 0.89 },
    { method: 'valid', outsideBias: -1, f1: 0.88, tp: 46, micro: 0.89 },
  ],
  conflicts: { other: 0.02, most: 'ORG', unlabelled: 0.01, example: null },
  repeats: null,
  otherwise: null,
  leaks: { dev: 0, test: 0 },
  unseen: { share: 0.3, recallSeen: 0.95, recallUnseen: 0.75, words: 0.1 },
  errors: { right: 88, type: 4, boundary: 3, both: 1, missed: 4, spurious: 3, mostType: { name: 'ORG', mentions: 4 }, longer: 2, shorter: 1 }, // prettier-ignore
};

const [NOTHING_DEV, NOTHING] = [
  { tp: 0, predicted: 0, support: 50, f1: 0 },
  { tp: 0, predicted: 0, support: 100, f1: 0 },
];
/** The same class at 0, with no reason in sight. */
const zero: Evidence = {
  ...well,
  dev: NOTHING_DEV,
  test: NOTHING,
  micro: { dev: 0.6, test: 0.6 },
  learned: { recall: 0.6, mentions: 400 },
  ways: well.ways?.map((way) => ({ ...way, f1: 0, tp: 0, micro: 0.6 })) ?? null,
  unseen: { share: 0.3, recallSeen: 0, recallUnseen: 0, words: 0.1 },
  errors: { right: 0, type: 0, boundary: 0, both: 0, missed: 100, spurious: 0, mostType: null, longer: 0, shorter: 0 },
  history: well.history.map((epoch) => ({ ...epoch, f1: 0 })),
};

describe('diagnose', () => {
  it('is silent about a class that is well', () => {
    expect(diagnose(well)).toMatchObject({
      state: 'well',
      answers: [],
      sentence: 'LOC is neither at 0 nor weak: F1 88.90 on 100 mentions in test, micro-average 89.00',
    });
  });

  it('says so where a class is at 0 and nothing that was measured tells why', () => {
    expect(diagnose({ ...zero, learned: null })).toMatchObject({
      state: 'zero',
      answers: [],
      sentence: 'LOC has F1 0.00 on 100 mentions in test, micro-average 60.00, and nothing that was measured says why',
    });
  });

  it('says that a class is weak below half, and below two thirds of the average', () => {
    const at = (f1: number, micro: number): string =>
      diagnose({ ...well, test: { ...NOTHING, f1 }, micro: { dev: micro, test: micro } }).state;
    expect([at(0, 0), at(0.49, 0.5), at(0.5, 0.6), at(0.55, 0.9), at(0.61, 0.9)]).toEqual(['zero', 'weak', 'well', 'weak', 'well']); // prettier-ignore
  });

  it.each<[CauseName, Partial<Evidence>, command: RegExp]>([
    [
      'other-epoch',
      { history: zero.history.map((epoch, i) => ({ ...epoch, f1: i === 5 ? 0.5 : 0 })) },
      /--set train\.metric=macro-f1 --out runs\/a-2$/,
    ],
    [
      'decoding',
      { ways: [{ method: 'valid', outsideBias: -2, f1: 0.6, tp: 30, micro: 0.65 }] },
      /^dsc-train evaluate runs\/a test\.conll --decode valid --outside-bias -2$/,
    ],
    ['too-many', { test: { tp: 10, predicted: 400, support: 100, f1: 0.04 }, errors: null }, /--outside-bias 1/],
    ['few-in-gold', { test: { tp: 0, predicted: 0, support: 2, f1: 0 }, errors: null }, /inspect/],
    ['memorised', { learned: { recall: 1, mentions: 400 } }, /model\.dropout/],
    ['not-learned', { learned: { recall: 0, mentions: 400 } }, /--epochs 20/],
    ['never-moved', { setting: { ...zero.setting, learningRate: 1e-5 }, history: [{ trainLoss: 1, devScore: 0, learningRate: 1e-5 }] }, /learningRate=0\.005/], // prettier-ignore
    ['diverged', { setting: { ...zero.setting, learningRate: 0.5 }, history: [{ trainLoss: 40, devScore: 0, learningRate: 0.5 }] }, /learningRate=0\.005/], // prettier-ignore
    ['starved', { forecast: { pull: 0.01, lowered: 0.9, starved: true, sinks: false, start: 0.6 }, learned: { recall: 0, mentions: 9 } }, /--loss ce\+log-dice/], // prettier-ignore
    ['rare', { training: { ...zero.training, mentions: 3 }, learned: { recall: 0, mentions: 3 } }, /loss\.weights=power/], // prettier-ignore
    ['leaks', { dev: { ...NOTHING_DEV, tp: 48, predicted: 50, f1: 0.96 }, leaks: { dev: 0.9, test: 0 } }, /inspect train\.conll dev\.conll test\.conll/], // prettier-ignore
  ])('finds %s', (cause, fault, command) => {
    const { answers, sentence } = diagnose({ ...zero, ...fault });
    expect(answers[0]?.cause).toBe(cause);
    expect(answers[0]?.command).toMatch(command);
    expect(sentence).toMatch(/^LOC /);
  });

  it('takes a run that never scored above 0 and hardly moved for one that was too short', () => {
    const history = [1, 2].map((n) => ({ trainLoss: 1 / n, devScore: 0, learningRate: 0.005 }));
    const short: Evidence = {
      ...zero,
      history,
      best: { epoch: 1, score: 0 },
      stopped: 'epochs',
      learned: { recall: 0, mentions: 9 },
    };
    expect(diagnose(short).answers[0]).toMatchObject({ cause: 'too-few-epochs', command: expect.stringContaining('--epochs 20') as string }); // prettier-ignore
    expect(diagnose({ ...short, stopped: 'patience' }).answers[0]?.cause).toBe('not-learned');
  });

  it('offers to draw the sentences of a rare class more often, first where class weights are there or cannot be', () => {
    const of = (setting: Partial<Evidence['setting']>): string | undefined =>
      diagnose({ ...zero, setting: { ...zero.setting, ...setting }, training: { ...zero.training, mentions: 3 } }).answers.find(({ cause }) => cause === 'rare')?.command; // prettier-ignore
    expect(of({})).toMatch(
      /loss\.weights=power --out runs\/a-2 {2}# or --set train\.sampling=rare: draws its sentences more often \(with ce it was ahead/,
    );
    expect(of({ loss: 'wce' })).toMatch(
      /config\.json --set train\.sampling=rare --out runs\/a-2 {2}# draws its sentences more often/,
    );
    expect(of({ loss: 'nll', head: 'crf' })).toMatch(
      /config\.json --set train\.sampling=rare --out runs\/a-2 {2}# draws its sentences more often/,
    );
    expect(of({ sampling: 'rare' })).not.toContain('sampling');
  });

  it('speaks of boundaries where there are entities alone', () => {
    const confused = { errors: { ...well.errors, missed: 20, type: 80, boundary: 0, both: 0, mostType: { name: 'ORG', mentions: 80 } } } as Partial<Evidence>; // prettier-ignore
    const of = (entities: boolean): string | undefined =>
      diagnose({ ...zero, ...confused, entities }).answers.find(({ cause }) => cause === 'confused')?.because;
    expect(of(true)).toContain('80 mentions of 100 in test, with the right boundaries');
    expect(of(false)).toMatch(/80 mentions of 100 in test$/);
  });

  it('names a head that takes the loss which it offers', () => {
    const of = (head: string): string | undefined =>
      diagnose({ ...zero, setting: { ...zero.setting, loss: 'nll', head, sampling: 'rare' }, training: { ...zero.training, mentions: 3 } }).answers[0]?.command; // prettier-ignore
    expect(of('crf')).toContain('--loss wce --set model.head=softmax --set loss.weights=power');
    expect(of('softmax')).not.toContain('model.head');
  });

  it('lowers a symptom by what lies upstream of it', () => {
    const missed = present(zero.errors ?? undefined, 'errors');
    const confused = { errors: { ...missed, missed: 20, type: 80, mostType: { name: 'ORG', mentions: 80 } } };
    const weightOf = (evidence: Evidence): number | undefined =>
      diagnose(evidence).answers.find(({ cause }) => cause === 'confused')?.weight;
    const alone = weightOf({ ...zero, ...confused });
    const conflicts = { other: 0.6, most: 'ORG', unlabelled: 0, example: { text: 'Reading', own: 4, other: 6, unlabelled: 0 } }; // prettier-ignore
    expect(alone).toBeCloseTo(0.8 * 0.8, 3);
    expect(weightOf({ ...zero, ...confused, conflicts })).toBeCloseTo(0.8 * 0.8 * (1 - 0.5 * 0.85), 3);
    expect(diagnose({ ...zero, ...confused, conflicts }).sentence).toBe(
      'LOC is labelled otherwise where the same text stands, in 60.00 % of the places in training, mostly as ORG, such as "Reading": 4 times so and 6 times not',
    );
  });

  it('quotes names for the shell, whatever stands in them', () => {
    const setting = { ...zero.setting, run: "my runs/it's", files: { ...zero.setting.files, train: 'a b.conll' } };
    const commands = diagnose({ ...zero, setting, training: { ...zero.training, mentions: 0 } }).answers.map(({ command }) => command); // prettier-ignore
    expect(commands[0]).toContain("'a b.conll'");
    const again = diagnose({ ...zero, setting, learned: { recall: 0, mentions: 400 } }).answers[0]?.command;
    expect(again).toContain(`--config 'my runs/it'\\''s/config.json'`);
  });
});

it('is documented, cause by cause', () => {
  const text = readFileSync(join(__dirname, '../../src/explain/README.md'), 'utf8');
  const rows = [...text.matchAll(/^\| `([\w-]+)` *\| (.*?) *\| ([\d.]+) *\| *(symptom)? *\|$/gm)].map((row) =>
    row.slice(1),
  );
  expect(rows).toEqual(
    Object.entries(CAUSES).map(([name, { what, certainty, ...cause }]) => [name, what, String(certainty), 'isSymptom' in cause ? 'symptom' : undefined]), // prettier-ignore
  );
});
