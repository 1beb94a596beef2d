import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '../../src/config';
import { openEngine } from '../../src/engine';
import { initialWeights } from '../../src/model/init';
import { createTagger } from '../../src/model/tagger';
import { createRng } from '../../src/rng';
import { readCorpora, type Corpora } from '../../src/run/corpora';
import { decodingFor } from '../../src/run/decoding';
import { saveTagger, taggerSpec } from '../../src/run/tagger';

export interface ToyRun {
  /** A folder with `best.ckpt` and the corpus, `train`. */
  readonly path: string;
  readonly checkpoint: Buffer;
  readonly corpora: Corpora;
}

/** A run whose tagger was never trained: its tags are arbitrary, differ from word to word, and are always the same. */
export async function toyRun(text: string, data: Readonly<Record<string, unknown>> = {}): Promise<ToyRun> {
  const path = mkdtempSync(join(tmpdir(), 'dsc-toy-'));
  const train = join(path, 'train');
  writeFileSync(train, text);
  const model = { wordDim: 4, shapeDim: 2, affixDim: 0, hidden: 3 }; // what a checkpoint of version 1 can hold
  const config = parseConfig([{ source: 'test', values: { data: { train, dev: train, ...data }, model } }]);
  const corpora = await readCorpora(config.data, config.model);
  const engine = await openEngine('js');
  const spec = taggerSpec(config.model, corpora);
  const weights = initialWeights(spec, corpora.vocab.labels.map(() => 1), createRng(1)); // prettier-ignore
  for (const { name, values } of weights) if (name === 'output.w') values.forEach((w, i) => (values[i] = 20 * w));
  const tagger = createTagger(spec, weights);
  const checkpoint = Buffer.concat(saveTagger(tagger, corpora, decodingFor(config.decode, corpora)));
  tagger.dispose();
  engine.dispose();
  writeFileSync(join(path, 'best.ckpt'), checkpoint);
  return { path, checkpoint, corpora };
}
