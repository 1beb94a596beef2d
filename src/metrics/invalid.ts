import { present } from '../errors';
import { chunkGrammar, findOffences, type InvalidKind } from '../schemes';

/** One offence. Numbers are 0-based; `token` is the offending tag's, or that of the chunk's last tag where it is unclosed. */
export interface InvalidTag {
  readonly kind: InvalidKind;
  readonly sentence: number;
  readonly token: number;
  readonly tag: string;
}

/** Every tag that the scheme does not allow where it stands. None for plain tags. */
export function invalidTags(sequences: readonly (readonly string[])[], scheme: string): InvalidTag[] {
  const grammar = chunkGrammar(scheme);
  if (!grammar) return [];
  const found: InvalidTag[] = [];
  sequences.forEach((tags, sentence) => {
    findOffences(tags, grammar, (kind, token) => {
      found.push({ kind, sentence, token, tag: present(tags[token], 'tag') });
    });
  });
  return found;
}

/** How many there are of each kind, kinds that do not occur left out. */
export function countInvalid(found: readonly InvalidTag[]): Partial<Record<InvalidKind, number>> {
  const counts: Partial<Record<InvalidKind, number>> = {};
  for (const { kind } of found) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}
