import { decodingOf, EARLIER_DECODING } from '../../src/heads';
import { parseConfig } from '../../src/config';
import { readingSchema } from '../../src/config/reading';
import { parseCorpus } from '../../src/data/corpus';
import { encode } from '../../src/data/encode';
import { buildVocab } from '../../src/data/vocab';
import { openEngine } from '../../src/engine';
import { buildFeatures } from '../../src/features';
import type { Target } from '../../src/losses';
import type { Tagger } from '../../src/model/tagger';
import { devCheck, metricName, scoreCorpus } from '../../src/run/assess';
import type { Corpora } from '../../src/run/corpora';

const chunks = parseCorpus('Ann\tB-PER\nsaw\tO\nRome\tB-LOC\n\nBob\tB-PER\nran\tO\n', 'ner');
const plain = parseCorpus('# text = Go\n1\tGo\t_\tVERB\t_\t_\t_\t_\t_\t_\n2\tup\t_\tADV\t_\t_\t_\t_\t_\t_\n\n', 'pos');

async function corporaOf(corpus: typeof chunks): Promise<Corpora> {
  const vocab = buildVocab(corpus);
  const features = await buildFeatures({ train: corpus }, vocab, parseConfig([]).model);
  const split = { name: corpus.path, corpus, encoded: encode(corpus, vocab, features.columns) };
  return { train: split, dev: split, test: null, vocab, features, reading: readingSchema.parse({}) };
}

const ARGMAX = decodingOf(EARLIER_DECODING, [], 'plain');

/** A tagger that gives every row the label of that name. */
const constant = ({ vocab }: Corpora, label: string): Tagger =>
  ({
    head: { decode: (_: unknown, { gold }: Target) => new Int32Array(gold.size).fill(vocab.labelId(label)) },
    embed: () => undefined,
    spell: () => undefined,
    emissions: () => undefined,
    activate: () => undefined,
  }) as unknown as Tagger;

beforeAll(() => openEngine('js'));

describe('scoring of a corpus', () => {
  it('takes micro-F1 for entities and accuracy for plain tags unless told', () => {
    expect(metricName('auto', chunks)).toBe('micro-f1');
    expect(metricName('auto', plain)).toBe('accuracy');
    expect(metricName('PER.f1', chunks)).toBe('PER.f1');
  });

  it('scores against the gold tags and signs with the hash of the data', () => {
    const report = scoreCorpus(chunks, [
      ['B-PER', 'O', 'O'],
      ['B-PER', 'O'],
    ]);
    expect(report.entities?.micro).toMatchObject({ tp: 2, predicted: 2, support: 3 });
    expect(report.signature).toContain(chunks.sha256.slice(0, 12));
  });

  it('checks dev by any metric: micro, macro, one class', async () => {
    const corpora = await corporaOf(chunks);
    const everywherePerson = constant(corpora, 'B-PER');
    expect(devCheck(everywherePerson, corpora, ARGMAX, 'micro-f1')()).toEqual({
      score: (2 * 2) / (5 + 3),
      onlyOutside: false,
      classes: { LOC: 0, PER: (2 * 2) / (5 + 2) },
    });
    expect(devCheck(everywherePerson, corpora, ARGMAX, 'PER.recall')().score).toBe(1);
    expect(devCheck(everywherePerson, corpora, ARGMAX, 'macro-f1')().score).toBeCloseTo(
      ((2 * 2) / (5 + 2) + 0) / 2,
      12,
    );
  });

  it('sees that only O is predicted, and never says so of plain tags', async () => {
    const corpora = await corporaOf(chunks);
    expect(devCheck(constant(corpora, 'O'), corpora, ARGMAX, 'auto')()).toMatchObject({ score: 0, onlyOutside: true });
    const tags = await corporaOf(plain);
    expect(devCheck(constant(tags, 'VERB'), tags, ARGMAX, 'auto')()).toMatchObject({ score: 0.5, onlyOutside: false });
  });

  it('refuses a metric that dev cannot give, before any training', async () => {
    const corpora = await corporaOf(chunks);
    const tagger = constant(corpora, 'O');
    expect(() => devCheck(tagger, corpora, ARGMAX, 'micro-f2')).toThrow(
      /unknown metric 'micro-f2'; did you mean 'micro-f1'/,
    );
    expect(() => devCheck(tagger, corpora, ARGMAX, 'ORG.f1')).toThrow("has nothing to compute 'ORG.f1' on");
  });
});
