import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConfigValues } from '../../src/config';
import { present } from '../../src/errors';
import { explain } from '../../src/evaluate/explain';
import { CAUSES, type CauseName, type Diagnosis } from '../../src/explain';
import { train } from '../../src/library/train';
import { ALL, conll, corpus, type Names, outside, retag, type Row, type Sentences, tagged } from './corpus';

const folder = mkdtempSync(join(tmpdir(), 'dsc-explain-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Files {
  readonly train: Sentences;
  readonly dev: Sentences;
  readonly test: Sentences | null;
}

const healthy = (): Files => ({ train: corpus(1, 160), dev: corpus(2, 40), test: corpus(3, 40) });

/** Trains a tiny tagger on these files, and explains a class. */
async function explained(
  name: string,
  { train: own, dev, test }: Files,
  type: string,
  { loss = { name: 'ce' }, train: settings = {}, ...more }: ConfigValues = {},
): Promise<Diagnosis> {
  const write = (part: string, sentences: Sentences): string => {
    const path = join(folder, `${name.replace(/\W+/g, '-')}-${part}.conll`);
    writeFileSync(path, conll(sentences));
    return path;
  };
  const out = join(folder, name.replace(/\W+/g, '-'));
  if (!existsSync(out))
    await train({
      data: { train: write('train', own), dev: write('dev', dev), test: test && write('test', test), scheme: 'iob2' },
      model: { wordDim: 24, hidden: 12, affixDim: 0, dropout: 0.2 },
      loss,
      train: { epochs: 10, batchTokens: 100, learningRate: 0.01, ...settings },
      engine: { threads: 1 },
      out,
      ...more,
    });
  const { classes } = await explain(out, { classes: [type] });
  return present(classes[0], 'class');
}

/** What is put into files or settings, what of, and the answer that it must get. */
interface Fault {
  readonly cause: CauseName;
  readonly files?: (files: Files) => Files;
  readonly type?: string;
  readonly config?: ConfigValues;
}

const half = <T>(items: readonly T[], which: 0 | 1): T[] => items.filter((_, i) => i % 2 === which);
const part = (which: 0 | 1): Names => ({ ...ALL, towns: half(ALL.towns, which) });
const everywhere = ({ train: own, dev, test }: Files, change: (sentences: Sentences) => Sentences): Files => ({
  train: change(own),
  dev: change(dev),
  test: test && change(test),
});
/** All but the first sentences with a class lose it. */
function thin(sentences: Sentences, type: string, keep: number): Sentences {
  let left = keep;
  return sentences.filter((rows) => !rows.some(([, tag]) => tag.endsWith(`-${type}`)) || left-- > 0);
}

/** Nothing around a town tells it from a word of no class, which mostly is a new one. */
function bare(sentences: Sentences): Sentences {
  let fresh = 0;
  return sentences.map((rows) =>
    rows.flatMap((row): Row[] => (row[0] === 'in' ? [] : row[0] === 'it' ? outside(`Qu${letters(fresh++)}`) : [row])),
  );
}

/** Three letters that are another word for every number. */
const letters = (n: number): string =>
  [n, n / 26, n / 676].map((d) => String.fromCharCode(97 + (Math.floor(d) % 26))).join('');

/** Salutations become part of a person's mention in dev and test. */
const longerPersons = ({ train: own, dev, test }: Files): Files => {
  const longer = (sentences: Sentences): Sentences =>
    sentences.map((rows) =>
      rows.map(([token, tag], i): Row => [
        token,
        token === 'Mr' || token === 'Dr' ? 'B-PER' : tag === 'B-PER' && i > 0 ? 'I-PER' : tag,
      ]),
    );
  return { train: own, dev: longer(dev), test: test && longer(test) };
};

const FAULTS: Record<string, Fault> = {
  'training lacks the class': {
    cause: 'not-in-training',
    files: (files) => ({ ...files, train: thin(files.train, 'ORG', 0) }),
    type: 'ORG',
  },
  'training spells its name otherwise': {
    cause: 'not-in-training',
    files: (files) => ({ ...files, train: retag(files.train, 'ORG', (tag) => tag.replace('ORG', 'Org')) }),
    type: 'ORG',
  },
  'neither dev nor test has it': {
    cause: 'not-in-gold',
    files: (files) => ({ ...files, dev: thin(files.dev, 'LOC', 0), test: thin(files.test ?? [], 'LOC', 0) }),
  },
  'all its mentions have a label that training lacks': {
    cause: 'unknown-label',
    files: ({ train: own, dev, test }) => {
      const two = (sentences: Sentences): Sentences =>
        sentences.map((rows) => rows.flatMap((row): Row[] => (row[1] === 'B-LOC' ? [row, ['City', 'I-LOC']] : [row])));
      return { train: own, dev: two(dev), test: test && two(test) };
    },
  },
  'half of it has a name in another case': {
    cause: 'split-class',
    files: (files) => ({
      ...files,
      train: retag(files.train, 'ORG', (tag, s) => (s % 3 > 0 ? tag.replace('ORG', 'Org') : tag)),
    }),
    type: 'ORG',
  },
  'a learning rate that is far too high': { cause: 'diverged', config: { train: { learningRate: 1e5, epochs: 2 } } },
  'a learning rate that is far too low': {
    cause: 'never-moved',
    config: { train: { learningRate: 1e-6, epochs: 3 } },
  },
  'a loss that never leaves O': {
    cause: 'only-outside',
    files: (files) => everywhere(files, (sentences) => sentences.map((rows, s) => [...(s % 16 === 0 ? rows : []), ...outside(...'it rained and nobody came at all so we went home and slept until noon .'.split(' '))])), // prettier-ignore
    config: { loss: { name: 'dl', square: false }, train: { batchTokens: 512, epochs: 4 } },
  },
  'a class weight of almost nothing': {
    cause: 'starved',
    config: { loss: { name: 'wce', weights: { O: 1, 'B-PER': 1, 'I-PER': 1, 'B-LOC': 0.0001, 'B-ORG': 1 } } },
  },
  'a bias of O in the config': {
    cause: 'outside-bias',
    config: { decode: { outsideBias: 12 } },
  },
  'one epoch': { cause: 'too-few-epochs', config: { train: { epochs: 1, learningRate: 0.003 } } },
  'two mentions in training': {
    cause: 'rare',
    files: (files) => ({ ...files, train: thin(files.train, 'LOC', 2) }),
  },
  'sentences repeated without its label': {
    cause: 'repeats',
    files: (files) => {
      const again = retag(
        files.train.filter((rows) => rows.some(([, tag]) => tag === 'B-LOC')),
        'LOC',
        () => 'O',
      );
      return { ...files, train: [...files.train, ...again, ...again] };
    },
  },
  'the same texts as another class': {
    cause: 'other-type',
    files: (files) => ({
      ...files,
      train: retag(files.train, 'LOC', (tag, s) => (s % 5 > 0 ? tag.replace('LOC', 'GPE') : tag)),
    }),
  },
  'most of its labels forgotten': {
    cause: 'unlabelled',
    files: (files) => ({ ...files, train: retag(files.train, 'LOC', (tag, s) => (s % 4 > 0 ? 'O' : tag)) }),
  },
  'another rule in dev and test': {
    cause: 'otherwise',
    files: ({ train: own, dev, test }) => {
      const swap = (sentences: Sentences): Sentences =>
        retag(thin(sentences, 'LOC', 2), 'ORG', (tag) => tag.replace('ORG', 'LOC'));
      return { train: own, dev: swap(dev), test: test && swap(test) };
    },
  },
  'training opens a mention at every token': {
    cause: 'unknown-label',
    files: (files) => ({ ...files, train: retag(files.train, 'PER', () => 'B-PER') }),
    type: 'PER',
  },
  'longer mentions in dev and test': { cause: 'boundary', files: longerPersons, type: 'PER' },
  'longer mentions, and a text in training that stands only within a longer one': {
    cause: 'boundary',
    files: (files) => {
      const name: Sentences = [
        [...tagged('PER', 'Zoe'), ...outside('Zimmer', 'left', '.')],
        [...tagged('PER', 'Zoe', 'Zimmer'), ...outside('left', '.')],
      ];
      return longerPersons({ ...files, train: [...files.train, ...name] });
    },
    type: 'PER',
  },
  'taken for another class': {
    cause: 'confused',
    files: ({ train: own, dev, test }) => {
      // in training a village has a word of its own before it, elsewhere the word of towns
      const villages = half(ALL.towns, 1);
      const mark = (sentences: Sentences, word: string, names: (i: number) => string): Sentences =>
        sentences.map((rows, s) =>
          rows.flatMap((row, i): Row[] =>
            row[1] === 'B-LOC' && s % 2 > 0
              ? tagged('VIL', names(i + s))
              : row[0] === 'in' && s % 2 > 0
                ? outside(word)
                : [row],
          ),
        );
      const known = (i: number): string => villages[i % villages.length] ?? '';
      const fresh = (i: number): string => ['Xanten', 'Yverdon', 'Zwolle', 'Quimper'][i % 4] ?? '';
      return { train: mark(own, 'near', known), dev: mark(dev, 'in', fresh), test: test && mark(test, 'in', fresh) };
    },
    type: 'VIL',
  },
  'dev sentences that stand in training': {
    cause: 'leaks',
    files: () => {
      const own = bare(corpus(1, 160, part(0)));
      return { train: own, dev: own.slice(0, 40), test: bare(corpus(3, 40, part(1))) };
    },
  },
  'dev lacks the class': {
    cause: 'not-in-dev',
    files: (files) => ({ ...files, train: thin(files.train, 'LOC', 40), dev: corpus(2, 40, ALL, 'none') }),
  },
  'texts that are new': {
    cause: 'unseen',
    files: ({ train: own }) => {
      return { train: bare(corpus(1, own.length, part(0))), dev: bare(corpus(2, 40, part(1))), test: bare(corpus(3, 40, part(1))) }; // prettier-ignore
    },
  },
};

describe('explain, on real runs with one fault planted', () => {
  it('cries no wolf where nothing is wrong', async () => {
    for (const type of ['PER', 'LOC', 'ORG']) {
      const { state, answers, sentence } = await explained('healthy', healthy(), type);
      expect([type, state, answers]).toEqual([type, 'well', []]);
      expect(sentence).toMatch(new RegExp(`^${type} is neither at 0 nor weak: F1 (9\\d|100)`));
    }
  });

  it.each(Object.entries(FAULTS))('%s', async (title, { cause, files = (all) => all, type = 'LOC', config = {} }) => {
    const { answers, state, sentence } = await explained(title, files(healthy()), type, config);
    expect(state).not.toBe('well');
    expect(answers.map((answer) => answer.cause)[0]).toBe(cause);
    expect(sentence).toBe(`${type} ${answers[0]?.because ?? ''}`);
    for (const { numbers, command, weight } of answers) {
      expect(Object.keys(numbers).length).toBeGreaterThan(0);
      expect(command).toMatch(/^dsc-train /);
      expect(weight).toBeGreaterThan(0);
      expect(weight).toBeLessThanOrEqual(1);
    }
  });

  it('plants a fault for nearly every cause', () => {
    const planted = new Set(Object.values(FAULTS).map(({ cause }) => cause));
    expect(Object.keys(FAULTS).length).toBeGreaterThanOrEqual(20);
    expect(Object.keys(CAUSES).filter((cause) => !planted.has(cause as CauseName))).toEqual(MEASURED);
  });
});

/** Causes whose planted faults are measurements: see diagnose.test.ts. */
const MEASURED = ['other-epoch', 'decoding', 'too-many', 'few-in-gold', 'memorised', 'not-learned'];
