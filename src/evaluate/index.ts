import { dirname, join } from 'node:path';
import { type Evaluation, type EvaluateOptions, evaluateTags } from './evaluation';
import { readTraining, savedFloor } from './training';
import { readCorpus, type ReadOptions } from '../data/corpus';
import { encode } from '../data/encode';
import { taggingText, tagReaderOf } from '../data/tagging';
import type { Corpus, Sentence } from '../data/types';
import { UserError } from '../errors';
import { decodeText } from '../heads';
import { type Calibration, entityCalibration, tagCalibration } from '../metrics/calibration';
import { checkpointOf } from '../run/folder';
import { readOptions } from '../run/corpora';
import { decodingOfRun, type ToldDecoding } from '../run/decoding';
import { createOwner } from '../run/disposal';
import { explained, readingFor, type Told } from '../run/reading';
import { lendRows, type SavedTagger, type TaggerMeta, taggingOf } from '../run/saved';
import { openTagger } from '../run/tagger';
import { splitWarnings } from '../run/warnings';
import { predictAnswers } from '../train/predict';
import { placed, type Warning } from '../warnings';

export interface RunEvaluation extends Evaluation {
  readonly sentences: readonly Sentence[];
  /** What the reader found odd, as `path:line: what`. */
  readonly warnings: readonly Warning[];
  readonly columns: Corpus['columns'];
  /** How far to believe the probabilities of the tagger: of its tags, and of its entities as a whole, null for plain tags. */
  readonly calibration: { readonly tags: Calibration; readonly entities: Calibration | null };
  /** The training file, where there is no floor without it. */
  readonly trainedOn?: string;
}

export interface RunEvaluateOptions extends Omit<EvaluateOptions, 'training'> {
  /** A name of ENGINES; `auto` by default. */
  readonly engine?: string;
  /** How the file is read, where it is not to be as the training file was. */
  readonly reading?: Told;
  /** How tags are chosen, where it is not to be as the run has it. */
  readonly decoding?: ToldDecoding;
  /** A file that seen and unseen are told apart by, and the floor is made of. */
  readonly train?: string | undefined;
}

/**
 * Scores the tagger of a run on a file with gold tags: F1 by class with bootstrap intervals, by every convention, errors by kind.
 * Scores and their bounds are shares from 0 to 1.
 * @param run  run folder or checkpoint file
 * @param file CoNLL file, read as the training file was; gzip is unpacked
 * @throws UserError where there is no tagger, the file has bad rows or other tags, or the engine does not open
 * @example
 * ```ts
 * import { evaluate } from 'dsc-train';
 *
 * const { report, errors } = await evaluate('runs/example', 'test.conll', { resamples: 200 });
 * for (const { name, f1, support } of report.entities?.classes ?? []) console.log(name, f1.toFixed(3), `of ${support}`);
 * console.log(report.signature, errors?.wrong.length);
 * ```
 */
export async function evaluate(run: string, file: string, options: RunEvaluateOptions = {}): Promise<RunEvaluation> {
  const { engine = 'auto', reading = {}, ...rest } = options;
  const path = await checkpointOf(run);
  const owner = createOwner();
  try {
    const saved = await openTagger(path, owner, engine);
    const evaluation = await evaluateTagger(saved, run, file, reading, rest);
    return evaluation.report.floor ? evaluation : await withFloor(evaluation, path, saved.meta.trainedOn.path);
  } finally {
    owner.dispose();
  }
}

/** Tags are read as those of the training file where they can be, unless it is told how they are to be read. */
function tagOptions(meta: TaggerMeta, { scheme, spelling, outside }: Told): ReadOptions {
  const isTold = [scheme, spelling, outside].some((value) => value !== undefined && value !== null && value !== 'auto');
  const own = { scheme: scheme ?? 'auto', spelling: spelling ?? 'auto', outside: outside ?? null } as const;
  return isTold ? own : { ...own, tagsLike: { path: meta.trainedOn.path, tagging: taggingOf(meta) } };
}

async function evaluateTagger(
  saved: SavedTagger,
  run: string,
  file: string,
  told: Told,
  { train, decoding: toldDecoding = {}, ...options }: Omit<RunEvaluateOptions, 'engine' | 'reading'>,
): Promise<RunEvaluation> {
  const { tagger, vocab, features, meta } = saved;
  const decoding = decodingOfRun(saved, toldDecoding);
  const how = readingFor(meta, told);
  const tagging = taggingOf(meta);
  const corpus = await explained(how, () =>
    readCorpus(file, { ...readOptions(how.reading), ...tagOptions(meta, told) }),
  );
  const { inner } = tagReaderOf(tagging);
  if (corpus.inner !== inner) {
    throw new UserError(
      `${corpus.path}: its tags are ${taggingText(corpus.tagging)} (${corpus.scheme.why}), the tagger of ${run} gives ${taggingText(tagging)}`,
      'name the tag column with --tag-column and the scheme with --scheme',
    );
  }
  const met = await features.reopen();
  await lendRows(tagger, met, corpus.sentences).finally(met.close);
  const encoded = encode(corpus, vocab, features.columns);
  const answers = predictAnswers(tagger, encoded, vocab.labels, decoding, inner !== 'plain');
  const { sentences } = corpus;
  const gold = sentences.map(({ tags }) => tags);
  const evaluation = evaluateTags(
    {
      tokens: sentences.map(({ tokens }) => tokens),
      gold,
      predicted: answers.tags,
      scheme: inner,
      tagText: tagReaderOf(corpus.tagging).labelText,
      dataHash: corpus.sha256.slice(0, 12),
      decode: decodeText(decoding),
    },
    { ...options, training: await readTraining(train, { path: corpus.path, tagging }, trainingOptions(meta)) },
  );
  const notices = how.notice ? [placed(corpus.path, how.notice)] : [];
  const { columns } = corpus;
  return {
    ...evaluation,
    calibration: {
      tags: tagCalibration(answers.ids, answers.probabilities, encoded.labels),
      entities: answers.entities && entityCalibration(answers.entities, gold),
    },
    columns,
    sentences,
    warnings: [...notices, ...met.warnings, ...splitWarnings({ name: corpus.path, corpus, encoded })],
  };
}

/** The training file's rows are read as they were in training. */
const trainingOptions = ({ reading }: TaggerMeta): ReadOptions =>
  reading ? readOptions({ ...reading, scheme: 'auto', spelling: 'auto', outside: null }) : {};

/** With the floor that the run has of this file, or else the name of the training file, which would give one. */
async function withFloor(evaluation: RunEvaluation, checkpoint: string, trainedOn: string): Promise<RunEvaluation> {
  const { report, columns } = evaluation;
  const floor = await savedFloor(join(dirname(checkpoint), 'result.json'), report.signature, columns);
  return floor ? { ...evaluation, report: { ...report, floor } } : { ...evaluation, trainedOn };
}
