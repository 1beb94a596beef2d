import { present } from '../errors';

/** What a letter of a scheme says about a token of a chunk. */
export type Role = 'begin' | 'inside' | 'end' | 'single';

/** Letter of a scheme to its role, such as `{ B: 'begin', I: 'inside' }`. */
export type Letters = Readonly<Record<string, Role>>;

/** A tag as a scheme reads it; `O` and whatever the scheme does not know is outside. */
export interface ChunkTag {
  readonly role: Role | 'outside';
  /** '' for a bare letter. */
  readonly type: string;
}

/** A tag that breaks the rules of its scheme, and how. */
export interface InvalidTag {
  /** Index in the sentence. */
  readonly index: number;
  /** Such as `I-PER after O`. */
  readonly what: string;
}

const OUTSIDE: ChunkTag = { role: 'outside', type: '' };

/** Letter and type, split at the first hyphen; undefined for `O`, for a longer start and for a hyphen without a type. */
export function splitChunkTag(tag: string): { letter: string; type: string } | undefined {
  if (tag.length === 1) return tag === 'O' ? undefined : { letter: tag, type: '' };
  return tag.length > 2 && tag[1] === '-' ? { letter: tag.charAt(0), type: tag.slice(2) } : undefined;
}

/** A reader of one scheme's tags that takes each distinct tag apart once. */
export function tagReader(letters: Letters): (tag: string) => ChunkTag {
  const known = new Map<string, ChunkTag>();
  return (tag) => {
    let read = known.get(tag);
    if (read === undefined) {
      const parts = splitChunkTag(tag);
      const role = parts && Object.hasOwn(letters, parts.letter) ? letters[parts.letter] : undefined;
      known.set(tag, (read = parts && role ? { role, type: parts.type } : OUTSIDE));
    }
    return read;
  };
}

/**
 * The chunks of a sentence by conlleval's rules: a chunk starts at a begin or single tag, and at any other tag that follows
 * no open chunk of its type. Calls back with the type, the first token and the token after the last.
 */
export function scanChunks(
  tags: readonly string[],
  read: (tag: string) => ChunkTag,
  found: (type: string, from: number, to: number) => void,
): void {
  let from = -1; // first token of the open chunk
  let type = '';
  for (let i = 0; i <= tags.length; i++) {
    const tag = i < tags.length ? read(tags[i] as string) : OUTSIDE;
    const continues = from >= 0 && (tag.role === 'inside' || tag.role === 'end') && tag.type === type;
    if (from >= 0 && !continues) {
      found(type, from, i);
      from = -1;
    }
    if (tag.role === 'outside') continue;
    if (from < 0) {
      from = i;
      type = tag.type;
    }
    if (tag.role === 'end' || tag.role === 'single') {
      found(type, from, i + 1);
      from = -1;
    }
  }
}

/** May `tag` follow `previous` (undefined at the start of a sentence)? */
type MayFollow = (previous: ChunkTag | undefined, tag: ChunkTag) => boolean;

const sameType = (previous: ChunkTag | undefined, tag: ChunkTag): boolean =>
  previous !== undefined && previous.role !== 'outside' && previous.type === tag.type;

const isOpen = (tag: ChunkTag | undefined): boolean => tag?.role === 'begin' || tag?.role === 'inside';

/** One set of rules a family of schemes: IO, IOB1, IOB2, and those that mark where a chunk ends. */
export const RULES = {
  io: () => true,
  iob1: (previous, tag) => tag.role !== 'begin' || sameType(previous, tag),
  iob2: (previous, tag) => tag.role !== 'inside' || sameType(previous, tag),
  closed: (previous, tag) =>
    (tag.role === 'inside' || tag.role === 'end') === isOpen(previous) &&
    (!isOpen(previous) || sameType(previous, tag)),
} as const satisfies Record<string, MayFollow>;

/** Every tag of a sentence that the rules forbid where it stands. @param written the same tags as the file has them */
export function invalidTags(
  tags: readonly string[],
  read: (tag: string) => ChunkTag,
  rules: keyof typeof RULES,
  written: readonly string[] = tags,
): InvalidTag[] {
  const invalid: InvalidTag[] = [];
  const writtenAt = (i: number): string => present(written[i], 'tag');
  let previous: ChunkTag | undefined;
  for (let i = 0; i < tags.length; i++) {
    const tag = read(tags[i] as string);
    if (!RULES[rules](previous, tag)) {
      const where = i === 0 ? 'at the start of a sentence' : `after ${writtenAt(i - 1)}`;
      invalid.push({ index: i, what: `${writtenAt(i)} ${where}` });
    }
    previous = tag;
  }
  if (rules === 'closed' && isOpen(previous)) {
    invalid.push({ index: tags.length - 1, what: `${writtenAt(tags.length - 1)} at the end of a sentence` });
  }
  return invalid;
}
