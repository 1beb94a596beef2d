import { vocabFromJson, type Vocab } from '../data/vocab';
import { UserError } from '../errors';
import { readBytes } from '../files';
import type { Corpora } from './corpora';
import { type TaggerSpec, weightShapes } from '../model/spec';
import type { ModelConfig } from '../config';
import { SHAPE_COUNT } from '../data/encode';
import { createTagger, type Tagger } from '../model/tagger';
import { decodeCheckpoint, encodeCheckpoint } from '../train/checkpoint';
import { VERSION } from '../version';

/** What a checkpoint says beside its weights: all that is needed to tag new text, and where the tagger comes from. */
interface Meta {
  readonly version: string;
  readonly spec: TaggerSpec;
  readonly vocab: unknown;
  readonly task: string;
  /** Scheme of the training file's tags: the tagger answers in it. */
  readonly scheme: string;
  readonly trainedOn: { readonly path: string; readonly sha256: string };
}

export interface SavedTagger {
  readonly tagger: Tagger;
  readonly vocab: Vocab;
  readonly meta: Meta;
}

export function saveTagger(tagger: Tagger, { vocab, train }: Corpora): Buffer {
  const { task, scheme, sha256 } = train.corpus;
  const trainedOn = { path: train.name, sha256 };
  const meta: Meta = {
    version: VERSION,
    spec: tagger.spec,
    vocab: vocab.toJSON(),
    task,
    scheme: scheme.name,
    trainedOn,
  };
  return encodeCheckpoint(tagger.weights(), meta);
}

/**
 * The tagger of a checkpoint file, on the engine that is open.
 * @throws UserError when the file is no checkpoint of this program, or a damaged one
 */
export async function loadTagger(path: string): Promise<SavedTagger> {
  const { weights, meta } = decodeCheckpoint(await readBytes(path), path);
  if (!isMeta(meta))
    throw new UserError(`${path}: the header does not describe a tagger`, 'train again, or take another copy');
  return { tagger: createTagger(meta.spec, weights), vocab: vocabFromJson(meta.vocab), meta };
}

function isMeta(value: unknown): value is Meta {
  const keys = ['version', 'spec', 'vocab', 'task', 'scheme', 'trainedOn'];
  return typeof value === 'object' && value !== null && keys.every((key) => key in value);
}

/** The shapes of a tagger: widths from the config, sizes from the vocabulary. */
export function taggerSpec({ wordDim, shapeDim, hidden, layers, dropout }: ModelConfig, vocab: Vocab): TaggerSpec {
  return {
    words: vocab.wordCount,
    shapes: SHAPE_COUNT,
    labels: vocab.labels.length,
    wordDim,
    shapeDim,
    hidden,
    layers,
    dropout,
  };
}

/** Trained numbers of such a tagger. */
export function weightCount(spec: TaggerSpec): number {
  return weightShapes(spec).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
}
