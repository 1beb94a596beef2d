import { OUTSIDE, type Role, splitTag, type Tag } from './chunks';

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

/** What the tags of a family of schemes may do. `before` is outside at the start of a sentence. */
interface Rules {
  /** May a chunk start at `now`, seen after `before`? */
  readonly starts: (before: Tag, now: Tag) => boolean;
  /** Does `now` carry on the chunk that holds `before`? Only asked for one type. */
  readonly continues: (before: Role, now: Role) => boolean;
  /** Is the chunk complete that ends with `before`, where `now` does not carry it on? */
  readonly complete: (before: Tag, now: Tag) => boolean;
  /** Why `now` may not follow `before`; null where it may. */
  readonly offence: (before: Tag, now: Tag) => InvalidKind | null;
  /** A chunk that is open must be carried on. */
  readonly closed: boolean;
}

const always = (): boolean => true;
const sameType = (before: Tag, now: Tag): boolean => before.role !== 'outside' && before.type === now.type;
const isOpen = (role: Role): boolean => role === 'begin' || role === 'inside';
const carriesOn = (role: Role): boolean => role === 'inside' || role === 'end';

/** An inside or end tag stands in an open chunk of its type. */
function notInChunk(before: Tag, now: Tag): InvalidKind | null {
  if (now.role !== 'inside' && now.role !== 'end') return null;
  if (!isOpen(before.role)) return `${now.role}-without-begin`;
  return before.type === now.type ? null : `${now.role}-of-other-type`;
}

/** One set of rules a family of schemes. */
export const RULES = {
  /** I alone: a run of one type is a chunk, and every sequence is allowed. */
  io: {
    starts: (before, now) => now.role === 'inside' && !sameType(before, now),
    continues: (_before, now) => now === 'inside',
    complete: always,
    offence: () => null,
    closed: false,
  },
  /** I everywhere, B only between two adjacent chunks of one type. A B elsewhere starts nothing. */
  iob1: {
    starts: (before, now) =>
      now.role === 'inside' ? before.role !== 'inside' || before.type !== now.type : isBetween(before, now),
    continues: (before, now) => now === 'inside' && before !== 'outside',
    complete: (before, now) => before.role === 'inside' || now.role !== 'begin' || before.type === now.type,
    offence: (before, now) => (now.role === 'begin' && !sameType(before, now) ? 'begin-not-adjacent' : null),
    closed: false,
  },
  /** Begin and inside letters; a chunk is complete wherever it stops. */
  iob2: {
    starts: (_before, now) => now.role === 'begin',
    continues: (before, now) => now === 'inside' && before !== 'outside',
    complete: always,
    offence: notInChunk,
    closed: false,
  },
  /** Schemes with an end and a single letter: a chunk without its end is none. */
  closed: {
    starts: (_before, now) => now.role === 'begin' || now.role === 'single',
    continues: (before, now) => isOpen(before) && carriesOn(now),
    complete: ({ role }) => role === 'end' || role === 'single',
    offence: notInChunk,
    closed: true,
  },
} as const satisfies Record<string, Rules>;

function isBetween(before: Tag, now: Tag): boolean {
  return now.role === 'begin' && sameType(before, now);
}

/** How the tags of one chunk scheme are read. */
export interface Grammar {
  readonly rules: Rules;
  /** Takes each distinct tag apart once; what the scheme does not know is UNKNOWN. */
  readonly read: (tag: string) => Tag;
}

/** A tag that a scheme does not know: outside, and told apart from `O` by being this object. */
export const UNKNOWN: Tag = { ...OUTSIDE };

export function grammarOf(rules: keyof typeof RULES, letters: readonly string[]): Grammar {
  const known = new Map<string, Tag>([['O', OUTSIDE]]);
  const read = (tag: string): Tag => {
    let parts = known.get(tag);
    if (parts === undefined) {
      parts = splitTag(tag);
      const fits = letters.includes(parts.letter) || (parts.letter === 'O' && parts.type === '');
      known.set(tag, (parts = fits ? parts : UNKNOWN));
    }
    return parts;
  };
  return { rules: RULES[rules], read };
}

/** May the tag stand there? @param before undefined at the start of a sentence */
export function mayFollow({ rules }: Grammar, before: Tag | undefined, now: Tag): boolean {
  return rules.offence(before ?? OUTSIDE, now) === null && !leavesOpen(rules, before ?? OUTSIDE, now);
}

const leavesOpen = ({ closed }: Rules, before: Tag, now: Tag): boolean =>
  closed && isOpen(before.role) && !carriesOn(now.role);

/**
 * Every offence of a sentence against the grammar, in order.
 * @param found told its kind and token; of a chunk that is not closed its last token
 */
export function findOffences(
  tags: readonly string[],
  { rules, read }: Grammar,
  found: (kind: InvalidKind, token: number) => void,
): void {
  let before = OUTSIDE;
  for (let i = 0; i <= tags.length; i++) {
    const now = i < tags.length ? read(tags[i] as string) : OUTSIDE;
    if (leavesOpen(rules, before, now)) found('unclosed', i - 1);
    const kind = now === UNKNOWN ? 'unknown-tag' : rules.offence(before, now);
    if (kind) found(kind, i);
    before = now;
  }
}
