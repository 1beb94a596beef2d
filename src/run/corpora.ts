import { join } from 'node:path';
import { BUNDLED, type Config, type ModelConfig, settingOf } from '../config';
import { readingSchema, type Reading } from '../config/reading';
import { readCorpus, type ReadOptions, warnedOfNoEntity } from '../data/corpus';
import { encode, type Encoded } from '../data/encode';
import { classIds, drawsByClass, SAMPLINGS, type SamplingName } from '../data/sampling';
import { hasOutside, tagReaderOf } from '../data/tagging';
import type { Corpus } from '../data/types';
import { buildVocab, type Vocab } from '../data/vocab';
import { present, UserError } from '../errors';
import { buildFeatures, type Features, type FeatureSettings, SETTINGS } from '../features';
import { stateOf } from '../files';
import { whole } from '../wording';
import type { LossContext } from '../losses';
import { chunksOf } from '../schemes';
import type { CorpusSummary } from './result';

/** One split: what was read, and its arrays. `name` is its path as the config gives it. */
export interface Split {
  readonly name: string;
  readonly corpus: Corpus;
  readonly encoded: Encoded;
}

export interface Corpora {
  readonly train: Split;
  readonly dev: Split;
  readonly test: Split | null;
  /** Words and labels of `train`, and of nothing else. */
  readonly vocab: Vocab;
  /** What the tagger sees of a token, by values of `train` and of the files that `model` names. */
  readonly features: Features;
  /** How `train` was read, with every choice that was made: other files of its kind are read alike. */
  readonly reading: Reading;
}

/** What a config says of the corpora: all that they depend on, beside the files themselves. */
export type CorporaReader = (data: Config['data'], model: ReadModel) => Promise<Corpora>;

type ReadModel = FeatureSettings & Pick<ModelConfig, 'minCount'>;

/**
 * Reads the files that a config names. Dev and test are read in the format and columns that were found in train, where they have
 * as many columns.
 * @throws UserError with every problem of a file, or when the splits do not hold the same kind of tags
 */
export const readCorpora: CorporaReader = async (data, model) => encodeTexts(await readTexts(data), model);

/** How many kinds of features are kept of the same files: few runs that stand side by side have more. */
const KEPT = 4;

/**
 * The same, and keeps what it read: files that are as they were, and are to be read alike, are not read again, and what features make
 * of them is made once. Runs only look at what they share.
 */
export function corporaReader(): CorporaReader {
  let texts: Kept<Texts> | null = null;
  let made: Kept<Corpora>[] = []; // of these texts, the last one asked for first
  return async (data, model) => {
    const files = [data.train, data.dev, data.test].flatMap((name) => (name === null ? [] : [corpusPath(name)]));
    const key = JSON.stringify(data);
    if (!(texts && (await isCurrent(texts, key)))) {
      const states = await statesOf(files); // before they are read: a change meanwhile is seen the next time
      [texts, made] = [{ key, states, value: await readTexts(data) }, []];
    }
    const settings = featureSettings(model);
    const own = JSON.stringify(settings);
    let found = made.find((one) => one.key === own) ?? null;
    made = made.filter((one) => one !== found);
    if (!(found && (await isCurrent(found, own)))) {
      const corpora = await encodeTexts(texts.value, settings);
      found = { key: own, states: await statesOf(corpora.features.files.map(({ path }) => path)), value: corpora };
    }
    made = [found, ...made].slice(0, KEPT);
    return found.value;
  };
}

interface Kept<T> {
  readonly key: string;
  /** Of the files that it was read from. */
  readonly states: FileStates;
  readonly value: T;
}

type FileStates = ReadonlyMap<string, Awaited<ReturnType<typeof stateOf>>>;

async function statesOf(paths: readonly string[]): Promise<FileStates> {
  const states = await Promise.all(paths.map(async (path) => [path, await stateOf(path)] as const));
  return new Map(states);
}

async function isCurrent({ key, states }: Kept<unknown>, wanted: string): Promise<boolean> {
  if (key !== wanted) return false;
  const now = await statesOf([...states.keys()]);
  return [...states].every(([path, { size, changed }]) => {
    const here = now.get(path);
    return here?.size === size && here.changed === changed;
  });
}

/** Of a model what its vocabulary and its features are made by, and nothing else. */
function featureSettings(model: ReadModel): ReadModel {
  const { minCount } = model;
  const own = Object.keys(SETTINGS).map((key) => [key, model[key as keyof FeatureSettings]]);
  return { ...(Object.fromEntries(own) as FeatureSettings), minCount };
}

/** The files of a config, read and checked. */
interface Texts {
  readonly data: Config['data'];
  readonly train: Corpus;
  readonly dev: Corpus;
  readonly test: Corpus | null;
}

async function readTexts(data: Config['data']): Promise<Texts> {
  const train = await readCorpus(corpusPath(data.train), readOptions(data));
  checkTrain(train, data);
  const tagsLike = { path: data.train, tagging: train.tagging };
  const readLike = async (name: string): Promise<Corpus> => {
    const options = readOptions(data);
    const corpus = await readCorpus(corpusPath(name), { ...options, like: train, tagsLike });
    return { ...corpus, warnings: warnedOfNoEntity(corpus, NOTHING_TO_FIND, options) };
  };
  const dev = await readLike(data.dev);
  return { data, train, dev, test: data.test === null ? null : await readLike(data.test) };
}

async function encodeTexts({ data, train, dev, test }: Texts, model: ReadModel): Promise<Corpora> {
  const vocab = buildVocab(train, model);
  const features = await buildFeatures({ train, dev, ...(test && { test }) }, vocab, model);
  const split = (name: string, corpus: Corpus): Split => ({
    name,
    corpus,
    encoded: encode(corpus, vocab, features.columns),
  });
  return {
    train: split(data.train, train),
    dev: split(data.dev, dev),
    test: test && split(String(data.test), test),
    vocab,
    features,
    reading: resolved(data, train),
  };
}

/** @throws UserError where a training file cannot be learned from, or looks as if another column held its tags */
export function checkTrain(train: Corpus, data: Config['data']): void {
  if (train.labels.length < 2) refuseSingle(train);
  if (data.tagColumn === null) checkTagCount(train, data.train);
}

/** More tags than this, and more than every tenth token another one: no tag set is like that, but lemmas and features are. */
const MANY_TAGS = 1000;
const TAGS_PER_TOKEN = 0.1;

/** @throws UserError where the column that was taken for the tags looks like another one; a named column is never doubted */
function checkTagCount({ labels, tokens, columns }: Corpus, name: string): void {
  if (labels.length <= MANY_TAGS || labels.length <= TAGS_PER_TOKEN * tokens) return;
  const some = labels.slice(0, 5).map(({ label }) => label);
  throw new UserError(
    `${name}: column ${columns.tag} holds ${whole(labels.length)} different tags in ${whole(tokens)} tokens (${some.join(', ')}, \u2026): is it the tag column?`,
    `name the tag column with ${settingOf('data.tagColumn')}; where it is this one, name it all the same`,
  );
}

/** @throws UserError always: one label cannot be learned from, and mostly stands in a wrong column */
function refuseSingle({ path, sentences, written, columns }: Corpus): never {
  const { label } = present(written[0], 'tag');
  throw new UserError(
    `${path}:${String(present(sentences[0], 'sentence').line)}: every tag is ${label}: there is nothing to learn`,
    `tags were read from column ${String(columns.tag)} of ${String(columns.count)}: is this the right one? another is named with ${settingOf('data.tagColumn')}`,
  );
}

const NOTHING_TO_FIND = 'F1 is 0 here, whatever the tagger does';

/** What the config says of reading, and what was found out where it says nothing. */
export function resolved(
  data: Omit<Config['data'], 'train' | 'dev' | 'test'>,
  { format, columns, tagging }: Corpus,
): Reading {
  const named = (column: number): number | string => columns.names?.[column - 1] ?? column;
  return readingSchema.strip().parse({
    ...data,
    format: format.name,
    tokenColumn: data.tokenColumn ?? named(columns.token),
    tagColumn: data.tagColumn ?? named(columns.tag),
    scheme: tagging.scheme,
    spelling: tagging.spelling,
    outside: hasOutside(tagging.scheme) ? tagging.outside : null,
  });
}

/** A reading as the reader takes it. */
export function readOptions({
  format,
  tokenColumn,
  tagColumn,
  comment,
  scheme,
  spelling,
  outside,
}: Reading): ReadOptions {
  return {
    format,
    scheme,
    spelling,
    outside,
    comment,
    ...(tokenColumn === null ? {} : { tokenColumn }),
    ...(tagColumn === null ? {} : { tagColumn }),
  };
}

/** What a loss may know of the training data. */
export const lossContext = ({ vocab, train }: Corpora): LossContext => contextOf(train.corpus, vocab);

/** The same, of a training file and the vocabulary made of it. */
export function contextOf({ task, tagging, written }: Corpus, vocab: Vocab): LossContext {
  const outside = task === 'chunks' ? vocab.labelId('O') : -1;
  const { labelText } = tagReaderOf(tagging);
  return {
    labels: vocab.labels.map(labelText),
    counts: [...vocab.labelCounts],
    outside,
    written: written.map(({ label, labels }) => ({
      label,
      labels: labels.map((inner) => ({ ...inner, label: labelText(inner.label) })),
    })),
  };
}

/** How often an epoch draws each sentence, null where it has each once; and what that comes to by class. */
export function samplingOf(
  name: SamplingName,
  { train: { corpus, encoded }, vocab }: Pick<Corpora, 'train' | 'vocab'>,
): { readonly weights: Float64Array | null; readonly draws: ReturnType<typeof drawsByClass> | null } {
  const kinds = classIds(vocab.labels, corpus.task);
  const weights = SAMPLINGS[name].weights(encoded, kinds.ids);
  return { weights, draws: weights && drawsByClass(weights, encoded, kinds) };
}

export function summarise({ name, corpus, encoded }: Split): CorpusSummary {
  const { labelText } = tagReaderOf(corpus.tagging);
  const table = (labels: readonly { label: string; count: number }[]): Record<string, number> =>
    Object.fromEntries(labels.map(({ label, count }) => [labelText(label), count]));
  return {
    path: name,
    sha256: corpus.sha256,
    format: corpus.format.name,
    columns: corpus.columns,
    scheme: corpus.scheme.name,
    tagging: corpus.tagging,
    sentences: corpus.sentences.length,
    tokens: corpus.tokens,
    lines: corpus.lines,
    labels: table(corpus.labels),
    classes: classCounts(corpus),
    invalidTags: corpus.invalid,
    unknownLabels: table(encoded.unknownLabels),
    unknownWords: encoded.unknownWords,
  };
}

/** Entities of each type, tokens of each plain tag. */
function classCounts({ task, sentences }: Corpus): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { tags } of sentences) {
    const classes = task === 'chunks' ? chunksOf(tags).map(({ type }) => type) : tags;
    for (const name of classes) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return Object.fromEntries(counts);
}

/** The file that a path of a config stands for. */
export function corpusPath(name: string): string {
  return name.startsWith(BUNDLED) ? join(__dirname, '../../data', name.slice(BUNDLED.length)) : name;
}
