import { join } from 'node:path';
import type { Config } from '../config';
import { present, UserError } from '../errors';
import { decodePacked, type Decoding, decodingOf } from '../heads';
import { type CorporaReader, readCorpora } from '../run/corpora';
import { createOwner } from '../run/disposal';
import { openTagger } from '../run/tagger';
import { predictProbabilities, tagsOf } from '../train/predict';
import { countRight, type PlainCounts } from './counts';

/**
 * What several taggers of one config, trained with different seeds, get right together: the mean of their probabilities is decoded as
 * one tagger's. Where they fit a bias of the outside label, the mean of their biases is added.
 * @param folders of the runs, at least one
 * @param read   gives the corpora of the config: `corporaReader` where several losses are scored on the same
 * @returns counts on the split, sentence by sentence
 * @throws UserError where the taggers do not have the same labels
 */
export async function scoreEnsemble(
  config: Config,
  folders: readonly string[],
  split: 'test' | 'dev',
  read: CorporaReader = readCorpora,
): Promise<PlainCounts> {
  const corpora = await read(config.data, config.model);
  const { corpus, encoded } = (split === 'test' ? corpora.test : null) ?? corpora.dev;
  const { labels } = corpora.vocab;
  const C = labels.length;
  const sum = new Float32Array(encoded.types.length * C); // (N, C)
  const decodings: Decoding[] = [];
  const { threads } = config.engine;
  for (const folder of folders) {
    const owner = createOwner();
    try {
      const options = threads === null ? {} : { threads };
      const { tagger, vocab, decoding } = await openTagger(
        join(folder, 'best.ckpt'),
        owner,
        config.engine.name,
        options,
      );
      if (vocab.labels.join('\n') !== labels.join('\n'))
        throw new UserError(
          `${folder}: its labels are not those of ${config.data.train}`,
          'remove this run folder and compare again',
        );
      decodings.push(decoding);
      predictProbabilities(tagger, encoded).forEach((p, i) => (sum[i] = (sum[i] as number) + p / folders.length));
    } finally {
      owner.dispose();
    }
  }
  const outsideBias = decodings.reduce((all, one) => all + one.outsideBias, 0) / decodings.length;
  const { method } = present(decodings[0], 'tagger');
  const decoding = decodingOf({ method, outsideBias }, labels, corpora.train.corpus.inner);
  const emissions = sum.map((p) => Math.log(Math.max(p, 1e-30))); // (N, C)
  const ids = new Int32Array(encoded.types.length); // (N)
  const { offsets } = encoded;
  for (let s = 0; s < encoded.size; s++) {
    const [from, to] = [present(offsets[s], 'offset'), present(offsets[s + 1], 'offset')];
    ids.set(decodePacked(emissions.subarray(from * C, to * C), C, new Int32Array(to - from).fill(1), decoding), from);
  }
  return countRight(corpus, tagsOf({ ids, offsets }, labels, decoding));
}
