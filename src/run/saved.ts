import * as z from 'zod';
import type { Checkpoint, Section } from '../checkpoint';
import { packedSections } from '../checkpoint/sections';
import { readingSchema } from '../config/reading';
import { SHAPES } from '../data/shapes';
import type { Tagging } from '../data/tagging';
import type { Sentence, Task } from '../data/types';
import { vocabFromJson, type Vocab } from '../data/vocab';
import { present, UserError } from '../errors';
import { type Carried, type Features, featuresFromJson, type Met, type Table } from '../features';
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
import { type TaggerSpec, type Weight, weightShapes } from '../model/spec';
import { createTagger, type Tagger } from '../model/tagger';
import { SCHEMES, type SchemeName } from '../schemes';
import { trainingSchema } from './training';

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
  /** What each feature says of the files that the checkpoint carries for it, by its name; absent where it carries none. */
  packed: z.record(z.string(), z.unknown()).optional(),
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
  /** The file of the loss that it was trained with, where that is not one of ours; nothing of it is needed any more. */
  lossFile: z.strictObject({ path: z.string(), sha256: z.string() }).optional(),
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
export const WEIGHTS = 'weights/';

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
export function describe(checkpoint: Checkpoint, source: string): Description {
  const { sections, meta } = checkpoint;
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
  const { packed = {} } = parsed.data;
  const carriedBy = (name: string): Carried | null => {
    const archive = packedSections(checkpoint, name);
    return archive && { about: packed[name], sections: archive, source };
  };
  const lost = Object.keys(packed).find((name) => !carriedBy(name));
  if (lost !== undefined) throw refuse(`packed.${lost}: its sections are missing`);
  const features = featuresOf(parsed.data, vocab, carriedBy, refuse);
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
  carriedBy: (name: string) => Carried | null,
  refuse: (what: string) => UserError,
): Features {
  const json = features ?? { word: { width: spec.tables[0]?.width }, shape: { width: spec.tables[1]?.width } };
  let made: Features;
  try {
    made = featuresFromJson(json, vocab, carriedBy);
  } catch (error) {
    throw refuse((error as Error).message);
  }
  const told = (tables: readonly Table[]): string => tables.map(({ name, rows }) => `${rows} ${name}`).join(' and ');
  if (textOf(made.columns) !== textOf(spec.tables))
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

export const tableOf = ({ name, rows, width, filters, wordDropout, rate, pretrained }: Table): Table => ({
  ...{ name, rows, width, wordDropout, rate },
  ...(filters !== undefined && { filters }),
  ...(pretrained && { pretrained: { from: pretrained.from, rate: pretrained.rate } }),
});

/** Equal for equal tables, whatever the order of their keys. */
const textOf = (tables: readonly Table[]): string => JSON.stringify(tables.map(tableOf));
