import { z } from 'zod';
import { readCheckpoint, encodeCheckpoint, type Checkpoint, type Section } from '../checkpoint';
import type { ModelConfig } from '../config';
import { readingSchema } from '../config/schema';
import { SHAPE_COUNT } from '../data/encode';
import { SCHEMES, type SchemeName } from '../data/schemes';
import type { Task } from '../data/types';
import { vocabFromJson, type Vocab } from '../data/vocab';
import { UserError } from '../errors';
import { type TaggerSpec, type Weight, weightShapes } from '../model/spec';
import { createTagger, type Tagger } from '../model/tagger';
import { VERSION } from '../version';
import type { Corpora } from './corpora';

const size = z.int().positive();
const schemes = Object.keys(SCHEMES) as [SchemeName, ...SchemeName[]];

/** What a checkpoint says beside its weights: all that is needed to tag new text, and where the tagger comes from. */
const metaSchema = z.strictObject({
  /** Of the program that wrote it. */
  version: z.string(),
  spec: z.strictObject({
    words: size,
    shapes: z.literal(SHAPE_COUNT),
    labels: size,
    wordDim: size,
    shapeDim: size,
    hidden: size,
    layers: size,
    dropout: z.number().min(0).lt(1),
  } satisfies Record<keyof TaggerSpec, z.ZodType>),
  /** `vocabFromJson` checks it. */
  vocab: z.unknown(),
  task: z.enum(['chunks', 'tags'] satisfies Task[]),
  /** Scheme of the training file's tags: the tagger answers in it. */
  scheme: z.enum(schemes),
  /** How the training file was read, every choice made: other files of its kind are read alike. Version 1 did not keep it. */
  reading: readingSchema.optional(),
  /** Columns of its rows, and what stood between them. */
  rows: z.strictObject({ columns: size, separator: z.enum(['tab', 'blank']) }).optional(),
  trainedOn: z.strictObject({ path: z.string(), sha256: z.string() }),
});

export type TaggerMeta = z.output<typeof metaSchema>;

export interface SavedTagger {
  readonly tagger: Tagger;
  readonly vocab: Vocab;
  readonly meta: TaggerMeta;
}

/** Where the weights stand among the sections of a checkpoint. */
const WEIGHTS = 'weights/';

/** A checkpoint file in pieces, made from the weights as they are now. */
export function saveTagger(tagger: Tagger, { vocab, train, reading }: Corpora): Uint8Array[] {
  const { task, scheme, sha256, columns, separator } = train.corpus;
  const meta: TaggerMeta = {
    version: VERSION,
    spec: tagger.spec,
    vocab: vocab.toJSON(),
    task,
    scheme: scheme.name as SchemeName,
    reading,
    rows: { columns: columns.count, separator },
    trainedOn: { path: train.name, sha256 },
  };
  const sections = tagger
    .weights()
    .map(({ name, shape, values }): Section => ({ name: WEIGHTS + name, dtype: 'f32', shape, values }));
  return encodeCheckpoint(sections, meta);
}

/**
 * The tagger of a checkpoint file, on the engine that is open.
 * @throws UserError when the file is no checkpoint of this program, or a damaged one
 */
export async function loadTagger(path: string): Promise<SavedTagger> {
  return taggerOf(await readCheckpoint(path), path);
}

/**
 * The tagger that a checkpoint describes.
 * @param source the file's name, for messages
 * @throws UserError where what the checkpoint says does not fit together
 */
export function taggerOf({ sections, meta }: Checkpoint, source: string): SavedTagger {
  const refuse = (what: string): UserError =>
    new UserError(`${source}: the header does not describe a tagger: ${what}`, 'train again, or take another copy');
  const parsed = metaSchema.safeParse(meta);
  if (!parsed.success) {
    const [{ path, message }] = parsed.error.issues;
    throw refuse(`${path.join('.') || 'meta'}: ${message.replace(/^Invalid input: /, '')}`);
  }
  const { spec, vocab: vocabJson, task, scheme } = parsed.data;
  const vocab = vocabFromJson(vocabJson, refuse);
  if (spec.words !== vocab.wordCount || spec.labels !== vocab.labels.length) {
    throw refuse(
      `${spec.words} words and ${spec.labels} labels, the vocabulary has ${vocab.wordCount} and ${vocab.labels.length}`,
    );
  }
  if (SCHEMES[scheme].task !== task) throw refuse(`${scheme} is not a scheme of ${task}`);
  const weights = weightsOf(spec, sections);
  if (!weights) throw refuse('its sizes are not those of its weights');
  return { tagger: createTagger(spec, weights), vocab, meta: parsed.data };
}

/** The weights, where they are those that the spec asks for, no more and no less. */
function weightsOf(spec: TaggerSpec, sections: readonly Section[]): Weight[] | undefined {
  const own = sections.filter(({ name }) => name.startsWith(WEIGHTS));
  if (spec.layers > own.length) return undefined; // before anything is made layer by layer
  const shapes = weightShapes(spec);
  if (shapes.length !== own.length) return undefined;
  const weights: Weight[] = [];
  for (const { name, shape } of shapes) {
    const section = own.find((candidate) => candidate.name === WEIGHTS + name);
    if (section?.dtype !== 'f32' || section.shape.join() !== shape.join()) return undefined;
    weights.push({ name, shape, values: section.values });
  }
  return weights;
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
