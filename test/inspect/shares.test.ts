import { inspect, nameFiles } from '../../src/inspect';
import { createRng } from '../../src/rng';
import { tempFiles } from './corpora';

const files = tempFiles();

/** Sentences with one entity each, of type B in so many and A in the others. */
const withB = (name: string, b: number, all: number): string =>
  files.write(name, Array.from({ length: all }, (_, i) => `w${i}\tB-${i < b ? 'B' : 'A'}\nran\tO\n\n`).join(''));

const shifts = async (...paths: string[]): Promise<string[]> =>
  (await inspect(nameFiles({}, paths))).findings
    .filter(({ kind }) => kind === 'class-share')
    .map(({ split, message }) => `${split}: ${message}`);

describe('shares of classes', () => {
  it('are told where they differ much: 1 % and 8 %', async () => {
    expect(await shifts(withB('train', 20, 2000), withB('dev', 40, 500))).toEqual([
      'dev: B is 8.00 % (40 of 500) of the entities, in train 1.00 % (20 of 2,000)',
    ]);
  });

  it('are not told where few examples may differ by chance, nor where the factor is small', async () => {
    expect(await shifts(withB('few', 2, 200), withB('few-dev', 4, 50))).toEqual([]);
    expect(await shifts(withB('near', 4000, 10000), withB('near-dev', 3000, 5000))).toEqual([]); // 40 % and 60 %
  });

  it('do not cry wolf over parts drawn at random, though entities of a kind come together', async () => {
    const rng = createRng(5);
    const sentence = (): string => {
      const kind = rng.float() < 0.05 ? 'RARE' : `T${rng.int(6)}`;
      return Array.from({ length: 1 + rng.int(8) }, () => `w\tB-${kind}\nx\tO\n`).join('') + '\n';
    };
    const part = (name: string, n: number): string => files.write(name, Array.from({ length: n }, sentence).join(''));
    const found = [];
    for (let n = 0; n < 20; n++) found.push(...(await shifts(part('r', 400), part('s', 80))));
    expect(found).toEqual([]);
  });

  it('look at plain tags token by token', async () => {
    const tags = (name: string, x: number, all: number): string =>
      files.write(
        name,
        Array.from({ length: all }, (_, i) => `w\t${i < x ? 'X' : 'N'}\n${i % 5 === 4 ? '\n' : ''}`).join(''),
      );
    expect(await shifts(tags('pos', 50, 5000), tags('pos-dev', 100, 1000))).toEqual([
      'dev: X is 10.00 % (100 of 1,000) of the tokens, in train 1.00 % (50 of 5,000)',
    ]);
  });
});

describe('the same file twice', () => {
  const content = 'a\tB-PER\nb\tO\nc\tO\nd\tO\ne\tO\n\nf\tB-LOC\n';
  const kindsOf = async (...paths: string[]): Promise<string[]> =>
    (await inspect(nameFiles({}, paths))).findings
      .filter(({ kind }) => kind === 'same-file' || kind.startsWith('leak'))
      .map(({ kind, message }) => `${kind}: ${message}`);

  it('is one error, not a list of leaks', async () => {
    expect(await kindsOf(files.write('one', content), files.write('copy', content))).toEqual([
      'same-file: the same bytes as train',
    ]);
  });

  it('is seen through other line ends', async () => {
    expect(await kindsOf(files.path('one'), files.write('crlf', content.replaceAll('\n', '\r\n')))).toEqual([
      'same-file: the same sentences and labels as train',
    ]);
  });

  it('is not two files with the same words and other labels', async () => {
    const other = files.write('other', content.replace('B-LOC', 'B-PER'));
    expect((await kindsOf(files.path('one'), other)).filter((found) => found.startsWith('same'))).toEqual([]);
  });
});

describe('entities that stand unlabelled elsewhere', () => {
  const unlabelled = async (content: string): Promise<string[]> =>
    (await inspect(nameFiles({}, [files.write('u', content)]))).findings
      .filter(({ kind }) => kind === 'unlabelled-entity')
      .map(({ line, message }) => `${line}: ${message}`);
  const york = 'New\tB-LOC\nYork\tI-LOC\nwon\tO\n\n';

  it('are told with counts and the first place', async () => {
    expect(await unlabelled(`${york.repeat(4)}in\tO\nNew\tO\nYork\tO\n\nNew\tO\nYork\tO\n`)).toEqual([
      '18: "New York" stands without a label 2x, and 4x as LOC',
    ]);
  });

  it('are not those that are mostly no entity, or were labelled once or twice', async () => {
    expect(await unlabelled(`${york.repeat(3)}${'New\tO\nYork\tO\n\n'.repeat(2)}`)).toEqual([]);
    expect(await unlabelled(`${york.repeat(2)}New\tO\nYork\tO\n`)).toEqual([]);
    expect(await unlabelled(`${york.repeat(4)}New\tO\nJersey\tO\n`)).toEqual([]);
  });
});
