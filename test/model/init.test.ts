import { initialWeights, orthogonal } from '../../src/model/init';
import { type TaggerSpec, weightCount, weightShapes } from '../../src/model/spec';
import { tables } from './toy';
import { createRng } from '../../src/rng';

const SPEC: TaggerSpec = {
  tables: tables([500, 20], [6, 4]),
  labels: 3,
  hidden: 7,
  layers: 2,
  dropout: 0.5,
  head: 'softmax',
};
const COUNTS = [900, 99, 0];
const weights = initialWeights(SPEC, COUNTS, createRng(1));
const values = (name: string): Float32Array => weights.find((weight) => weight.name === name)?.values ?? fail();
const fail = (): never => {
  throw new Error('no such weight');
};

describe('initialWeights', () => {
  it('makes every weight of the spec, each of its shape, the same for the same seed and other ones for another', () => {
    expect(weights.map(({ name, shape }) => ({ name, shape }))).toEqual(weightShapes(SPEC));
    for (const { shape, values: v } of weights) expect(v).toHaveLength(shape.reduce((a, b) => a * b, 1));
    expect(initialWeights(SPEC, COUNTS, createRng(1))).toEqual(weights);
    const other = initialWeights(SPEC, COUNTS, createRng(2));
    for (const name of ['words', 'shapes', 'lstm0.w', 'lstm1.w', 'output.w'])
      expect(other.find((weight) => weight.name === name)?.values).not.toEqual(values(name));
  });

  it('draws word embeddings with standard deviation 1 / sqrt(width)', () => {
    const words = values('words');
    const variance = words.reduce((sum, x) => sum + x * x, 0) / words.length;
    expect(variance * 20).toBeCloseTo(1, 1);
  });

  it('starts the forget gate at 1, other gates at 0, and the output at the smoothed log priors', () => {
    const gate = [...new Array<number>(7).fill(0), ...new Array<number>(7).fill(1), ...new Array<number>(14).fill(0)];
    expect([...values('lstm0.b')]).toEqual([...gate, ...gate]);
    const priors = Array.from(values('output.b'), Math.exp);
    [901 / 1002, 100 / 1002, 1 / 1002].forEach((prior, i) => expect(priors[i]).toBeCloseTo(prior, 6));
  });

  it('makes every recurrent block orthogonal, and no two of them alike', () => {
    const { hidden: H } = SPEC;
    const w = values('lstm1.w'); // (2, 2H+H, 4H)
    const blocks: number[][][] = [];
    for (let d = 0; d < 2; d++) {
      for (let gate = 0; gate < 4; gate++) {
        const row = (i: number): number[] => {
          const at = (d * 3 * H + 2 * H + i) * 4 * H + gate * H;
          return Array.from(w.subarray(at, at + H));
        };
        blocks.push(Array.from({ length: H }, (_, i) => row(i)));
      }
    }
    for (const block of blocks) expectOrthonormal(block, 6);
    expect(new Set(blocks.map(String)).size).toBe(8);
  });
});

describe('orthogonal', () => {
  it('stays orthogonal to double precision at 100 rows', () => {
    expectOrthonormal(
      orthogonal(100, createRng(3)).map((row) => Array.from(row)),
      12,
    );
  });
});

function expectOrthonormal(rows: readonly number[][], digits: number): void {
  rows.forEach((a, i) =>
    rows.forEach((b, j) => {
      expect(a.reduce((sum, x, k) => sum + x * b[k], 0)).toBeCloseTo(i === j ? 1 : 0, digits);
    }),
  );
}

describe('weightCount', () => {
  it.each([1, 2, 3, 5])('counts the numbers of all weights: %d layers', (layers) => {
    const spec = { ...SPEC, layers };
    const drawn = initialWeights(spec, COUNTS, createRng(1)).reduce((sum, { values: { length } }) => sum + length, 0);
    expect(weightCount(spec)).toBe(drawn);
  });
});

describe('the output bias', () => {
  it('starts the output bias at 0 where all labels are to be alike, and changes nothing else', () => {
    const zero = initialWeights(SPEC, COUNTS, createRng(1), [], 'zero');
    zero.forEach(({ name, values }, i) => {
      if (name === 'output.b') expect([...values].every((b) => b === 0)).toBe(true);
      else expect(values).toEqual(weights[i].values);
    });
    expect(weights.find(({ name }) => name === 'output.b')?.values.some((b) => b < 0)).toBe(true);
  });
});
