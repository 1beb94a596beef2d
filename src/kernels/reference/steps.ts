/** One time step of one direction over packed rows: rows first..first+size. */
export interface Step {
  readonly first: number;
  readonly size: number;
  /** Row of the first sentence at the step visited before; the first `alive` rows of this step go on from there. */
  readonly previous: number;
  /** Rows with a state; the others start here from zero. */
  readonly alive: number;
}

/**
 * The steps in the order in which a direction visits them. Sentences are sorted by length, so the rows of a sentence sit at the
 * same place within each step. Forward (0), all rows of a step were alive before; backward (1), some sentences start at it.
 */
export function stepsOf(stepSizes: Int32Array, direction: number): Step[] {
  const steps: Step[] = [];
  let first = 0;
  for (let t = 0; t < stepSizes.length; t++) {
    const size = stepSizes[t];
    const [previous, alive] =
      direction === 0
        ? [t > 0 ? first - stepSizes[t - 1] : 0, t > 0 ? size : 0]
        : [first + size, t + 1 < stepSizes.length ? stepSizes[t + 1] : 0];
    steps.push({ first, size, previous, alive });
    first += size;
  }
  return direction === 0 ? steps : steps.reverse();
}
