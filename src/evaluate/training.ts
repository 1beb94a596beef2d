import { readCorpus, type ReadOptions } from '../data/corpus';
import { tagReaderOf } from '../data/tagging';
import { UserError } from '../errors';
import type { EvaluateOptions } from './evaluation';

/**
 * The training file that seen and unseen are told apart by, its tags read as those that are scored.
 * @throws UserError as `readCorpus`
 */
export async function readTraining(
  train: string | undefined,
  like: NonNullable<ReadOptions['tagsLike']>,
): Promise<EvaluateOptions['training']> {
  if (train === undefined) return undefined;
  const { path, sentences, inner, scheme } = await readCorpus(train, { tagsLike: like });
  if (inner !== tagReaderOf(like.tagging).inner) {
    throw new UserError(
      `${path}: its tags are ${scheme.name} (${scheme.why}), those of ${like.path} are ${like.tagging.scheme}`,
    );
  }
  return { tokens: sentences.map(({ tokens }) => tokens), tags: sentences.map(({ tags }) => tags) };
}
