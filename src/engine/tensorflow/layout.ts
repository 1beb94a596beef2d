/** How packed rows (see `Batch`) and padded steps map onto each other for one direction. N rows, T steps, B sentences. */
export interface Layout {
  readonly rows: number;
  readonly steps: number;
  readonly size: number;
  /** Packed row that is read at padded place (t, b), in the order in which the direction visits them; N where padding is. (T*B) */
  readonly padded: Int32Array;
  /** Padded place of each packed row. (N) */
  readonly placeOf: Int32Array;
  /** Packed row that the direction visits before each packed row; N where the sentence starts. (N) */
  readonly previous: Int32Array;
  /** Length of each sentence. (B) */
  readonly lengths: Int32Array;
}

type Layouts = readonly [forward: Layout, backward: Layout];
const layouts = new WeakMap<Int32Array, Layouts>();

/** Layouts of the forward and the backward direction. `stepSizes` (T): sentences alive at each step, descending. */
export function layoutsOf(stepSizes: Int32Array): Layouts {
  let found = layouts.get(stepSizes);
  if (!found) layouts.set(stepSizes, (found = [layout(stepSizes, false), layout(stepSizes, true)]));
  return found;
}

/**
 * The backward direction visits each sentence from its own last token, so that both directions end in padding, which then never
 * reaches a real row: index maps do what a ReverseSequence before and after would.
 */
function layout(stepSizes: Int32Array, backward: boolean): Layout {
  const steps = stepSizes.length;
  const [size = 0] = stepSizes;
  const first = new Int32Array(steps + 1);
  const lengths = new Int32Array(size);
  for (let t = 0; t < steps; t++) {
    const alive = stepSizes[t] as number;
    first[t + 1] = (first[t] as number) + alive;
    lengths.fill(t + 1, 0, alive);
  }
  const rows = first[steps] as number;
  const padded = new Int32Array(steps * size).fill(rows);
  const placeOf = new Int32Array(rows);
  const previous = new Int32Array(rows);
  for (let b = 0; b < size; b++) {
    let before = rows;
    const length = lengths[b] as number;
    for (let t = 0; t < length; t++) {
      const row = (first[backward ? length - 1 - t : t] as number) + b;
      padded[t * size + b] = row;
      placeOf[row] = t * size + b;
      previous[row] = before;
      before = row;
    }
  }
  return { rows, steps, size, padded, placeOf, previous, lengths };
}
