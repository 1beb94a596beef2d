import fc from 'fast-check';
import { type Decoding, decodePacked, decodeText, decodingOf, type PathScores } from '../../src/heads';
import { chunksOf } from '../../src/schemes';
import { tagsOf } from '../../src/train/predict';
import { rowsOf, stepSizesOf } from '../kernels/packed';

/** Emissions of sentences (n, C), longest first, as a packed batch. */
function packed(sentences: readonly (readonly (readonly number[])[])[]): [Float32Array, Int32Array] {
  const stepSizes = stepSizesOf(sentences.map(({ length }) => length));
  const C = sentences[0][0].length;
  const rows = new Float32Array(sentences.flat().length * C);
  sentences.forEach((sentence, b) => rowsOf(stepSizes, b).forEach((row, t) => rows.set(sentence[t], row * C)));
  return [rows, stepSizes];
}

/** The ids of each sentence. */
function decoded(
  sentences: readonly (readonly (readonly number[])[])[],
  decoding: Decoding,
  scores: PathScores | null = null,
): number[][] {
  const [rows, stepSizes] = packed(sentences);
  const ids = decodePacked(rows, sentences[0][0].length, stepSizes, decoding, scores);
  return sentences.map((_, b) => rowsOf(stepSizes, b).map((row) => ids[row]));
}

const decoding = (labels: readonly string[], method: 'valid' | 'argmax' = 'valid', outsideBias = 0): Decoding =>
  decodingOf({ method, outsideBias }, labels, 'iob2');

/** Is a tag an inside tag that continues nothing? Written for this test alone: conlleval would open a chunk at it. */
const isStray = (tag: string, before: string | undefined): boolean =>
  tag.startsWith('I') && (before === undefined || before === 'O' || before.slice(1) !== tag.slice(1));

/** The best of all sequences, scored one by one; of equals the one with the lower id at the last token where they differ. */
function bruteForce(
  emissions: readonly (readonly number[])[],
  allows: (ids: readonly number[]) => boolean,
  score: (ids: readonly number[]) => number,
): number[] {
  const C = emissions[0].length;
  let all: number[][] = [[]];
  for (let t = 0; t < emissions.length; t++) all = all.flatMap((ids) => emissions[0].map((_, c) => [...ids, c]));
  expect(all).toHaveLength(C ** emissions.length);
  const lower = (a: number[], b: number[]): boolean => {
    const t = a.findLastIndex((id, i) => id !== b[i]);
    return t >= 0 && a[t] < b[t];
  };
  let best: number[] | undefined;
  for (const ids of all.filter(allows)) {
    if (!best || score(ids) > score(best) || (score(ids) === score(best) && lower(ids, best))) best = ids;
  }
  return best ?? [];
}

/** Label sets of up to three types, each with both letters or one, with O or without; in the order of a vocabulary. */
const labelSets = fc
  .tuple(
    fc.boolean(),
    fc.uniqueArray(
      fc.record({ type: fc.constantFrom('', '-X', '-Y', '-a-b'), letters: fc.constantFrom('B', 'I', 'BI') }),
      { minLength: 1, maxLength: 3, selector: ({ type }) => type },
    ),
  )
  .map(([outside, types]) => [
    ...(outside ? ['O'] : []),
    ...types.flatMap(({ type, letters }) => Array.from(letters, (letter) => letter + type)).sort(),
  ]);

/** Sentences of emissions over a label set; few values, so that ties are common. */
const batches = (lengths: number, values: fc.Arbitrary<number>) =>
  labelSets.chain((labels) =>
    fc.record({
      labels: fc.constant(labels),
      sentences: fc
        .array(
          fc.array(fc.array(values, { minLength: labels.length, maxLength: labels.length }), {
            minLength: 1,
            maxLength: lengths,
          }),
          { minLength: 1, maxLength: 4 },
        )
        .map((sentences) => sentences.sort((a, b) => b.length - a.length)),
      bias: fc.constantFrom(0, 0.5, -1, 3),
    }),
  );

const numbers = fc.integer({ min: -2, max: 2 });

describe('valid sequences', () => {
  it('are the best of all by brute force, the lower id on a tie', () => {
    fc.assert(
      fc.property(batches(4, numbers), ({ labels, sentences, bias }) => {
        const how = decoding(labels, 'valid', bias);
        const isFree = (tag: string): boolean => !labels.includes(`B${tag.slice(1)}`);
        const allows = (ids: readonly number[]): boolean =>
          ids.every((id, t) => isFree(labels[id]) || !isStray(labels[id], t > 0 ? labels[ids[t - 1]] : undefined));
        decoded(sentences, how).forEach((ids, b) => {
          const score = (path: readonly number[]): number =>
            path.reduce((sum, id, t) => sum + sentences[b][t][id] + (labels[id] === 'O' ? bias : 0), 0);
          expect(ids).toEqual(bruteForce(sentences[b], allows, score));
        });
      }),
      { numRuns: 150 },
    );
  });

  it('are found with transition scores too, and all sequences where none is forbidden', () => {
    const scores = (C: number) => {
      const values = (length: number) => fc.array(numbers, { minLength: length, maxLength: length });
      return fc.record({ start: values(C), transitions: values(C * C), end: values(C) });
    };
    fc.assert(
      fc.property(
        batches(4, numbers).chain((batch) => fc.tuple(fc.constant(batch), scores(batch.labels.length), fc.boolean())),
        ([{ labels, sentences, bias }, path, free]) => {
          const how = decoding(labels, free ? 'argmax' : 'valid', bias);
          const { start, after } = how.allowed ?? {};
          const C = labels.length;
          const allows = (ids: readonly number[]): boolean =>
            ids.every((id, t) => (t === 0 ? start?.[id] : after?.[ids[t - 1] * C + id]) !== 0);
          decoded(sentences, how, path).forEach((ids, b) => {
            const score = (of: readonly number[]): number =>
              of.reduce(
                (sum, id, t) => {
                  const before = t === 0 ? path.start[id] : path.transitions[of[t - 1] * C + id];
                  return sum + before + sentences[b][t][id] + (labels[id] === 'O' ? bias : 0);
                },
                path.end[of[of.length - 1]],
              );
            expect(ids).toEqual(bruteForce(sentences[b], allows, score));
          });
        },
      ),
      { numRuns: 150 },
    );
  });

  it('are written without a stray inside tag, whatever labels there are, as the chunks that conlleval reads in them', () => {
    fc.assert(
      fc.property(batches(12, fc.double({ min: -9, max: 9, noNaN: true })), ({ labels, sentences, bias }) => {
        const how = decoding(labels, 'valid', bias);
        const ids = decoded(sentences, how);
        const offsets = Int32Array.from([0, ...ids.map((_, s) => ids.slice(0, s + 1).flat().length)]);
        const tags = tagsOf({ offsets, ids: Int32Array.from(ids.flat()) }, labels, how);
        tags.forEach((written, s) => {
          expect(written.filter((tag, t) => isStray(tag, written[t - 1]))).toEqual([]);
          expect(chunksOf(written)).toEqual(chunksOf(ids[s].map((id) => labels[id])));
        });
      }),
      { numRuns: 300 },
    );
  });

  it('are what argmax says wherever that is valid, in sentences of any length', () => {
    const labels = ['O', 'B-X', 'B-Y', 'I-X', 'I-Y'];
    const emissions = fc.array(fc.array(numbers, { minLength: 5, maxLength: 5 }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(emissions, (sentence) => {
        const [free] = decoded([sentence], decoding(labels, 'argmax'));
        expect(free).toEqual(sentence.map((row) => row.indexOf(Math.max(...row))));
        const tags = free.map((id) => labels[id]);
        const [valid] = decoded([sentence], decoding(labels));
        const isValid = !tags.some((tag, t) => isStray(tag, tags[t - 1]));
        expect(valid.join() === free.join()).toBe(isValid);
      }),
    );
  });
});

describe('a type that training has no begin label of', () => {
  const labels = ['O', 'B-X', 'I-X', 'I-Y'];
  const X = [0, 9, 0, 0];
  const Y = [0, 0, 0, 9];
  it('keeps its chunks, which are written with one', () => {
    const how = decoding(labels);
    const [ids] = decoded([[Y, Y, X, Y]], how);
    expect(ids).toEqual([3, 3, 1, 3]);
    const all = { offsets: Int32Array.of(0, 4, 5), ids: Int32Array.of(...ids, 3) };
    expect(tagsOf(all, labels, how)).toEqual([['B-Y', 'I-Y', 'B-X', 'B-Y'], ['B-Y']]);
    expect(tagsOf(all, labels, decoding(labels, 'argmax'))).toEqual([['I-Y', 'I-Y', 'B-X', 'I-Y'], ['I-Y']]);
  });
});

describe('where the scheme rules out nothing', () => {
  it('every label may stand everywhere: IO, plain tags, argmax', () => {
    const settings = { method: 'valid', outsideBias: 0 } as const;
    expect(decodingOf(settings, ['O', 'I-X', 'I-Y'], 'io').allowed).toBeNull();
    expect(decodingOf(settings, ['DET', 'I-X', 'O'], 'plain')).toMatchObject({ allowed: null, outside: -1 });
    expect(decodingOf({ ...settings, method: 'argmax' }, ['O', 'B-X', 'I-X'], 'iob2').allowed).toBeNull();
    expect(decodingOf(settings, ['O', 'B-X', 'B-Y'], 'iob2').allowed).toBeNull();
  });
});

describe('a bias of the outside label', () => {
  it('moves tokens to it and away from it', () => {
    const sentence = [
      [0, 1, -5],
      [1, -5, 0.5],
    ];
    const at = (bias: number): number[] => decoded([sentence], decoding(['O', 'B-X', 'I-X'], 'valid', bias))[0];
    expect(at(0)).toEqual([1, 0]);
    expect(at(1.5)).toEqual([0, 0]);
    expect(at(-0.75)).toEqual([1, 2]);
  });

  it('stands in the signature beside the method', () => {
    expect([0, 0.25, -1].map((outsideBias) => decodeText({ method: 'valid', outsideBias }))).toEqual([
      'valid',
      'valid,outside+0.25',
      'valid,outside-1',
    ]);
  });
});

/** Computed outside this project with PyTorch 2.13 in double precision, and by brute force over all paths. */
describe('reference sequences', () => {
  const EMISSIONS = [
    [
      [-0.7842, 1.0315, -1.1703, -1.2035],
      [0.5278, 0.5384, 1.1123, -0.7012],
      [1.7394, 0.56, -0.0434, 1.0946],
      [0.0447, -0.2626, 0.7777, 1.2139],
      [-1.0597, -1.9047, 0.6416, -1.8854],
    ],
    [
      [-0.5093, 0.2018, 1.3687, 0.3852],
      [-2.0651, 0.5798, -1.7677, 0.6419],
      [0.4829, 1.1083, 0.582, 0.6164],
    ],
  ];
  const SCORES: PathScores = {
    start: [-1.1309, 0.3749, 1.262, 0.3892],
    transitions: [
      [-0.7972, -2.4624, 1.7325, 0.4014],
      [-1.214, 1.2802, 0.2289, -0.2134],
      [-1.2049, -0.1815, -1.2656, -0.94],
      [0.6961, -0.0045, -1.464, -1.9223],
    ].flat(),
    end: [-0.6982, 1.6663, 0.6998, -1.1588],
  };
  const LABELS = ['O', 'B-X', 'I-X', 'B-Y'];

  it.each([
    [
      'argmax',
      null,
      [
        [1, 2, 0, 3, 2],
        [2, 3, 1],
      ],
    ],
    [
      'valid',
      null,
      [
        [1, 2, 0, 1, 2],
        [3, 3, 1],
      ],
    ],
    [
      'argmax',
      SCORES,
      [
        [1, 1, 3, 0, 2],
        [2, 1, 1],
      ],
    ],
    [
      'valid',
      SCORES,
      [
        [1, 1, 1, 1, 2],
        [1, 1, 1],
      ],
    ],
  ] as const)('%s, scores %j', (method, scores, expected) => {
    expect(decoded(EMISSIONS, decoding(LABELS, method), scores)).toEqual(expected);
  });

  it('have the log-probability of the reference', () => {
    const logP = (row: readonly number[], id: number): number =>
      row[id] - Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0));
    const found = decoded(EMISSIONS, decoding(LABELS)).map((ids, b) =>
      ids.reduce((sum, id, t) => sum + logP(EMISSIONS[b][t], id), 0),
    );
    expect(found[0]).toBeCloseTo(-4.39306420501668, 12);
    expect(found[1]).toBeCloseTo(-3.339482702877722, 12);
  });
});
