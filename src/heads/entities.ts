import { crfPathSums } from '../kernels';
import { type Chunk, splitTag } from '../schemes';
import type { PathScores } from './decoding';

/** The probability of a chunk of sentence b of the batch, in [0, 1]; 0 where training had no label of its type. */
export type JudgeEntity = (b: number, chunk: Chunk) => number;

/**
 * How sure a model is of entities: the probability of exactly this chunk is that of all label sequences of the sentence in which
 * conlleval reads it, this type from this token to that one and no further. It opens with B-X, or with I-X that goes on with nothing of
 * its type; inside stands I-X; behind it anything but I-X. Exact: of a CRF by its sums over paths, else by the product over tokens,
 * which are then independent.
 *
 * It is what the model was trained to say, whatever tags it answers with: neither the rules of `valid` decoding nor a bias of the
 * outside label change it, as they change no probability of a token. So a one-token entity may be surer than its tag, where I-X after
 * O would have been the same entity, and one that a bias brought out is told with the low probability that it has.
 * @param labels by id, as they are inside the program (see `Inner`), chunk labels. (C)
 * @param emissions of a packed batch, row-major; any number may be added that is the same for all labels of a token. (N, C)
 * @param stepSizes sentences alive at each step, longest first. (T)
 * @param path scores of neighbouring labels; null where each token stands for itself
 */
export function entityJudge(
  labels: readonly string[],
  emissions: Float32Array,
  stepSizes: Int32Array,
  path: PathScores | null,
): JudgeEntity {
  const first = new Int32Array(stepSizes.length + 1); // row of the first sentence of each step (T + 1)
  stepSizes.forEach((alive, t) => (first[t + 1] = (first[t] as number) + alive));
  const typeLabels = labelsByType(labels);
  const judge = path ? inPaths(emissions, stepSizes, path) : inTokens(emissions, labels.length);
  return (b, { type, start, end }) => {
    const own = typeLabels.get(type);
    if (!own) return 0;
    const rowOf = (t: number): number =>
      t >= 0 && t < stepSizes.length && b < (stepSizes[t] as number) ? (first[t] as number) + b : -1;
    return Math.min(1, judge(rowOf, start, end, own));
  };
}

/** Ids of the labels that begin and go on with chunks of one type; -1 where training had none such. */
interface TypeLabels {
  begin: number;
  inside: number;
}

function labelsByType(labels: readonly string[]): Map<string, TypeLabels> {
  const byType = new Map<string, TypeLabels>();
  labels.forEach((label, id) => {
    const { role, type } = splitTag(label);
    if (role !== 'begin' && role !== 'inside') return;
    const own = byType.get(type) ?? { begin: -1, inside: -1 };
    own[role] = id;
    byType.set(type, own);
  });
  return byType;
}

/** @param rowOf the row of token t of the sentence; -1 before its start and behind its end */
type Judge = (rowOf: (t: number) => number, start: number, end: number, own: TypeLabels) => number;

/** Tokens are independent: [P(B) + P(I) P(not of the type before)] P(I) … P(I) P(not I behind). */
function inTokens(emissions: Float32Array, C: number): Judge {
  /** The probability of two labels, or of all but them. */
  const share = (row: number, one: number, other: number, but: boolean): number => {
    const at = row * C;
    let most = -Infinity;
    for (let c = 0; c < C; c++) most = Math.max(most, emissions[at + c] as number);
    let [inside, outside] = [0, 0];
    for (let c = 0; c < C; c++) {
      const power = Math.exp((emissions[at + c] as number) - most);
      if (c === one || c === other) inside += power;
      else outside += power;
    }
    return (but ? outside : inside) / (inside + outside);
  };
  return (rowOf, start, end, { begin, inside }) => {
    const before = rowOf(start - 1);
    let p = share(rowOf(start), begin, -1, false);
    if (inside >= 0)
      p += share(rowOf(start), inside, -1, false) * (before < 0 ? 1 : share(before, begin, inside, true));
    for (let t = start + 1; t < end; t++) p *= share(rowOf(t), inside, -1, false);
    const behind = rowOf(end);
    return behind < 0 ? p : p * share(behind, inside, -1, true);
  };
}

/** The paths of a chain that have these labels: those up to its first token, on through it, and to the end. */
function inPaths(emissions: Float32Array, stepSizes: Int32Array, path: PathScores): Judge {
  const C = path.start.length;
  const { alpha, beta, norm } = crfPathSums({ emissions, ...path }, stepSizes);
  const cost = (i: number, j: number): number => path.transitions[i * C + j] as number;

  /** Up to an inside label that opens the chunk. */
  function opened(row: number, before: number, { begin, inside }: TypeLabels): number {
    if (before < 0) return alpha[row * C + inside] as number;
    let sum = -Infinity;
    for (let i = 0; i < C; i++)
      if (i !== begin && i !== inside) sum = logAdd(sum, (alpha[before * C + i] as number) + cost(i, inside));
    return sum + (emissions[row * C + inside] as number);
  }

  /** From the label of the last token to the end of the sentence, without the inside label behind it. */
  function closed(label: number, last: number, behind: number, inside: number): number {
    if (behind < 0) return beta[last * C + label] as number;
    let sum = -Infinity;
    for (let j = 0; j < C; j++)
      if (j !== inside)
        sum = logAdd(sum, cost(label, j) + (emissions[behind * C + j] as number) + (beta[behind * C + j] as number));
    return sum;
  }

  return (rowOf, start, end, own) => {
    const { begin, inside } = own;
    const row = rowOf(start);
    let byBegin = begin < 0 ? -Infinity : (alpha[row * C + begin] as number);
    let byInside = inside < 0 ? -Infinity : opened(row, rowOf(start - 1), own);
    for (let t = start + 1; t < end; t++) {
      if (inside < 0) return 0;
      const from = logAdd(begin < 0 ? -Infinity : byBegin + cost(begin, inside), byInside + cost(inside, inside));
      byInside = from + (emissions[rowOf(t) * C + inside] as number);
      byBegin = -Infinity;
    }
    const [last, behind] = [rowOf(end - 1), rowOf(end)];
    if (byBegin > -Infinity) byBegin += closed(begin, last, behind, inside);
    if (byInside > -Infinity) byInside += closed(inside, last, behind, inside);
    return Math.exp(logAdd(byBegin, byInside) - norm(row));
  };
}

/** log(exp(a) + exp(b)) */
function logAdd(a: number, b: number): number {
  const most = Math.max(a, b);
  return most === -Infinity ? most : most + Math.log1p(Math.exp(Math.min(a, b) - most));
}
