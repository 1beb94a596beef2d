import { basename } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { readCheckpoint, encodeCheckpoint, type Checkpoint, type Section } from '../checkpoint';
import type { ModelConfig } from '../config';
import { readingSchema } from '../config/schema';
import { SCHEMES, type SchemeName } from '../schemes';
import type { Tagging } from '../data/tagging';
import type { Sentence, Task } from '../data/types';
import { vocabFromJson, type Vocab } from '../data/vocab';
import { SHAPES } from '../data/shapes';
import { openEngine, type EngineOptions } from '../engine';
import { present, UserError } from '../errors';
import { type Features, featuresFromJson, type Met, type Table } from '../features';
import {
  DECODE_METHODS,
  type DecodeMethod,
  type DecodeSettings,
  type Decoding,
  decodingOf,
  EARLIER_DECODING,
  HEADS,
  type HeadName,
} from '../heads';
import { memory as memoryHere } from '../machine';
import { type TaggerSpec, type Weight, weightCount, weightShapes } from '../model/spec';
import { createTagger, type Tagger } from '../model/tagger';
import { VERSION } from '../package';
import type { Corpora } from './corpora';
import type { Owner } from './disposal';
import { encodeTraining, type Training, trainingSchema } from './training';

const size = z.int().positive();
const schemes = Object.keys(SCHEMES) as [SchemeName, ...SchemeName[]];

const network = {
  labels: size,
  hidden: size,
  layers: size,
  dropout: z.number().min(0).lt(1),
};

const specSchema = z.strictObject({
  tables: z.array(
    z.strictObject({
      name: z.string(),
      rows: size,
      width: size,
      filters: size.optional(),
      wordDropout: z.boolean(),
      rate: z.number().min(0),
      pretrained: z.strictObject({ from: z.int().min(0), rate: z.number().min(0) }).optional(),
    } satisfies Record<keyof Table, z.ZodType>),
  ),
  ...network,
  head: z.enum(Object.keys(HEADS) as [HeadName, ...HeadName[]]),
} satisfies Record<keyof TaggerSpec, z.ZodType>);

/** Specs from before features and heads were tables: a word and a capitalisation embedding, and a softmax. */
const earlierSpecSchema = z
  .strictObject({ words: size, shapes: z.literal(SHAPES.length), wordDim: size, shapeDim: size, ...network })
  .transform(({ words, shapes, wordDim, shapeDim, ...rest }): TaggerSpec => ({
    ...rest,
    tables: [
      { name: 'words', rows: words, width: wordDim, wordDropout: true, rate: 1 },
      { name: 'shapes', rows: shapes, width: shapeDim, wordDropout: false, rate: 1 },
    ],
    head: 'softmax',
  }));

/** What a checkpoint says beside its weights: all that is needed to tag new text, and where the tagger comes from. */
const metaSchema = z.strictObject({
  /** Of the program that wrote it. */
  version: z.string(),
  spec: z.union([specSchema, earlierSpecSchema]),
  /** What each feature keeps, by its name; `featuresFromJson` checks it. Absent where there were two, which only had a width. */
  features: z.record(z.string(), z.unknown()).optional(),
  /** `vocabFromJson` checks it. */
  vocab: z.unknown(),
  task: z.enum(['chunks', 'tags'] satisfies Task[]),
  /** Scheme of the training file's tags: the tagger answers in it. */
  scheme: z.enum(schemes),
  /** How the training file was read, every choice made: other files of its kind are read alike. Version 1 did not keep it. */
  reading: readingSchema.optional(),
  /** How tags are chosen; absent where it was by argmax, the only way. */
  decoding: z
    .strictObject({
      method: z.enum(Object.keys(DECODE_METHODS) as [DecodeMethod, ...DecodeMethod[]]),
      outsideBias: z.number(),
    } satisfies Record<keyof DecodeSettings, z.ZodType>)
    .optional(),
  /** Columns of its rows, and what stood between them. */
  rows: z.strictObject({ columns: size, separator: z.enum(['tab', 'blank']) }).optional(),
  trainedOn: z.strictObject({ path: z.string(), sha256: z.string() }),
  /** Of `last.ckpt` alone: the training that goes on from here. */
  training: trainingSchema.optional(),
});

export type TaggerMeta = z.output<typeof metaSchema>;

/** How the tagger writes its tags: as the training file does. */
export function taggingOf({ scheme, reading }: TaggerMeta): Tagging {
  const { spelling = 'standard', outside = null } = reading ?? {};
  return { scheme, spelling: spelling === 'auto' ? 'standard' : spelling, outside: outside ?? 'O' };
}

export interface SavedTagger {
  readonly tagger: Tagger;
  readonly vocab: Vocab;
  readonly features: Features;
  readonly decoding: Decoding;
  readonly meta: TaggerMeta;
}

/** Looks up what sentences hold that training never met, for the predictions to come: they are encoded, and tagged, with it. */
export async function lendRows(tagger: Tagger, { meet }: Met, sentences: readonly Sentence[]): Promise<void> {
  if (meet) tagger.lend(await meet(sentences.flatMap(({ tokens }) => tokens)));
}

/** Where the weights stand among the sections of a checkpoint. */
const WEIGHTS = 'weights/';

/**
 * A checkpoint file in pieces.
 * @param decoding how it chooses tags
 * @param training what goes on from here, where something does
 * @param weights of the tagger, as they are now where no others are given
 */
export function saveTagger(
  tagger: Tagger,
  { vocab, features, train, reading }: Corpora,
  { method, outsideBias }: DecodeSettings,
  training: Training | null = null,
  weights: readonly Weight[] = tagger.weights(),
): Uint8Array[] {
  const { task, scheme, sha256, columns, separator } = train.corpus;
  const encoded = training && encodeTraining(training);
  const meta: TaggerMeta = {
    version: VERSION,
    spec: tagger.spec,
    features: features.toJSON(),
    vocab: vocab.toJSON(),
    task,
    scheme: scheme.name,
    reading,
    decoding: { method, outsideBias },
    rows: { columns: columns.count, separator },
    trainedOn: { path: basename(train.name), sha256 },
    ...(encoded && { training: encoded.meta }),
  };
  const sections = weights.map(({ name, shape, values }): Section => ({
    name: WEIGHTS + name,
    dtype: 'f32',
    shape,
    values,
  }));
  return encodeCheckpoint([...sections, ...(encoded?.sections ?? [])], meta);
}

/**
 * The tagger of a checkpoint file, on the engine that is open.
 * @throws UserError when the file is no checkpoint of this program, or a damaged one
 */
export async function loadTagger(path: string): Promise<SavedTagger> {
  return taggerOf(await readCheckpoint(path), path);
}

/** Opens an engine, and on it the tagger of a checkpoint file, both for an owner. @throws UserError as both do */
export async function openTagger(
  path: string,
  { own }: Owner,
  engine: string,
  options: EngineOptions = {},
): Promise<SavedTagger> {
  own(await openEngine(engine, options));
  const saved = await loadTagger(path);
  own(saved.tagger);
  return saved;
}

/**
 * The tagger that a checkpoint describes, on the engine that is open.
 * @param source the file's name, for messages
 * @throws UserError where what the checkpoint says does not fit together
 */
export function taggerOf(checkpoint: Checkpoint, source: string): SavedTagger {
  const { weights, ...rest } = describe(checkpoint, source);
  return { tagger: createTagger(rest.meta.spec, weights), ...rest };
}

/** A tagger as it stands in a file: no tensors yet. */
export interface Description extends Omit<SavedTagger, 'tagger'> {
  readonly weights: readonly Weight[];
}

/** @throws UserError as `taggerOf` */
export function describe({ sections, meta }: Checkpoint, source: string): Description {
  const refuse = (what: string): UserError =>
    new UserError(`${source}: the header does not describe a tagger: ${what}`, 'train again, or take another copy');
  const parsed = metaSchema.safeParse(meta);
  if (!parsed.success) {
    const { path, message } = present(parsed.error.issues[0], 'issue');
    throw refuse(`${path.join('.') || 'meta'}: ${message.replace(/^Invalid input: /, '')}`);
  }
  const { spec, vocab: vocabJson, task, scheme } = parsed.data;
  const vocab = vocabFromJson(vocabJson, refuse);
  if (spec.labels !== vocab.labels.length)
    throw refuse(`${spec.labels} labels, the vocabulary has ${vocab.labels.length}`);
  const features = featuresOf(parsed.data, vocab, refuse);
  if (SCHEMES[scheme].task !== task) throw refuse(`${scheme} is not a scheme of ${task}`);
  const weights = weightsOf(spec, sections);
  if (!weights) throw refuse('its sizes are not those of its weights');
  const { inner } = SCHEMES[scheme];
  const settings = parsed.data.decoding ?? EARLIER_DECODING;
  if (inner === 'plain' && settings.method === 'valid') throw refuse('plain tags have no rules to decode by');
  const decoding = decodingOf(settings, vocab.labels, inner);
  return { weights, vocab, features, decoding, meta: parsed.data };
}

/** The features, where their tables are those of the spec. */
function featuresOf(
  { spec, features }: Pick<TaggerMeta, 'spec' | 'features'>,
  vocab: Vocab,
  refuse: (what: string) => UserError,
): Features {
  const json = features ?? { word: { width: spec.tables[0]?.width }, shape: { width: spec.tables[1]?.width } };
  let made: Features;
  try {
    made = featuresFromJson(json, vocab);
  } catch (error) {
    throw refuse((error as Error).message);
  }
  const told = (tables: readonly Table[]): string => tables.map(({ name, rows }) => `${rows} ${name}`).join(' and ');
  if (!isDeepStrictEqual(made.columns.map(tableOf), spec.tables))
    throw refuse(`${told(spec.tables)}, the features have ${told(made.columns)}`);
  return made;
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

/** The shapes of a tagger: tables from the features, sizes from the config, labels from the vocabulary. */
export function taggerSpec(
  { hidden, layers, dropout, head }: ModelConfig,
  { vocab, features }: Pick<Corpora, 'vocab' | 'features'>,
): TaggerSpec {
  const tables = features.columns.map(tableOf);
  return { tables, labels: vocab.labels.length, hidden, layers, dropout, head };
}

const tableOf = ({ name, rows, width, filters, wordDropout, rate, pretrained }: Table): Table => ({
  ...{ name, rows, width, wordDropout, rate },
  ...(filters !== undefined && { filters }),
  ...(pretrained && { pretrained }),
});

/** Arrays of the size of the weights that training holds: weights, gradient, two moments, the best so far, those being saved. */
const COPIES = 6;

/** No array is longer on any engine. */
const LONGEST = 2 ** 31 - 1;

/**
 * @param memory bytes that there are in all
 * @throws UserError where a tagger of that size cannot be trained there
 */
export function checkSize(spec: TaggerSpec, memory = memoryHere()): void {
  const weights = weightCount(spec);
  const bytes = COPIES * Float32Array.BYTES_PER_ELEMENT * weights;
  const largest = Math.max(
    ...weightShapes({ ...spec, layers: Math.min(spec.layers, 2) }).map(({ shape }) => shape.reduce((a, b) => a * b, 1)),
  );
  if (bytes <= memory && largest <= LONGEST) return;
  const { hidden, layers, tables } = spec;
  const embeddings = tables.map(({ name, rows, width }) => `${rows} x ${width} of ${name}`).join(', ');
  const why =
    bytes > memory ? `this machine has ${gib(memory)}` : `one array would hold ${largest.toLocaleString('en')} numbers`;
  throw new UserError(
    `the tagger would have ${weights.toLocaleString('en')} weights, and training it takes ${gib(bytes)} of memory at least; ${why}`,
    `its size comes from model.hidden ${hidden}, model.layers ${layers} and the embeddings (${embeddings}): choose smaller ones`,
  );
}

const gib = (bytes: number): string => `${(bytes / 2 ** 30).toLocaleString('en', { maximumFractionDigits: 1 })} GiB`;
