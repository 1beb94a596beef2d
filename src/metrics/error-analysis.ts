import { present } from '../errors';
import { chunksOf, type Chunk } from '../schemes';
import { type Cell, CellCounts, checkAligned } from './confusion';
import { byCodeUnit } from '../order';
import type { ReadChunks } from './entities';
import { overlap } from './relaxed';

/**
 * What is wrong with a span. `type`: right boundaries, wrong type; `boundary`: right type, overlap; `both`: overlap only;
 * `missed`: gold that no free prediction overlaps; `spurious`: a prediction that no free gold overlaps.
 */
export const SPAN_ERRORS = ['type', 'boundary', 'both', 'missed', 'spurious'] as const;
export type SpanError = (typeof SPAN_ERRORS)[number];

/** A wrong span. `sentence` is 0-based. */
export interface WrongSpan {
  readonly kind: SpanError;
  readonly sentence: number;
  readonly gold: Chunk | null;
  readonly predicted: Chunk | null;
}

/** Entities by gold and predicted type, one to one; row K is spurious predictions, column K missed gold. */
export interface EntityConfusion {
  /** Entity types, sorted by code unit. (K) */
  readonly types: readonly string[];
  /** `[g, p, n]`: n > 0 pairs of gold type g and predicted type p, by their places in `types`. In order of g, then p. */
  readonly cells: readonly Cell[];
}

export interface ErrorAnalysis {
  readonly wrong: readonly WrongSpan[];
  /** Number of wrong spans by kind. */
  readonly kinds: Readonly<Record<SpanError, number>>;
  readonly confusion: EntityConfusion;
}

/** Pairs gold and predicted spans of each sentence and names what is wrong with every one that is not right. */
export function analyseErrors(
  gold: readonly (readonly string[])[],
  predicted: readonly (readonly string[])[],
  read: ReadChunks = chunksOf,
): ErrorAnalysis {
  checkAligned(gold, predicted);
  const pairs = gold.flatMap((tags, sentence) =>
    pairSpans(read(tags), read(present(predicted[sentence], 'sentence'))).map((pair) => ({ ...pair, sentence })),
  );
  const types = [
    ...new Set(pairs.flatMap((p) => [p.gold, p.predicted]).flatMap((chunk) => (chunk ? [chunk.type] : []))),
  ];
  types.sort(byCodeUnit);
  const ids = new Map(types.map((type, id) => [type, id]));
  const cells = new CellCounts(types.length + 1);
  const at = (chunk: Chunk | null): number => (chunk ? (ids.get(chunk.type) ?? -1) : types.length);
  const kinds = { type: 0, boundary: 0, both: 0, missed: 0, spurious: 0 };
  const wrong: WrongSpan[] = [];
  for (const { kind, sentence, gold: g, predicted: p } of pairs) {
    cells.add(at(g), at(p));
    if (kind === 'right') continue;
    kinds[kind]++;
    wrong.push({ kind, sentence, gold: g, predicted: p });
  }
  return { wrong, kinds, confusion: { types, cells: cells.list() } };
}

/** What is wrong with the entities of one or more predictions, in numbers. */
export type SpanErrors = Pick<ErrorAnalysis, 'kinds' | 'confusion'>;

interface Pair {
  readonly kind: SpanError | 'right';
  readonly gold: Chunk | null;
  readonly predicted: Chunk | null;
}

/**
 * One-to-one pairs, the best kind first: right, then wrong type, then overlap of the same type, then any overlap; within a
 * kind from left to right. What is left is missed or spurious. In order of position.
 */
export function pairSpans(gold: readonly Chunk[], predicted: readonly Chunk[]): Pair[] {
  const pairs: Pair[] = [];
  const free = new Set(predicted);
  let open = [...gold];
  const sameSpan = (g: Chunk, p: Chunk): boolean => g.start === p.start && g.end === p.end;
  const rules: readonly [SpanError | 'right', (g: Chunk, p: Chunk) => boolean][] = [
    ['right', (g, p) => sameSpan(g, p) && g.type === p.type],
    ['type', sameSpan],
    ['boundary', (g, p) => overlap(g, p) > 0 && g.type === p.type],
    ['both', (g, p) => overlap(g, p) > 0],
  ];
  for (const [kind, fits] of rules) {
    open = open.filter((g) => {
      const p = [...free].find((candidate) => fits(g, candidate));
      if (!p) return true;
      free.delete(p);
      pairs.push({ kind, gold: g, predicted: p });
      return false;
    });
  }
  pairs.push(...open.map((g): Pair => ({ kind: 'missed', gold: g, predicted: null })));
  pairs.push(...[...free].map((p): Pair => ({ kind: 'spurious', gold: null, predicted: p })));
  const start = ({ gold: g, predicted: p }: Pair): number => Math.min(g?.start ?? Infinity, p?.start ?? Infinity);
  return pairs.sort((a, b) => start(a) - start(b));
}
