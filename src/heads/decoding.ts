import { type Inner, mayFollow, outsideLabel, SCHEMES } from '../schemes';

/** How a head chooses labels. */
export const DECODE_METHODS = {
  valid: 'the likeliest tags that the scheme allows (Viterbi)',
  argmax: 'the likeliest tag of each token, whatever stands beside it',
} as const;

export type DecodeMethod = keyof typeof DECODE_METHODS;

/** What `auto` stands for: to keep to the rules of the scheme where there are any. */
export const methodOf = (method: DecodeMethod | 'auto', inner: Inner): DecodeMethod =>
  method === 'auto' ? (inner === 'plain' ? 'argmax' : 'valid') : method;

/** What a checkpoint keeps of it. Plain JSON. */
export interface DecodeSettings {
  readonly method: DecodeMethod;
  /** Added to the score of the outside label, everywhere: above 0 the tagger names fewer entities, below 0 more. */
  readonly outsideBias: number;
}

/** The same for one set of C labels. Plain data: nothing of a head is in it. */
export interface Decoding extends DecodeSettings {
  /** Id of the outside label; -1 where there is none. */
  readonly outside: number;
  /** null where each label may stand everywhere. */
  readonly allowed: Allowed | null;
  /** What a label is written as where it does not follow itself; null where it is itself. (C) */
  readonly openings: readonly (string | null)[];
}

/** Which sequences of labels there may be: 1 for what may be. Each label may end a sentence. */
export interface Allowed {
  /** At the start of a sentence. (C) */
  readonly start: Uint8Array;
  /** Label j after label i, at `i * C + j`. (C, C) */
  readonly after: Uint8Array;
}

/** Scores that a sequence has beside its emissions; `transitions[i * C + j]` is of label j after label i. */
export interface PathScores {
  /** (C) */
  readonly start: ArrayLike<number>;
  /** (C, C) */
  readonly transitions: ArrayLike<number>;
  /** (C) */
  readonly end: ArrayLike<number>;
}

/** In one word, as signatures have it: `valid`, or `valid,outside-0.25` with a bias. */
export const decodeText = ({ method, outsideBias }: DecodeSettings): string =>
  outsideBias === 0 ? method : `${method},outside${outsideBias > 0 ? '+' : ''}${outsideBias}`;

/** Every token for itself, and nothing added: how taggers decoded that do not say how they do. */
export const EARLIER_DECODING: DecodeSettings = { method: 'argmax', outsideBias: 0 };

/**
 * Settings as they work on labels. A type whose begin label training never saw, because its file has `I-X` alone where no chunk is
 * open, keeps its chunks as conlleval reads them: its `I-X` may stand everywhere, and is written `B-X` where it opens a chunk.
 * @param labels of the vocabulary, by id. (C)
 * @param inner the scheme that they are of; plain tags have nothing that could be invalid
 */
export function decodingOf(settings: DecodeSettings, labels: readonly string[], inner: Inner): Decoding {
  const outsideName = outsideLabel(inner);
  const outside = outsideName === null ? -1 : labels.indexOf(outsideName);
  if (settings.method === 'argmax' || inner === 'plain')
    return { ...settings, outside, allowed: null, openings: labels.map(() => null) };
  const { grammar } = SCHEMES[inner];
  const tags = labels.map(grammar.read);
  const begun = new Set(tags.filter(({ role }) => role === 'begin').map(({ type }) => type));
  const opens = tags.map((tag) => inner === 'iob2' && tag.role === 'inside' && !begun.has(tag.type)); // (C)
  const C = labels.length;
  const start = Uint8Array.from(tags, (tag, j) => (opens[j] || mayFollow(grammar, undefined, tag) ? 1 : 0)); // (C)
  const after = new Uint8Array(C * C); // (C, C)
  tags.forEach((before, i) =>
    tags.forEach((tag, j) => (after[i * C + j] = opens[j] || mayFollow(grammar, before, tag) ? 1 : 0)),
  );
  return {
    ...settings,
    outside,
    allowed: start.includes(0) || after.includes(0) ? { start, after } : null,
    openings: labels.map((label, j) => (opens[j] ? `B${label.slice(1)}` : null)),
  };
}

/**
 * The scores of neighbouring labels, -Infinity where a sequence may not be: what the search is told.
 * @param path those of a head; null where it has none
 */
export function allowedPath(
  { allowed }: Decoding,
  C: number,
  path: PathScores | null,
): Record<keyof PathScores, Float32Array> {
  const of = (length: number, scores: ArrayLike<number> | undefined, may: Uint8Array | undefined): Float32Array =>
    Float32Array.from({ length }, (_, i) => (may?.[i] === 0 ? -Infinity : (scores?.[i] ?? 0)));
  return {
    start: of(C, path?.start, allowed?.start), // (C)
    transitions: of(C * C, path?.transitions, allowed?.after), // (C, C)
    end: of(C, path?.end, undefined), // (C)
  };
}
