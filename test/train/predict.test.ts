import * as tf from '@tensorflow/tfjs-core';
import { parseCorpus } from '../../src/data/corpus';
import { encode } from '../../src/data/encode';
import { decodeCheckpoint } from '../../src/checkpoint';
import { openEngine } from '../../src/engine';
import { taggerOf } from '../../src/run/saved';
import { chunksOf } from '../../src/schemes';
import { createDecoder, predictAnswers, predictIds, predictProbabilities, predictTags } from '../../src/train/predict';
import { toyRun } from '../run/toy';

it.each([
  ['entities', 'Anna\tB-PER\nsaw\tO\nNew\tB-LOC\nYork\tI-LOC\n\nBerlin\tB-LOC\nslept\tO\n', true],
  ['plain tags', 'Anna\tNNP\nsaw\tVBD\nNew\tNNP\nYork\tNNP\n\nBerlin\tNNP\nslept\tVBD\n', false],
])(
  'answers with the tags, their probabilities and the entities in them, in whatever company: %s',
  async (_, text, chunks) => {
    const { checkpoint } = await toyRun(text);
    const engine = await openEngine('js');
    const saved = taggerOf(await decodeCheckpoint([checkpoint], checkpoint.length, 'toy'), 'toy');
    const { tagger, vocab, features, decoding } = saved;
    const { sentences } = parseCorpus('slept\n\nNew\nYork\nsaw\nAnna\n\nBerlin\nsaw\nNew\n', 'x', {
      ...{ tagged: false, format: 'columns', tokenColumn: 1 },
    });
    const ask = (some: typeof sentences) =>
      predictAnswers(tagger, encode({ sentences: some }, vocab, features.columns), vocab.labels, decoding, chunks);
    const encoded = encode({ sentences }, vocab, features.columns);
    const all = ask(sentences);
    expect(all.tags).toEqual(predictTags(tagger, encoded, vocab.labels, decoding));
    expect(all.probabilities).toEqual(predictProbabilities(tagger, encoded));
    const strip = (of: readonly object[] | undefined) => of?.map((one) => ({ ...one, probability: undefined }));
    if (chunks) expect(all.entities?.map(strip)).toEqual(all.tags.map((tags) => strip(chunksOf(tags))));
    else expect(all.entities).toBeNull();
    const alone = sentences.flatMap((sentence) => ask([sentence]).entities ?? []).flat();
    const together = all.entities?.flat() ?? [];
    together.forEach(({ probability }, i) => expect(probability).toBeCloseTo(alone[i].probability, 6));
    expect(together.length > 0).toBe(chunks);
    expect(together.every(({ probability }) => probability > 0 && probability <= 1)).toBe(true);
    const decoder = createDecoder(tagger, encoded); // looks once, and answers the same
    for (let again = 0; again < 2; again++) {
      expect(decoder.answer(vocab.labels, decoding, chunks)).toEqual(all);
      expect(decoder.decode(decoding)).toEqual(predictIds(tagger, encoded, decoding));
    }
    decoder.dispose();
    tagger.dispose();
    expect(tf.memory().numTensors).toBe(0);
    engine.dispose();
  },
);
