import fc from 'fast-check';
import { entityJudge, type PathScores } from '../../src/heads';
import { createRng } from '../../src/rng';
import { type Chunk, chunksOf } from '../../src/schemes';
import { normals, rowsOf, stepSizesOf } from '../kernels/packed';

/** Every chunk that a sentence of that length may hold. */
const allChunks = (types: readonly string[], length: number): Chunk[] =>
  types.flatMap((type) =>
    Array.from({ length }, (_, start) =>
      Array.from({ length: length - start }, (__, k) => ({ type, start, end: start + k + 1 })),
    ).flat(),
  );

/** Every sequence of labels with its score, in doubles. */
function* sequences(
  emissions: readonly (readonly number[])[],
  { start, transitions, end }: PathScores,
): Generator<[ids: number[], score: number]> {
  const C = start.length;
  const n = emissions.length;
  for (let k = 0; k < C ** n; k++) {
    const ids = emissions.map((_, t) => Math.floor(k / C ** t) % C);
    let score = start[ids[0]] + end[ids[n - 1]];
    ids.forEach((id, t) => {
      score += emissions[t][id] + (t > 0 ? transitions[ids[t - 1] * C + id] : 0);
    });
    yield [ids, score];
  }
}

/** The share of the sequences that conlleval reads the chunk in, one by one. */
function bruteForce(
  labels: readonly string[],
  emissions: readonly (readonly number[])[],
  path: PathScores,
): (chunk: Chunk) => number {
  const all = [...sequences(emissions, path)];
  const most = Math.max(...all.map(([, score]) => score));
  const total = all.reduce((sum, [, score]) => sum + Math.exp(score - most), 0);
  const key = ({ type, start, end }: Chunk): string => `${type}|${start}|${end}`;
  const mass = new Map<string, number>();
  for (const [ids, score] of all)
    for (const chunk of chunksOf(ids.map((id) => labels[id])))
      mass.set(key(chunk), (mass.get(key(chunk)) ?? 0) + Math.exp(score - most) / total);
  return (chunk) => mass.get(key(chunk)) ?? 0;
}

const LABELS = [
  ['O', 'B-X', 'I-X', 'B-Y', 'I-Y'],
  ['O', 'I-X', 'I-Y'], // IO, or a file that begins none with B-
  ['B-X', 'I-X', 'I-Y'], // none outside
  ['O', 'B-X', 'I-Y'],
  ['O', 'B', 'I'], // of no type
  ['O', 'B-X', 'I-X', 'B-a-b', 'I-a-b'],
];

const zeros = (C: number): PathScores => ({
  start: new Float32Array(C),
  transitions: new Float32Array(C * C),
  end: new Float32Array(C),
});

describe('the probability of an entity', () => {
  const model = fc.record({
    labels: fc.constantFrom(...LABELS),
    lengths: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
    scale: fc.constantFrom(0.1, 2, 300),
    seed: fc.integer({ min: 0, max: 1e6 }),
  });

  it.each([
    ['a CRF', true],
    ['each token for itself', false],
  ])('is the share of all label sequences that conlleval reads it in: %s', (_, chained) => {
    fc.assert(
      fc.property(model, ({ labels, lengths, scale, seed }) => {
        const rng = createRng(seed);
        const C = labels.length;
        const sorted = [...lengths].sort((a, b) => b - a);
        const stepSizes = stepSizesOf(sorted);
        const emissions = normals(rng, sorted.reduce((a, b) => a + b, 0) * C, scale);
        const path = chained
          ? { start: normals(rng, C, scale), transitions: normals(rng, C * C, scale), end: normals(rng, C, scale) }
          : null;
        const judge = entityJudge(labels, emissions, stepSizes, path);
        const types = [...new Set(labels.filter((label) => label !== 'O').map((label) => label.slice(2)))];
        sorted.forEach((length, b) => {
          const own = rowsOf(stepSizes, b).map((row) => [...emissions.subarray(row * C, row * C + C)]);
          const expected = bruteForce(labels, own, path ?? zeros(C));
          for (const chunk of allChunks([...types, 'none'], length)) {
            expect(Math.abs(judge(b, chunk) - expected(chunk))).toBeLessThan(1e-9);
          }
        });
      }),
      { numRuns: 60 },
    );
  });

  it('is, with transitions of 0, the product over tokens', () => {
    const [labels, rng] = [LABELS[0], createRng(7)];
    const stepSizes = stepSizesOf([40, 12]);
    const emissions = normals(rng, 52 * 5, 3);
    const [chain, tokens] = [zeros(5), null].map((path) => entityJudge(labels, emissions, stepSizes, path));
    for (const chunk of allChunks(['X', 'Y'], 12)) expect(chain(1, chunk)).toBeCloseTo(tokens(1, chunk), 12);
  });

  it('by hand: two tokens, B-X then I-X or not', () => {
    const judge = entityJudge(['O', 'B-X', 'I-X'], new Float32Array(6), stepSizesOf([2]), null);
    // All labels alike, 1/3 each. Opens by B or I, and is not gone on with: 2/3 * 2/3. Both tokens: 2/3 * 1/3. The last alone: B, or I after O: 1/3 + 1/9.
    expect(judge(0, { type: 'X', start: 0, end: 1 })).toBeCloseTo(4 / 9, 12);
    expect(judge(0, { type: 'X', start: 0, end: 2 })).toBeCloseTo(2 / 9, 12);
    expect(judge(0, { type: 'X', start: 1, end: 2 })).toBeCloseTo(4 / 9, 12);
  });
});
