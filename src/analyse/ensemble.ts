import { join } from 'node:path';
import { encodeCheckpoint, readCheckpoint } from '../checkpoint';
import type { Config } from '../config';
import type { Task } from '../data/types';
import { UserError } from '../errors';
import { exists, remove, writeAtomic } from '../files';
import { decodePacked, type DecodeSettings, decodingOf } from '../heads';
import { type CorporaReader, readCorpora } from '../run/corpora';
import { createOwner } from '../run/disposal';
import { PROBABILITIES } from '../run/folder';
import { openTagger } from '../run/tagger';
import type { Inner } from '../schemes';
import { predictProbabilities, tagsOf } from '../train/predict';
import { countRight, type PlainCounts } from './counts';

/** What a tagger says of the split that is scored: all that an average of taggers needs of it. */
export interface Voice {
  /** By id. (C) */
  readonly labels: readonly string[];
  readonly decoding: DecodeSettings;
  /** (N, C), row-major */
  readonly probabilities: Float32Array;
}

/** A run by its folder, and what ties a file beside the result to it. */
export interface VoiceOf {
  readonly folder: string;
  readonly started: string;
  readonly split: 'test' | 'dev';
}

/** What the file says beside the numbers. */
type VoiceMeta = Omit<Voice, 'probabilities'> & Omit<VoiceOf, 'folder'>;

const SECTION = 'probabilities';

/**
 * Leaves what a tagger says beside its run, so that nobody has to ask the tagger again: where that is no more than its weights, which
 * are beside it, too.
 * @param weights numbers of the tagger
 */
export async function leaveVoice(of: VoiceOf, { probabilities, ...voice }: Voice, weights: number): Promise<void> {
  if (probabilities.length > weights) return;
  const { folder, started, split } = of;
  const C = voice.labels.length;
  const section = { name: SECTION, dtype: 'f32', shape: [probabilities.length / C, C], values: probabilities } as const;
  const meta: VoiceMeta = { ...voice, started, split };
  await writeAtomic(join(folder, PROBABILITIES), encodeCheckpoint([section], meta));
}

/** Removes what a tagger has left, where its checkpoint can tell it again. */
export async function dropVoice({ folder }: Pick<VoiceOf, 'folder'>): Promise<void> {
  if (await exists(join(folder, 'best.ckpt'))) await remove(join(folder, PROBABILITIES));
}

/** Null where nothing was left, or it is damaged, or of another run or file. @param tokens of the split */
async function voiceLeft({ folder, started, split }: VoiceOf, tokens: number): Promise<Voice | null> {
  const path = join(folder, PROBABILITIES);
  if (!(await exists(path))) return null;
  try {
    const { sections, meta } = await readCheckpoint(path);
    const { labels, decoding, ...of } = meta as VoiceMeta;
    const section = sections.find(({ name }) => name === SECTION);
    if (section?.dtype !== 'f32' || section.shape.join() !== `${tokens},${labels.length}`) return null;
    if (of.started !== started || of.split !== split) return null;
    return { labels, decoding, probabilities: section.values };
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}

/** What the tagger of the best checkpoint says; null where that is gone. */
async function voiceOf(
  { folder, split }: VoiceOf,
  { data, model, engine: { name, threads } }: Config,
  read: CorporaReader,
): Promise<Voice | null> {
  const path = join(folder, 'best.ckpt');
  if (!(await exists(path))) return null;
  const corpora = await read(data, model);
  const { encoded } = (split === 'test' ? corpora.test : null) ?? corpora.dev;
  const owner = createOwner();
  try {
    const { tagger, vocab, decoding } = await openTagger(path, owner, name, threads === null ? {} : { threads });
    if (vocab.labels.join('\n') !== corpora.vocab.labels.join('\n'))
      throw new UserError(`${folder}: its labels are not those of ${data.train}`, AGAIN);
    return { labels: vocab.labels, decoding, probabilities: predictProbabilities(tagger, encoded) };
  } finally {
    owner.dispose();
  }
}

const AGAIN = 'remove this run folder and compare again';

/** The sentences that an ensemble is scored on: labels as they are inside, sentence by sentence. */
export interface GoldLabels {
  readonly gold: readonly (readonly string[])[];
  readonly inner: Inner;
  readonly task: Task;
}

/**
 * What several taggers of one config, trained with different seeds, get right together: the mean of their probabilities is decoded as
 * one tagger's. Where they fit a bias of the outside label, the mean of their biases is added. What each says is taken from beside its
 * run, or from its checkpoint: that is the same to the bit on the same engine. One of them at a time is in memory.
 * @param runs at least one
 * @param read gives the corpora of the config: `corporaReader` where several losses are scored on the same
 * @returns counts on the split, sentence by sentence; null where nothing tells any more what one of them says
 * @throws UserError where the taggers do not have the same labels
 */
export async function scoreEnsemble(
  config: Config,
  runs: readonly VoiceOf[],
  { gold, inner, task }: GoldLabels,
  read: CorporaReader = readCorpora,
): Promise<PlainCounts | null> {
  const offsets = new Int32Array(gold.length + 1); // (S + 1)
  gold.forEach(({ length }, s) => (offsets[s + 1] = (offsets[s] as number) + length));
  const N = offsets[gold.length] as number;
  let labels: readonly string[] = [];
  let sum = new Float32Array(0); // (N, C)
  const settings: DecodeSettings[] = [];
  for (const of of runs) {
    const voice = (await voiceLeft(of, N)) ?? (await voiceOf(of, config, read));
    if (!voice) return null;
    if (settings.length === 0) {
      ({ labels } = voice);
      sum = new Float32Array(N * labels.length); // (N, C)
    }
    const { probabilities } = voice;
    if (voice.labels.join('\n') !== labels.join('\n') || probabilities.length !== sum.length)
      throw new UserError(`${of.folder}: its labels are not those of ${config.data.train}`, AGAIN);
    settings.push(voice.decoding);
    for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (probabilities[i] as number) / runs.length;
  }
  const C = labels.length;
  const outsideBias = settings.reduce((all, one) => all + one.outsideBias, 0) / settings.length;
  const decoding = decodingOf({ method: settings[0]?.method ?? 'argmax', outsideBias }, labels, inner);
  const emissions = sum.map((p) => Math.log(Math.max(p, 1e-30))); // (N, C)
  const ids = new Int32Array(N); // (N)
  for (let s = 0; s < gold.length; s++) {
    const [from, to] = [offsets[s] as number, offsets[s + 1] as number];
    ids.set(decodePacked(emissions.subarray(from * C, to * C), C, new Int32Array(to - from).fill(1), decoding), from);
  }
  return countRight({ gold, task }, tagsOf({ ids, offsets }, labels, decoding));
}
