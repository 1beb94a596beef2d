/** How a file writes the tags of a scheme, apart from its outside label. */
export interface Spelling {
  readonly title: string;
  /** What has it: tags with letters, bare types of `io`, or brackets. */
  readonly of: 'letters' | 'io' | 'brackets' | 'all';
  /** The tag as SCHEMES writes it; undefined where it is not spelled so. */
  readonly read: (tag: string) => string | undefined;
  /** The inverse of `read`. */
  readonly write: (tag: string) => string;
}

const same = (tag: string): string => tag;

/** `PER-B` to `B-PER`: the letter is what follows the last hyphen. */
const letterFirst = (tag: string): string | undefined =>
  tag.length === 1 ? tag : tag.length > 2 && tag.at(-2) === '-' ? `${tag.slice(-1)}-${tag.slice(0, -2)}` : undefined;

const letterLast = (tag: string): string => (tag[1] === '-' ? `${tag.slice(2)}-${tag.charAt(0)}` : tag);

const capital = (tag: string): string | undefined =>
  /^[a-z](-|$)/.test(tag) ? tag.charAt(0).toUpperCase() + tag.slice(1) : undefined;

const small = (tag: string): string => tag.charAt(0).toLowerCase() + tag.slice(1);

/** Every spelling that is read and written back. Adding one is a row here. */
export const SPELLINGS = {
  standard: { title: 'as the scheme is defined: B-PER', of: 'all', read: same, write: same },
  suffix: { title: 'the letter last: PER-B', of: 'letters', read: letterFirst, write: letterLast },
  lower: { title: 'small letters: b-per', of: 'letters', read: capital, write: small },
  'lower-suffix': {
    title: 'small letters, last: per-b',
    of: 'letters',
    read: (tag) => capital(letterFirst(tag) ?? ''),
    write: (tag) => letterLast(small(tag)),
  },
  bare: {
    title: 'types alone: PER',
    of: 'io',
    read: (tag) => (tag === '' ? undefined : `I-${tag}`),
    write: (tag) => tag.slice(2),
  },
  starred: {
    title: 'brackets of one token with a star: (PER*)',
    of: 'brackets',
    read: (tag) => tag.replace(/^(\([^()*]+)\*\)$/, '$1)'),
    write: (tag) => tag.replace(/^(\([^()*]+)\)$/, '$1*)'),
  },
} as const satisfies Record<string, Spelling>;

export type SpellingName = keyof typeof SPELLINGS;
