import { inspect, nameFiles, type Inspection } from '../../src/inspect';
import { DEV, tempFiles, TRAIN } from './corpora';

const files = tempFiles();

describe('inspect of a file whose tokens are no words', () => {
  it('finds an error and shows the rest, unless the column is named', async () => {
    const named = nameFiles({ train: files.write('numbers', '1 B-X\n2 O\n3 O\n\n1 O\n2 B-X\n') }, []);
    const [first] = (await inspect(named)).findings;
    expect(first).toMatchObject({ kind: 'wrong-column', severity: 'error', line: 1 });
    expect(first.message).toMatch(
      /^the tokens, column 1, count 1, 2, 3, … and start again: word numbers.*--token-column/,
    );
    const told = await inspect(named, { tokenColumn: 1 });
    expect(told.findings.map(({ kind }) => kind)).not.toContain('wrong-column');
  });
});

describe('inspect', () => {
  let found: Inspection;

  beforeAll(async () => {
    found = await inspect(nameFiles({ train: files.write('train', TRAIN), dev: files.write('dev', DEV) }, []));
  });

  it('counts sentences, tokens, entities and O as by hand', () => {
    const [train, dev] = found.splits;
    expect(train).toMatchObject({ name: 'train', sentences: 6, tokens: 25, words: 14 });
    expect(train.outside).toEqual({ outsideTokens: 19, entityTokens: 6, ratio: 19 / 6, sentencesWithoutEntity: 2 });
    expect(train.sentenceLength).toEqual({ mean: 25 / 6, median: 5, longest: 5 });
    expect(train.entities?.types.map(({ type, count, tokens }) => [type, count, tokens])).toEqual([
      ['LOC', 2, 2],
      ['PER', 2, 3],
      ['ORG', 1, 1],
    ]);
    expect(train.entities?.types[1]).toMatchObject({
      share: 2 / 5,
      lengths: [1, 1, 0, 0, 0],
      meanLength: 1.5,
      longest: 2,
    });
    expect(dev.entities?.count).toBe(3);
    expect(train.scheme.name).toBe('iob2');
  });

  it('places invalid tags and repeats', () => {
    const [train] = found.splits;
    expect(train.invalid).toEqual([{ line: 23, what: 'I-PER after O' }]);
    expect(train.repeats.map(({ line, earlierLine, otherLabels }) => [line, earlierLine, otherLabels])).toEqual([
      [13, 7, false],
      [26, 7, true],
    ]);
  });

  it('compares dev with train', () => {
    // unseen: Zoe, Kim; words of dev: Ada Lovelace sings in Paris the cat sat on mats won Zoe Kim
    expect(found.against).toEqual([
      {
        split: 'dev',
        train: 'train',
        unseenTokens: { count: 2, of: 15, share: 2 / 15 },
        unseenWords: { count: 2, of: 13, share: 2 / 13 },
        unseenEntities: { count: 1, of: 3, share: 1 / 3 },
        labelsNotInTrain: ['PROD'],
        labelsOnlyInTrain: ['LOC'],
      },
    ]);
    const [overlap] = found.overlaps;
    expect(overlap).toMatchObject({ split: 'dev', earlier: 'train', sentences: 4, shared: 3 });
    expect(
      overlap.leaks.map(({ line, earlierLine, otherLabels, entities }) => [line, earlierLine, otherLabels, entities]),
    ).toEqual([
      [1, 1, true, 1],
      [7, 7, false, 0],
    ]);
  });

  it('finds the same text with different labels', () => {
    expect(found.ambiguous).toEqual([
      {
        text: 'Paris',
        count: 3,
        types: [
          { type: 'ORG', count: 2, split: 'train', line: 19 },
          { type: 'LOC', count: 1, split: 'train', line: 5 },
        ],
      },
    ]);
  });

  it('gives every finding a severity and a place, most severe first', () => {
    expect(found.findings.map(({ kind, severity, split, line }) => `${severity} ${kind} ${split}:${line}`)).toEqual([
      'error label-not-in-train dev:16',
      'warning leak-other-labels dev:1',
      'warning leak dev:7',
      'warning repeat-other-labels train:26',
      'warning invalid-tag train:23',
      'warning label-only-in-train dev:1',
      'warning rare-label train:5',
      'warning rare-label train:1',
      'warning rare-label train:19',
      'info repeat train:13',
      'info unlabelled-entity dev:5', // Paris
      'info ambiguous-entity train:5',
    ]);
  });
});

describe('inspect on odd input', () => {
  it('reads mistyped tags as what they were meant to be, and says so as errors', async () => {
    const path = files.write(
      'typo',
      'Ada\tB_PER\nLovelace\tI-PER\nsings\tO\nin\tO\nParis\tB-LOC\nnow\t0\nhere\tO\nthere\tO\n',
    );
    const found = await inspect(nameFiles({}, [path]));
    expect(found.splits[0].mistyped).toEqual([
      { tag: 'B_PER', readAs: 'B-PER', count: 1, line: 1 },
      { tag: '0', readAs: 'O', count: 1, line: 6 },
    ]);
    expect(found.splits[0].entities?.types.map(({ type, tokens }) => [type, tokens])).toEqual([
      ['LOC', 1],
      ['PER', 2],
    ]);
    expect(found.findings.filter(({ severity }) => severity === 'error').map(({ kind, line }) => [kind, line])).toEqual(
      [
        ['mistyped-tag', 1],
        ['mistyped-tag', 6],
      ],
    );
    expect(found.splits[0].lines).toMatchObject({ lines: 8, token: 8 });
  });

  it('refuses broken rows with the place, as training does', async () => {
    const path = files.write('ragged', 'Ada\tB-PER\nsings\n');
    await expect(inspect(nameFiles({}, [path]))).rejects.toThrow(`${path}:2:`);
  });

  it('takes the lines of invalid tags from the file where the scheme is not IOB2', async () => {
    const path = files.write('bioes', 'a\tB-PER\nb\tE-PER\nc\tO\nd\tI-PER\ne\tE-PER\nf\tS-LOC\n');
    const found = await inspect(nameFiles({}, [path]));
    expect(found.splits[0].scheme.name).toBe('bioes');
    expect(found.splits[0].invalid).toEqual([{ line: 4, what: 'I-PER after O' }]);
  });

  it('inspects plain tags without entities', async () => {
    const found = await inspect(nameFiles({}, [files.write('pos', 'cats\tNOUN\nrun\tVERB\n\ndogs\tNOUN\n')]));
    const [card] = found.splits;
    expect([card.task, card.entities, card.outside]).toEqual(['tags', null, null]);
    expect(card.labels).toEqual([
      { label: 'NOUN', count: 2, share: 2 / 3 },
      { label: 'VERB', count: 1, share: 1 / 3 },
    ]);
    expect(found.findings.map(({ kind }) => kind)).toEqual(['rare-label', 'rare-label']);
  });

  it('says once that there is nothing to learn', async () => {
    const found = await inspect(nameFiles({}, [files.write('all-o', 'a\tO\nb\tO\n')]));
    expect(found.findings.map(({ severity, message }) => [severity, message])).toEqual([['error', 'every tag is O']]);
    expect(found.splits[0].outside?.ratio).toBeNull();
  });

  it('tells splits of other kinds, other schemes and the same bytes', async () => {
    const train = files.write('a', 'x\tB-PER\ny\tI-PER\nz\tO\n');
    const bioes = files.write('b', 'x\tB-PER\ny\tE-PER\nz\tO\n');
    const pos = files.write('c', 'x\tNOUN\n');
    const found = await inspect(nameFiles({}, [train, bioes, pos, train]));
    const kinds = found.findings.map(({ kind, split }) => `${kind} ${split}`);
    expect(kinds).toEqual(expect.arrayContaining(['mixed-tasks test', 'mixed-schemes dev', `same-file ${train}`]));
  });
});

describe('inspect on inputs that people reported', () => {
  const kindsOf = async (...contents: string[]): Promise<string[]> => {
    const paths = contents.map((content, i) => files.write(`reported-${i}`, content));
    const { findings } = await inspect(nameFiles({}, paths));
    return findings.map(({ severity, kind, split, line }) => `${severity} ${kind} ${split}:${line}`);
  };

  it('a blind test file', async () => {
    const row = (n: number, word: string): string => `${n}\t${word}${'\t_'.repeat(8)}\n`;
    expect(await kindsOf(`${row(1, 'the')}${row(2, 'dog')}\n`)).toContain('error nothing-to-learn train:1');
  });

  it('annotations in conflict', async () => {
    expect(await kindsOf('Oslo B-LOC\nwon O\n\nOslo B-ORG\nwon O\n\nOslo B-LOC\nwon O\n')).toEqual(
      expect.arrayContaining([
        'warning repeat-other-labels train:4',
        'info repeat train:7',
        'info ambiguous-entity train:4',
      ]),
    );
  });

  it('a class in dev alone', async () => {
    expect(await kindsOf('Ada B-PER\nsings O\n', 'Mona B-ART\nLisa I-ART\nsmiles O\n')).toContain(
      'error label-not-in-train dev:1',
    );
  });

  it('a file without a blank line', async () => {
    const found = await inspect(nameFiles({}, [files.write('huge', 'the O\nAnna B-PER\nsaw O\n'.repeat(1000))]));
    expect(found.findings.find(({ kind }) => kind === 'reader')?.message).toBe(
      'a sentence of 3000 tokens: are blank lines missing?',
    );
  });

  it('words and classes by the names that every object has', async () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '__proto__'];
    const found = await inspect(
      nameFiles({}, [files.write('proto', names.map((name) => `${name}\tB-${name}\nx\tO\n\n`).join(''))]),
    );
    expect(found.splits[0].words).toBe(5);
    expect(found.splits[0].entities?.types.map(({ type, count }) => [type, count])).toEqual([
      ['__proto__', 2],
      ['constructor', 1],
      ['hasOwnProperty', 1],
      ['toString', 1],
    ]);
    expect(found.findings.filter(({ kind }) => kind === 'rare-label')).toHaveLength(4);
  });
});

describe('nameFiles', () => {
  it('gives files the first free names, and their paths after those', () => {
    expect(nameFiles({ dev: 'd' }, ['a', 'b', 'c'])).toEqual([
      { name: 'train', path: 'a' },
      { name: 'dev', path: 'd' },
      { name: 'test', path: 'b' },
      { name: 'c', path: 'c' },
    ]);
    expect(() => nameFiles({}, [])).toThrow('no file to inspect');
  });
});
