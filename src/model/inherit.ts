import { present } from '../errors';
import type { Column } from '../features';
import { inputWidth, type TaggerSpec, type Weight, weightShapes } from './spec';

/** What the weights of a tagger belong to, by names that another tagger may share. */
export interface Named {
  readonly spec: TaggerSpec;
  readonly columns: readonly Pick<Column, 'name' | 'width' | 'filters' | 'names'>[];
  /** By id; null for what nothing is to match. (C) */
  readonly labels: readonly (string | null)[];
}

/** What an axis of a weight runs over: things with names, or so many without. */
type Axis = readonly (string | null)[] | number;

/**
 * The axes of every weight by the weight's name:
 *   tables    what each row stands for, (rows, width)
 *   lstm0.w   (2, I+H, 4H): each input by its table, the table's width and the place in it, then the recurrent rows
 *   others    labels where the size grows with them, as in the output and in heads
 */
function axesOf({ spec, columns, labels }: Named): Map<string, readonly Axis[]> {
  const tables = new Map(columns.map((column) => [column.name, column]));
  const grown = weightShapes({ ...spec, labels: spec.labels + 1 });
  return new Map(
    weightShapes(spec).map(({ name, shape }, w) => {
      const table = tables.get(name);
      if (table) return [name, [table.names(), table.width]];
      if (name === 'lstm0.w') return [name, [2, inputsOf(spec, columns), 4 * spec.hidden]];
      return [name, shape.map((size, i) => (present(grown[w], name).shape[i] === size ? size : labels))];
    }),
  );
}

function inputsOf({ hidden }: TaggerSpec, columns: Named['columns']): string[] {
  const inputs = columns.flatMap((column) => {
    const width = inputWidth(column);
    return Array.from({ length: width }, (_, i) => `${column.name}, ${i} of ${width}`);
  });
  return [...inputs, ...Array.from({ length: hidden }, (_, i) => `recurrent, ${i}`)];
}

/**
 * Initial weights for one tagger, taken from another wherever both know what a number belongs to: rows of tables by what they
 * stand for, columns of the output by label, the network's weights by place, its inputs by their table. What the other lacks
 * stays as it was drawn, so that its draws do not depend on what is taken.
 *
 * The output bias of a new label is its log prior, moved as those of the known labels have moved from theirs in training (the
 * mean over their tokens): logits have no zero of their own, and among the taken ones the new label stands where its share puts it.
 * @param drawn  as `initialWeights` makes them for `into`
 * @param counts training tokens of each label of `into` (C)
 */
export function inherit(
  drawn: readonly Weight[],
  into: Named,
  counts: readonly number[],
  from: Named & { readonly weights: readonly Weight[] },
): Weight[] {
  const [wanted, given] = [axesOf(into), axesOf(from)];
  const sources = new Map(from.weights.map((weight) => [weight.name, weight]));
  return drawn.map((weight): Weight => {
    const { name, shape } = weight;
    const source = sources.get(name);
    const [to, has] = [wanted.get(name), given.get(name)];
    if (!source || !to || to.length !== has?.length) return weight;
    const values = weight.values.slice();
    if (!take(values, shape, to, source, has)) return weight;
    if (name === 'output.b') {
      const known = placesIn(from.labels, into.labels);
      const moved = meanMove(weight.values, values, known, counts);
      known.forEach((at, c) => (values[c] = present(values[c], 'bias') + (at < 0 ? moved : 0)));
    }
    return { name, shape, values };
  });
}

/** How far known labels' biases are from their log priors, the mean over their tokens. */
function meanMove(
  priors: Float32Array,
  taken: Float32Array,
  known: readonly number[],
  counts: readonly number[],
): number {
  let [sum, tokens] = [0, 0];
  known.forEach((at, c) => {
    if (at < 0) return;
    const count = present(counts[c], 'count');
    sum += count * (present(taken[c], 'bias') - present(priors[c], 'bias'));
    tokens += count;
  });
  return tokens > 0 ? sum / tokens : 0;
}

/**
 * Copies what both have into `values`, in blocks where the last axis has no names.
 * @returns false where an axis without names has another size: then nothing says which number is which
 */
function take(
  values: Float32Array,
  shape: readonly number[],
  to: readonly Axis[],
  source: Weight,
  has: readonly Axis[],
): boolean {
  const rows: (readonly number[])[] = [];
  for (const [i, axis] of to.entries()) {
    const places = matchAxis(axis, present(has[i], 'axis'));
    if (!places) return false;
    rows.push(places);
  }
  const inBlocks = typeof to.at(-1) === 'number';
  const copy = (axis: number, at: number, from: number): void => {
    const [step, theirs] = [stepOf(shape, axis), stepOf(source.shape, axis)];
    const isLast = axis + (inBlocks ? 2 : 1) >= to.length;
    present(rows[axis], 'axis').forEach((place, i) => {
      if (place < 0) return;
      const [start, begin] = [at + i * step, from + place * theirs];
      if (isLast) values.set(source.values.subarray(begin, begin + theirs), start);
      else copy(axis + 1, start, begin);
    });
  };
  copy(0, 0, 0);
  return true;
}

/** Numbers from one index of an axis to the next. */
const stepOf = (shape: readonly number[], axis: number): number => shape.slice(axis + 1).reduce((a, b) => a * b, 1);

/** For each index of an axis that of the same thing in the other, -1 where there is none; null where nothing says which is which. */
function matchAxis(to: Axis, has: Axis): number[] | null {
  if (typeof to === 'number') return to === has ? Array.from({ length: to }, (_, i) => i) : null;
  return typeof has === 'number' ? null : placesIn(has, to);
}

/** Where each of `wanted` stands in `names`, -1 for what does not. */
export function placesIn<T>(names: readonly T[], wanted: readonly T[]): number[] {
  const places = new Map(names.map((name, i) => [name, i]));
  return wanted.map((name) => places.get(name) ?? -1);
}
