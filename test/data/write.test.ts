import { parseCorpus } from '../../src/data/corpus';
import { SCHEMES } from '../../src/schemes';
import { predictionText } from '../../src/data/write';
import { chunksOf } from '../../src/schemes';

const chunkSchemes = Object.entries(SCHEMES).filter(([, scheme]) => scheme.task === 'chunks');
const IOB2 = ['B-PER', 'I-PER', 'O', 'B-LOC', 'B-LOC', 'I-LOC', 'I-LOC'];

describe('predictionText', () => {
  it.each(chunkSchemes)('writes gold and prediction in %s, the scheme of the corpus', (name, scheme) => {
    const inner = (labels: string[]): string[] =>
      name === 'io' ? labels.map((label) => label.replace('B-', 'I-')) : labels;
    const tags = scheme.fromInner(inner(IOB2));
    const text = IOB2.map((_, i) => `w${i}\t${tags[i]}\n`).join('');
    const corpus = parseCorpus(`${text}\n`, 'x', { scheme: name as keyof typeof SCHEMES });
    const predicted = [inner(['O', 'B-PER', 'I-PER', 'O', 'B-LOC', 'O', 'B-ORG'])];
    const rows = predictionText(corpus, predicted).split('\n');
    expect(rows.slice(0, 7).map((row) => row.split(' ')[1])).toEqual(tags);
    expect(scheme.toInner(rows.slice(0, 7).map((row) => row.split(' ')[2]))).toEqual(predicted[0]);
    expect(rows.slice(7)).toEqual(['', '']);
  });

  it('writes a sequence that breaks the rules as the chunks that conlleval reads in it', () => {
    const corpus = parseCorpus('a\tI-PER\nb\tI-LOC\n', 'x', { scheme: 'iob1' });
    const wild = ['I-LOC', 'I-LOC'];
    const written = predictionText(corpus, [wild])
      .trim()
      .split('\n')
      .map((row) => row.split(' ')[2]);
    expect(chunksOf(written)).toEqual(chunksOf(wild));
  });

  it('keeps a token with a blank in one column', () => {
    const corpus = parseCorpus('New York\tB-LOC\n', 'x', { format: 'tsv' });
    expect(predictionText(corpus, [['O']])).toBe('New York\tB-LOC\tO\n\n');
  });

  it('puts one blank between columns, as conlleval.pl reads them, and a tab where that could be misread', () => {
    const written = (text: string, guess: string): string =>
      predictionText(parseCorpus(text, 'x', { format: 'tsv', scheme: 'plain' }), [[guess, guess]]);
    expect(written('a\tX\nb\tY\n', 'X')).toBe('a X X\nb Y X\n\n');
    expect(written('a\tX\nb c\tY\n', 'X')).toBe('a\tX\tX\nb c\tY\tX\n\n');
    const hash = written('#\tX\nb\tY\n', '='); // `# X =` would be a comment
    expect(parseCorpus(hash, 'x', { format: 'conll2000' }).tokens).toBe(2);
    expect(written('#\tX\nb\tY\n', 'X')).toBe('# X X\nb Y X\n\n');
  });
});
