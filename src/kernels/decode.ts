import type { Rng } from '../rng';
import { op } from './op';
import { NUMBER, type Rule } from './signature';

const LABEL: Rule = { what: 'a whole number from -1', fits: (value) => Number.isInteger(value) && value >= -1 };

/** Normal scores, every third -Infinity. */
const someForbidden = (rng: Rng, length: number): Float32Array =>
  Float32Array.from({ length }, () => (rng.int(3) === 0 ? -Infinity : rng.normal()));

/**
 * The labels of a packed batch (see `Batch`): of each sentence the sequence with the highest score (Viterbi),
 *   start[y_1] + sum_t e_t[y_t] + sum_(t > 1) transitions[y_(t-1), y_t] + end[y_n],  e_t[outside] being `bias` more;
 * where scores are equal, the lower label at the last token where the sequences differ. A score of -Infinity forbids; where there is no way
 * around, what is answered is not said. `outside` is -1 where there is no such label. Sums are doubles, and less their highest
 * after every token, so that those of long sentences keep their last digits.
 *
 * Where start, transitions and end only forbid, a sentence whose best tokens may stand side by side is not searched.
 */
export const decode = op({
  name: 'DscDecode',
  inputs: { emissions: 'N C', transitions: 'C C', start: 'C', end: 'C', stepSizes: 'int32 T' },
  attributes: { outside: LABEL, bias: NUMBER },
  outputs: { ids: 'int32 N' },
  requires: ({ C }, { outside }) => outside < C,
  body({ emissions, transitions, start, end, stepSizes }, { N: rows, C: labels, T: steps }, { outside, bias }) {
    const first = new Int32Array(steps + 1); // row of the first sentence of each step
    for (let t = 0; t < steps; t++) first[t + 1] = (first[t] as number) + (stepSizes[t] as number);
    if (first[steps] !== rows) throw new RangeError(`decode: stepSizes add up to ${first[steps]}, expected ${rows}`);
    const ids = new Int32Array(rows);
    const scoreOf = (row: number, j: number): number =>
      (emissions[row * labels + j] as number) + (j === outside ? bias : 0);

    /** The best label of each token; whether they may follow each other. */
    function bestTokens(b: number, length: number): boolean {
      let may = true;
      let last = -1;
      for (let t = 0; t < length; t++) {
        const row = (first[t] as number) + b;
        let top = scoreOf(row, 0);
        let best = 0;
        for (let j = 1; j < labels; j++) {
          const score = scoreOf(row, j);
          if (score > top) {
            top = score;
            best = j;
          }
        }
        may &&= (last < 0 ? start[best] : transitions[last * labels + best]) !== -Infinity;
        ids[row] = last = best;
      }
      return may;
    }

    // the labels that label j may follow, from `from[j]` on, and what each costs: an inside label follows two
    const from = new Int32Array(labels + 1);
    const befores: number[] = [];
    for (let j = 0; j < labels; j++) {
      for (let i = 0; i < labels; i++) if (transitions[i * labels + j] !== -Infinity) befores.push(i);
      from[j + 1] = befores.length;
    }
    const before = Int32Array.from(befores);
    const costs = new Float64Array(before.length);
    for (let j = 0; j < labels; j++)
      for (let k = from[j] as number; k < (from[j + 1] as number); k++)
        costs[k] = transitions[(before[k] as number) * labels + j] as number;
    const isEven = Array.from({ length: labels }, (_, j) => {
      const own = costs.subarray(from[j], from[j + 1]);
      return own.length === labels && own.every((cost) => cost === 0);
    }); // labels that follow each, and all alike
    const came = new Int32Array(steps * labels); // best label before each (T, C)
    let [now, next] = [new Float64Array(labels), new Float64Array(labels)];

    function search(b: number, length: number): void {
      for (let j = 0; j < labels; j++) now[j] = (start[j] as number) + scoreOf(b, j);
      for (let t = 1; t < length; t++) {
        const row = (first[t] as number) + b;
        const leader = highest(now);
        for (let j = 0; j < labels; j++) {
          let best = isEven[j] ? leader : 0;
          let top = isEven[j] ? (now[leader] as number) : -Infinity;
          const to = isEven[j] ? 0 : (from[j + 1] as number);
          for (let k = from[j] as number; k < to; k++) {
            const i = before[k] as number;
            const sum = (now[i] as number) + (costs[k] as number);
            if (sum > top) {
              top = sum;
              best = i;
            }
          }
          next[j] = top + scoreOf(row, j);
          came[t * labels + j] = best;
        }
        const most = next[highest(next)] as number;
        if (most > -Infinity) for (let j = 0; j < labels; j++) next[j] = (next[j] as number) - most;
        [now, next] = [next, now];
      }
      for (let j = 0; j < labels; j++) now[j] = (now[j] as number) + (end[j] as number);
      let last = highest(now);
      for (let t = length - 1; t >= 0; t--) {
        ids[(first[t] as number) + b] = last;
        last = came[t * labels + last] as number;
      }
    }

    const free = [transitions, start, end].every((scores) => scores.every((x) => x === 0 || x === -Infinity));
    let length = steps;
    for (let b = 0; b < (stepSizes[0] ?? 0); b++) {
      while ((stepSizes[length - 1] as number) <= b) length--;
      if (!free || !bestTokens(b, length)) search(b, length);
    }
    return { ids };
  },
  tolerance: 0,
  example: {
    dims: { N: 17, C: 5, T: 5 },
    numbers: { outside: 1, bias: 0.25 },
    draw: {
      stepSizes: () => Int32Array.of(6, 4, 3, 2, 2),
      start: someForbidden,
      transitions: someForbidden,
    },
  },
});

/** Where the highest number is; the first of equals. */
function highest(numbers: Float64Array): number {
  let best = 0;
  for (let j = 1; j < numbers.length; j++) if ((numbers[j] as number) > (numbers[best] as number)) best = j;
  return best;
}
