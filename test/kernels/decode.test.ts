import * as tf from '@tensorflow/tfjs-core';
import { type Decoding, decodePacked, decodingOf } from '../../src/heads';
import { allowedPath, type PathScores } from '../../src/heads/decoding';
import { decode } from '../../src/kernels';
import { createRng, type Rng } from '../../src/rng';
import { eachEngine } from '../engine/each';
import golden from '../fixtures/crf.json';
import { rowsOf, stepSizesOf } from './packed';

/** Labels of each sentence, by the op of the engine that is open. Emissions are sentence by sentence, longest first. */
function decoded(emissions: readonly (readonly (readonly number[])[])[], decoding: Decoding, path: PathScores | null) {
  const C = emissions[0][0].length;
  const stepSizes = stepSizesOf(emissions.map(({ length }) => length));
  const packed = new Float32Array(C * emissions.flat().length);
  emissions.forEach((sentence, b) => rowsOf(stepSizes, b).forEach((row, t) => packed.set(sentence[t], row * C)));
  const { start, transitions, end } = allowedPath(decoding, C, path);
  const { outside, outsideBias: bias } = decoding;
  const dims = { N: packed.length / C, C, T: stepSizes.length };
  const ids = decode(
    {
      emissions: tf.tensor2d(packed, [dims.N, C]),
      transitions: tf.tensor2d(transitions, [C, C]),
      start: tf.tensor1d(start),
      end: tf.tensor1d(end),
      stepSizes: tf.tensor1d(stepSizes, 'int32'),
    },
    { outside, bias },
  ).dataSync<'int32'>();
  return {
    ids: emissions.map((_, b) => rowsOf(stepSizes, b).map((row) => ids[row])),
    all: [...ids],
    reference: [...decodePacked(packed, C, stepSizes, decoding, path)],
  };
}

const LABELS = ['O', 'B-X', 'I-X', 'B-Y'];
const how = (method: 'valid' | 'argmax', outsideBias = 0, labels = LABELS): Decoding =>
  decodingOf({ method, outsideBias }, labels, 'iob2');

/** Emissions of so many tokens, few values so that ties are common, or none like another. */
const drawn = (rng: Rng, tokens: number, C: number, coarse: boolean): number[][] =>
  Array.from({ length: tokens }, () => Array.from({ length: C }, () => (coarse ? rng.int(5) - 2 : 4 * rng.normal())));

eachEngine('decoding', (test) => {
  const path = { start: golden.start, transitions: golden.transitions.flat(), end: golden.end };
  const emissions = golden.sequences.map((sequence) => sequence.emissions);

  test('finds the best sequences of the reference values, of all and of those that are valid', () => {
    expect(decoded(emissions, how('argmax'), path).ids).toEqual(golden.sequences.map(({ viterbi }) => viterbi));
    // by the same program, with -1e4 where IOB2 forbids
    expect(decoded(emissions, how('valid'), path).ids).toEqual([
      [1, 1, 1, 1, 2],
      [1, 1, 1],
    ]);
    expect(decoded(emissions, how('valid'), null).ids).toEqual([
      [1, 2, 0, 1, 2],
      [3, 3, 1],
    ]);
    expect(decoded(emissions, how('argmax'), null).ids).toEqual([
      [1, 2, 0, 3, 2],
      [2, 3, 1],
    ]);
  });

  test('is the reference to the bit, ties and all: label sets on both sides of every vector width, with and without scores', () => {
    const rng = createRng(1, 'decode');
    for (const C of [2, 3, 5, 8, 9, 13, 16, 17, 25, 33]) {
      const names = Array.from({ length: C }, (_, i) => (i === 0 ? 'O' : `${i % 2 ? 'B' : 'I'}-${(i + 1) >> 1}`));
      for (const coarse of [true, false]) {
        const lengths = [70, 31, 9, 9, 2, 1, 1];
        const sentences = lengths.map((length) => drawn(rng, length, C, coarse));
        const numbers = (length: number): number[] => drawn(rng, 1, length, coarse).flat();
        const scores = { start: numbers(C), transitions: numbers(C * C), end: numbers(C) };
        for (const method of ['valid', 'argmax'] as const)
          for (const of of [scores, null])
            for (const bias of [0, -0.5, 1e-9]) {
              const { all, reference } = decoded(sentences, how(method, bias, names), of);
              expect(all).toEqual(reference);
            }
      }
    }
  });

  test('takes the lower label on a tie, at the last token where sequences differ', () => {
    const same = Array.from({ length: 4 }, () => [0, 0, 0, 0]);
    const zero = { start: [0, 0, 0, 0], transitions: new Array<number>(16).fill(0), end: [0, 0, 0, 0] };
    expect(decoded([same], how('argmax'), zero).ids).toEqual([[0, 0, 0, 0]]);
    expect(decoded([same], how('argmax'), { ...zero, end: [0, 1, 1, 0] }).ids).toEqual([[0, 0, 0, 1]]);
    expect(decoded([same], how('valid'), { ...zero, end: [0, 0, 1, 0] }).ids).toEqual([[0, 0, 1, 2]]);
  });

  test('keeps the last digits of long sentences', () => {
    // 0.001 decides at the end of sums of a million
    const long = Array.from({ length: 1000 }, (_, t) => (t === 999 ? [1000, 1000.001, 0, 0] : [1000, 0, 0, 0]));
    const { ids } = decoded([long], how('argmax'), { ...path, transitions: new Array<number>(16).fill(0), end: [0, 0, 0, 0] }); // prettier-ignore
    expect(ids[0].at(-1)).toBe(1);
  });

  test('refuses step sizes that are not those of the rows, and a label that is none', () => {
    const inputs = (steps: number[]) => ({
      emissions: tf.zeros<tf.Rank.R2>([3, 2]),
      transitions: tf.zeros<tf.Rank.R2>([2, 2]),
      start: tf.zeros<tf.Rank.R1>([2]),
      end: tf.zeros<tf.Rank.R1>([2]),
      stepSizes: tf.tensor1d(steps, 'int32'),
    });
    expect(() => decode(inputs([2, 2]), { outside: 0, bias: 0 }).dataSync()).toThrow(/stepSizes|emissions/);
    expect(() => decode(inputs([2, 1]), { outside: 2, bias: 0 })).toThrow('does not fit');
    expect(decode(inputs([2, 1]), { outside: -1, bias: 0 }).shape).toEqual([3]);
  });
});
