import { present } from '../errors';
import { splitTag, type TagParts } from './chunks';
import { chunkScheme, GRAMMARS, type ChunkScheme } from './strict';

/** The ways in which a tag cannot follow the one before it, and what each means. */
export const INVALID_KINDS = {
  'unknown-tag': 'the tag is none of the scheme',
  'inside-without-begin': 'inside tag where no chunk is open',
  'inside-of-other-type': 'inside tag of another type than the open chunk',
  'end-without-begin': 'end tag where no chunk is open',
  'end-of-other-type': 'end tag of another type than the open chunk',
  unclosed: 'chunk without its end tag',
  'begin-not-adjacent': 'B tag in IOB1 that does not follow a chunk of its type',
} as const;

export type InvalidKind = keyof typeof INVALID_KINDS;

/** One offence. Numbers are 0-based; `token` is the offending tag's, or that of the chunk's last tag where it is unclosed. */
export interface InvalidTag {
  readonly kind: InvalidKind;
  readonly sentence: number;
  readonly token: number;
  readonly tag: string;
}

/** Every tag that the scheme does not allow where it stands. None for plain tags. */
export function invalidTags(sequences: readonly (readonly string[])[], schemeName: string): InvalidTag[] {
  const scheme = chunkScheme(schemeName);
  if (!scheme) return [];
  const found: InvalidTag[] = [];
  sequences.forEach((tags, sentence) => {
    let previous: TagParts = { letter: 'O', type: '' };
    for (let token = 0; token <= tags.length; token++) {
      const current = token < tags.length ? splitTag(tags[token] as string) : { letter: 'O', type: '' };
      if (isUnclosed(previous, current, scheme)) {
        found.push({ kind: 'unclosed', sentence, token: token - 1, tag: present(tags[token - 1], 'tag') });
      }
      const kind = token < tags.length ? offence(previous, current, scheme) : null;
      if (kind) found.push({ kind, sentence, token, tag: present(tags[token], 'tag') });
      previous = kind === 'unknown-tag' ? { letter: 'O', type: '' } : current;
    }
  });
  return found;
}

/** How many there are of each kind, kinds that do not occur left out. */
export function countInvalid(found: readonly InvalidTag[]): Partial<Record<InvalidKind, number>> {
  const counts: Partial<Record<InvalidKind, number>> = {};
  for (const { kind } of found) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

function offence(previous: TagParts, current: TagParts, scheme: ChunkScheme): InvalidKind | null {
  const { letter, type } = current;
  if (!isTagOf(current, scheme)) return 'unknown-tag';
  if (letter === 'O' || scheme === 'IO') return null;
  if (scheme === 'IOB1') {
    const adjacent = previous.letter !== 'O' && previous.type === type;
    return letter === 'B' && !adjacent ? 'begin-not-adjacent' : null;
  }
  const role = letter === 'I' || letter === 'M' ? 'inside' : letter === 'E' || letter === 'L' ? 'end' : null;
  if (!role) return null;
  if (!'BIM'.includes(previous.letter)) return `${role}-without-begin`;
  return previous.type === type ? null : `${role}-of-other-type`;
}

/** In schemes with an end tag: `previous` needed one, and neither it nor an inside tag follows. A wrong type is told at its tag. */
function isUnclosed(previous: TagParts, current: TagParts, scheme: ChunkScheme): boolean {
  if (scheme.startsWith('IO') || !'BIM'.includes(previous.letter)) return false;
  return !isTagOf(current, scheme) || !'IMEL'.includes(current.letter);
}

/** `O`, or one of the scheme's letters, with a type or bare. */
function isTagOf({ letter, type }: TagParts, scheme: ChunkScheme): boolean {
  if (letter === 'O') return type === '';
  return letter.length === 1 && GRAMMARS[scheme].letters.includes(letter);
}
