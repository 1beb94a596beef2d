import { isDeepStrictEqual } from 'node:util';
import { readCorpus, type ReadOptions } from '../data/corpus';
import { tagReaderOf } from '../data/tagging';
import type { Corpus } from '../data/types';
import { UserError } from '../errors';
import { readSealed } from '../files/json';
import { type Report, scoredAlike } from '../metrics/scores';
import type { EvaluateOptions } from './evaluation';

/**
 * The training file that seen and unseen are told apart by, its tags read as those that are scored.
 * @throws UserError as `readCorpus`
 */
export async function readTraining(
  train: string | undefined,
  like: NonNullable<ReadOptions['tagsLike']>,
  options: ReadOptions = {},
): Promise<EvaluateOptions['training']> {
  if (train === undefined) return undefined;
  const { path, sentences, inner, scheme } = await readCorpus(train, { ...options, tagsLike: like });
  if (inner !== tagReaderOf(like.tagging).inner) {
    throw new UserError(
      `${path}: its tags are ${scheme.name} (${scheme.why}), those of ${like.path} are ${like.tagging.scheme}`,
    );
  }
  return { tokens: sentences.map(({ tokens }) => tokens), tags: sentences.map(({ tags }) => tags) };
}

/** What is read of a `result.json`. */
type Result = { readonly data?: Splits<Pick<Corpus, 'columns'>> } & Splits<Report>;
type Splits<T> = Readonly<Partial<Record<'dev' | 'test', T | null>>>;

/**
 * The floor that a finished run has of a file: of dev or test, where the file, its columns and the scoring are the same.
 * @param path its `result.json`; one that is not there, or damaged, has none
 */
export async function savedFloor(
  path: string,
  signature: string,
  columns: Corpus['columns'],
): Promise<Report['floor']> {
  let result: Result;
  try {
    result = await readSealed(path, 'the result of a run');
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
  // It is what was written: its checksum says so.
  const split = (['dev', 'test'] as const).find(
    (name) =>
      scoredAlike(result[name]?.signature ?? '', signature) && isDeepStrictEqual(result.data?.[name]?.columns, columns),
  );
  return split && result[split]?.floor;
}
