import { SCHEMES, type Inner, type Misplaced, type Scheme, type SchemeName } from '../schemes';
import { SPELLINGS, type Spelling, type SpellingName } from './spellings';

/** How the tags of a file are understood. Plain JSON: what a checkpoint keeps to read and write them again. */
export interface Tagging {
  readonly scheme: SchemeName;
  readonly spelling: SpellingName;
  /** What stands for `O`. Of no meaning for plain tags and brackets. */
  readonly outside: string;
}

export const PLAIN: Tagging = { scheme: 'plain', spelling: 'standard', outside: 'O' };

/** Is this what a checkpoint may keep? */
export function isTagging(value: unknown): value is Tagging {
  if (typeof value !== 'object' || value === null) return false;
  const { scheme, spelling, outside } = value as Record<string, unknown>;
  const isRow = (table: object, name: unknown): boolean => typeof name === 'string' && Object.hasOwn(table, name);
  return isRow(SCHEMES, scheme) && isRow(SPELLINGS, spelling) && typeof outside === 'string' && outside !== '';
}

/** Reads and writes the tags of one file. Nothing else knows how they are spelled. */
export interface TagReader {
  readonly inner: Inner;
  /** A tag that the file may hold. */
  readonly isTag: (tag: string) => boolean;
  /** As SCHEMES writes it; undefined for what is no tag of this file. */
  readonly standard: (tag: string) => string | undefined;
  /** Tags of a sentence of the file to labels inside the program, and back. */
  readonly toInner: (tags: readonly string[]) => readonly string[];
  readonly fromInner: (labels: readonly string[]) => readonly string[];
  /** One label as the file would spell it: `I-Person` is `Person` where the file has bare types. */
  readonly labelText: (label: string) => string;
  readonly invalid: (tags: readonly string[]) => Misplaced[];
}

/** The forms of well-formed tags, for messages: `O, TYPE-B, TYPE-I`. */
export function formsOf({ scheme, spelling, outside }: Tagging): string[] {
  return SCHEMES[scheme].forms.map((form) => (form === 'O' ? outside : SPELLINGS[spelling].write(form)));
}

/** Such as `iob2, spelled PER-B, _ for O`. */
export function taggingText({ scheme, spelling, outside }: Tagging): string {
  const title = SPELLINGS[spelling].title;
  return [
    scheme,
    ...(spelling === 'standard' || spelling === 'bare' ? [] : [title]),
    ...(outside === 'O' || !hasOutside(scheme) ? [] : [`${outside} stands outside`]),
  ].join(', ');
}

/** Does a label of its own stand for tokens of no entity? */
export const hasOutside = (scheme: SchemeName): boolean => scheme !== 'plain' && scheme !== 'brackets';

export function tagReaderOf({ scheme: name, spelling: spelled, outside }: Tagging): TagReader {
  const scheme: Scheme = SCHEMES[name];
  const { inner, isTag, toInner, fromInner, invalid } = scheme;
  const spelling: Spelling = SPELLINGS[spelled];
  const asDefined = spelled === 'standard' && (outside === 'O' || !hasOutside(name));
  if (asDefined) {
    const standard = (tag: string): string | undefined => (isTag(tag) ? tag : undefined);
    return { inner, isTag, standard, toInner, fromInner, labelText: (label) => label, invalid };
  }

  const standard = remember((tag) => {
    if (hasOutside(name) && tag === outside) return 'O';
    const read = spelling.read(tag);
    return read !== undefined && read !== 'O' && isTag(read) ? read : undefined;
  });
  const write = remember((tag) => (hasOutside(name) && tag === 'O' ? outside : spelling.write(tag)));
  const toStandard = (tags: readonly string[]): string[] => tags.map((tag) => standard(tag) ?? 'O');
  return {
    inner,
    isTag: (tag) => standard(tag) !== undefined,
    standard,
    toInner: (tags) => toInner(toStandard(tags)),
    fromInner: (labels) => fromInner(labels).map(write),
    labelText: name === 'brackets' ? (label) => label : write,
    invalid: (tags) => invalid(toStandard(tags), tags),
  };
}

/** Each distinct tag is taken apart once. */
function remember<T>(compute: (tag: string) => T): (tag: string) => T {
  const known = new Map<string, T>();
  return (tag) => {
    if (known.has(tag)) return known.get(tag) as T;
    const value = compute(tag);
    known.set(tag, value);
    return value;
  };
}
