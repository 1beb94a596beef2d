import { basename } from 'node:path';
import { decodeCheckpoint, encodeCheckpoint, readCheckpoint, type Section, streamCheckpoint } from '../checkpoint';
import { PACKED } from '../checkpoint/sections';
import type { ModelConfig } from '../config';
import { type EngineOptions, type OpenEngine, openEngine } from '../engine';
import { mistaken, UserError } from '../errors';
import type { DecodeSettings } from '../heads';
import type { OwnLoss } from '../losses';
import { memory as memoryHere } from '../machine';
import { type TaggerSpec, type Weight, weightCount, weightShapes } from '../model/spec';
import type { Tagger } from '../model/tagger';
import { VERSION } from '../package';
import type { Corpora } from './corpora';
import type { Owner } from './disposal';
import { type SavedTagger, tableOf, type TaggerMeta, taggerOf, WEIGHTS } from './saved';
import { encodeTraining, type Training } from './training';

/** What a tagger learned from: the corpora, and the file of the loss where that is not one of ours. */
export type Learned = Corpora & { readonly lossFile?: OwnLoss | null };

/**
 * A checkpoint file in pieces.
 * @param decoding how it chooses tags
 * @param training what goes on from here, where something does
 * @param weights of the tagger, as they are now where no others are given
 */
export function saveTagger(
  tagger: Tagger,
  learned: Learned,
  decoding: DecodeSettings,
  training: Training | null = null,
  weights: readonly Weight[] = tagger.weights(),
): Uint8Array[] {
  const { sections, meta } = contentOf(tagger, learned, decoding, training, weights);
  return encodeCheckpoint(sections, meta);
}

/**
 * The same of a tagger whose training is over, with all that its features pack: it needs no file of theirs.
 * @throws UserError, once it is read, where a file is another by now
 */
export function saveWhole(
  tagger: Tagger,
  learned: Learned,
  decoding: DecodeSettings,
  weights: readonly Weight[],
): Uint8Array[] | AsyncIterable<Uint8Array> {
  const { packed } = learned.features;
  if (packed.size === 0) return saveTagger(tagger, learned, decoding, null, weights);
  const { sections, meta } = contentOf(tagger, learned, decoding, null, weights);
  const more = [...packed].flatMap(([feature, { sections: own }]) =>
    own.map((section) => ({ ...section, name: `${PACKED}${feature}/${section.name}` })),
  );
  const about = Object.fromEntries(Array.from(packed, ([feature, of]) => [feature, of.about]));
  return streamCheckpoint([...sections, ...more], { ...meta, packed: about } satisfies TaggerMeta);
}

function contentOf(
  tagger: Tagger,
  { vocab, features, train, reading, lossFile }: Learned,
  { method, outsideBias }: DecodeSettings,
  training: Training | null,
  weights: readonly Weight[],
): { readonly sections: Section[]; readonly meta: TaggerMeta } {
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
    ...(lossFile && { lossFile: { path: basename(lossFile.path), sha256: lossFile.sha256 } }),
    ...(encoded && { training: encoded.meta }),
  };
  const sections = weights.map(({ name, shape, values }): Section => ({
    name: WEIGHTS + name,
    dtype: 'f32',
    shape,
    values,
  }));
  return { sections: [...sections, ...(encoded?.sections ?? [])], meta };
}

/** A tagger with the engine that it computes on. */
export interface OpenedTagger extends SavedTagger {
  readonly engine: OpenEngine;
}

/**
 * Opens an engine, and on it the tagger of a checkpoint, both for an owner.
 * @param source the path of the file, or its bytes
 * @throws UserError where the engine does not open, or the checkpoint is none of this program, or a damaged one
 */
export async function openTagger(
  source: string | Uint8Array,
  { own }: Owner,
  engine: string,
  options: EngineOptions = {},
): Promise<OpenedTagger> {
  const isPath = typeof source === 'string';
  if (!isPath && !ArrayBuffer.isView(source))
    throw mistaken('tagger', source, 'a run folder, a checkpoint file, or its bytes (Uint8Array)');
  const opened = own(await openEngine(engine, options));
  const checkpoint = isPath ? await readCheckpoint(source) : await decodeCheckpoint([source], source.length, BYTES);
  opened.activate();
  const saved = taggerOf(checkpoint, isPath ? source : BYTES);
  own(saved.tagger);
  return { ...saved, engine: opened };
}

/** What a checkpoint that is no file is called in messages. */
const BYTES = 'checkpoint';

/** The shapes of a tagger: tables from the features, sizes from the config, labels from the vocabulary. */
export function taggerSpec(
  { hidden, layers, dropout, head }: ModelConfig,
  { vocab, features }: Pick<Corpora, 'vocab' | 'features'>,
): TaggerSpec {
  const tables = features.columns.map(tableOf);
  return { tables, labels: vocab.labels.length, hidden, layers, dropout, head };
}

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
