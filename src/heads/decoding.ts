import { type Inner, mayFollow, outsideLabel, SCHEMES } from '../schemes';

/** How a head chooses labels. */
export const DECODE_METHODS = {
  valid: 'the likeliest tags that the scheme allows (Viterbi)',
  argmax: 'the likeliest tag of each token, whatever stands beside it',
} as const;

export type DecodeMethod = keyof typeof DECODE_METHODS;

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
 * The labels of a packed batch: of each sentence the sequence with the highest score among those that are allowed, the sum of its
 * emissions, the bias of the outside label, and `scores` where a head has them; the lower id on a tie. Emissions may have any
 * number added that is the same for all labels of a token, so that logits, their log-softmax and log-marginals are all one.
 * @param emissions (N, C), row-major
 * @param stepSizes sentences alive at each step, longest first. (T)
 * @returns (N)
 */
export function decodePacked(
  emissions: Float32Array,
  C: number,
  stepSizes: Int32Array,
  decoding: Decoding,
  scores: PathScores | null = null,
): Int32Array {
  const { allowed } = decoding;
  const ids = new Int32Array(C > 0 ? emissions.length / C : 0); // (N)
  if (scores === null) argmax(emissions, C, decoding, ids);
  const sentences = stepSizes.at(0) ?? 0;
  if (scores === null && allowed === null) return ids;

  const first = new Int32Array(stepSizes.length); // row of the first sentence of each step (T)
  for (let t = 1; t < first.length; t++) first[t] = (first[t - 1] as number) + (stepSizes[t - 1] as number);
  let viterbi: Viterbi | undefined;
  let length = stepSizes.length;
  for (let b = 0; b < sentences; b++) {
    while ((stepSizes[length - 1] as number) <= b) length--;
    // Without scores of its own the argmax is the best of all sequences: mostly it is allowed.
    if (scores === null && allowed && isAllowed(ids, b, first, length, allowed, C)) continue;
    viterbi ??= createViterbi(C, stepSizes.length, decoding, scores);
    viterbi(emissions, b, first, length, ids);
  }
  return ids;
}

/** The likeliest label of each row, the outside label with its bias; the lower id on a tie. @param ids (N), filled */
function argmax(scores: Float32Array, C: number, { outside, outsideBias }: Decoding, ids: Int32Array): void {
  for (let n = 0; n < ids.length; n++) {
    const row = n * C;
    let top = (scores[row] as number) + (outside === 0 ? outsideBias : 0);
    let best = 0;
    for (let c = 1; c < C; c++) {
      const score = (scores[row + c] as number) + (c === outside ? outsideBias : 0);
      if (score > top) {
        top = score;
        best = c;
      }
    }
    ids[n] = best;
  }
}

/** May the labels of sentence b stand as they do? */
function isAllowed(
  ids: Int32Array,
  b: number,
  first: Int32Array,
  length: number,
  { start, after }: Allowed,
  C: number,
): boolean {
  let previous = ids[b] as number;
  if (start[previous] === 0) return false;
  for (let t = 1; t < length; t++) {
    const id = ids[(first[t] as number) + b] as number;
    if (after[previous * C + id] === 0) return false;
    previous = id;
  }
  return true;
}

type Viterbi = (emissions: Float32Array, b: number, first: Int32Array, length: number, ids: Int32Array) => void;

/** A Viterbi search that keeps its room from sentence to sentence; sums are doubles. @param longest T of the longest sentence */
function createViterbi(
  C: number,
  longest: number,
  { allowed, outside, outsideBias }: Decoding,
  scores: PathScores | null,
): Viterbi {
  const start = Float64Array.from({ length: C }, (_, j) =>
    allowed?.start[j] === 0 ? -Infinity : (scores?.start[j] ?? 0),
  ); // (C)
  const end = Float64Array.from({ length: C }, (_, j) => scores?.end[j] ?? 0); // (C)
  // the labels that label j may follow, from `first[j]` on, and what each scores: most labels follow each, inside labels follow two
  const firstOf = new Int32Array(C + 1);
  const befores: number[] = [];
  for (let j = 0; j < C; j++) {
    for (let i = 0; i < C; i++) if (allowed?.after[i * C + j] !== 0) befores.push(i);
    firstOf[j + 1] = befores.length;
  }
  const before = Int32Array.from(befores);
  const cost = new Float64Array(before.length);
  for (let j = 0; scores && j < C; j++)
    for (let k = firstOf[j] as number; k < (firstOf[j + 1] as number); k++)
      cost[k] = scores.transitions[(before[k] as number) * C + j] as number;
  const came = new Int32Array(longest * C); // best label before each (T, C)
  let now = new Float64Array(C);
  let next = new Float64Array(C);

  return (emissions, b, first, length, ids) => {
    const scoreOf = (row: number, j: number): number =>
      (emissions[row * C + j] as number) + (j === outside ? outsideBias : 0);
    for (let j = 0; j < C; j++) now[j] = (start[j] as number) + scoreOf(b, j);
    for (let t = 1; t < length; t++) {
      const row = (first[t] as number) + b;
      const leader = highest(now);
      for (let j = 0; j < C; j++) {
        const from = firstOf[j] as number;
        const to = firstOf[j + 1] as number;
        let best = leader;
        if (scores !== null || to - from < C) {
          best = before[from] as number;
          let top = (now[best] as number) + (cost[from] as number);
          for (let k = from + 1; k < to; k++) {
            const i = before[k] as number;
            const sum = (now[i] as number) + (cost[k] as number);
            if (sum > top) {
              top = sum;
              best = i;
            }
          }
          next[j] = top + scoreOf(row, j);
        } else next[j] = (now[leader] as number) + scoreOf(row, j);
        came[t * C + j] = best;
      }
      // sums of long sentences keep their last digits
      const most = next[highest(next)] as number;
      if (most > -Infinity) for (let j = 0; j < C; j++) next[j] = (next[j] as number) - most;
      [now, next] = [next, now];
    }
    for (let j = 0; j < C; j++) now[j] = (now[j] as number) + (end[j] as number);
    let last = highest(now);
    for (let t = length - 1; t >= 0; t--) {
      ids[(first[t] as number) + b] = last;
      last = came[t * C + last] as number;
    }
  };
}

/** Where the highest number is; the first of equals. */
function highest(numbers: Float64Array): number {
  let best = 0;
  for (let j = 1; j < numbers.length; j++) if ((numbers[j] as number) > (numbers[best] as number)) best = j;
  return best;
}
