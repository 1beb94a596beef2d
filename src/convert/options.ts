import type { ReadOptions } from '../data/corpus';
import type { SchemeName } from '../schemes';
import type { SpanFormatName } from '../spans/formats';
import type { OffsetUnit, TokeniserName } from '../spans/text';

/** What tags can be written as beside the spans of SPAN_FORMATS. Adding one is a row here, and its writer below. */
export const TAG_TARGETS = {
  same: 'as the input is laid out: every line in its place, every other column as it is',
  conll: 'CoNLL columns: those of the input, or token and tag where it has none of its own or is CoNLL-U',
  conllu: 'CoNLL-U: entities in MISC as NE=B-PER, parts of speech in UPOS; as it is where the input is CoNLL-U',
} as const;

export type TargetName = keyof typeof TAG_TARGETS | SpanFormatName;

/** What becomes of spans that tags cannot hold. */
export const OVERLAPS = {
  error: 'refused',
  longest: 'of spans that overlap the longest is kept, of equals the first',
} as const;
export const CUTS = {
  error: 'refused',
  grow: 'a span grows to the tokens that it cuts',
  split: 'a token is split where a span begins or ends in it',
} as const;

export interface ConvertOptions extends Omit<ReadOptions, 'tagsLike' | 'doubts'> {
  /** `conll` is any format of rows. */
  readonly from: 'auto' | 'conll' | SpanFormatName;
  readonly to: TargetName;
  /** Null keeps that of the input; of spans it is IOB2. */
  readonly toScheme: Exclude<SchemeName, 'plain'> | null;
  /** New names of types, or of plain tags. */
  readonly mapTypes: ReadonlyMap<string, string>;
  /** Types that stay, by their new names; null keeps all. */
  readonly keepTypes: ReadonlySet<string> | null;
  /** Read invalid tags as conlleval does, and write that. */
  readonly repair: boolean;
  /** Join adjacent entities of one type where the target cannot tell them apart. */
  readonly merge: boolean;
  readonly overlap: keyof typeof OVERLAPS;
  readonly cut: keyof typeof CUTS;
  /** How running text becomes tokens; null takes those that the file tells, and else words. */
  readonly tokens: TokeniserName | null;
  /** What offsets count in the input and in the output; null is the format's own. */
  readonly fromOffsets: OffsetUnit | null;
  readonly offsets: OffsetUnit | null;
  /** Whether documents tell their tokens. */
  readonly withTokens: boolean;
}
