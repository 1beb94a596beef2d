import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { Handle, TensorFlowBackend } from '../../src/engine/tensorflow/binding';
import { chooseRecurrence } from '../../src/engine/tensorflow/choose';
import { CUDNN } from '../../src/engine/tensorflow/cudnn';
import { Handles } from '../../src/engine/tensorflow/handles';
import { layoutsOf } from '../../src/engine/tensorflow/layout';
import { BLOCK, type Recurrence } from '../../src/engine/tensorflow/lstm';
import { OPS } from '../../src/kernels';
import { eachEngine } from './each';
import { rowsOf, stepSizesOf } from '../kernels/packed';

/*
 * No GPU is needed here: TensorFlow's two ops are played, by the TypeScript kernels from what TensorFlow and cuDNN document of
 * their inputs and outputs (batch-major, lengths, flat weights, zeros in padding), and by what cuDNN itself gave on a GPU.
 */

/** Order of the gates in the flat weights, as places in ours (I F C O). */
type Gates = readonly number[];
const DOCUMENTED: Gates = [0, 1, 2, 3];

interface Problem {
  readonly dims: Record<'N' | 'I' | 'H' | 'D', number>;
  readonly stepSizes: Int32Array;
  readonly x: Float32Array;
  readonly w: Float32Array;
  readonly b: Float32Array;
  /** Takes rows from (B, T, width) to packed (N, width), and back with zeros in padding. */
  readonly pack: (padded: ArrayLike<number>, width: number) => Float32Array;
  readonly unpack: (rows: ArrayLike<number>, width: number) => Float32Array;
}

/** The inputs of CudnnRNNV3 as one direction of our LSTM. */
function problem(values: ArrayLike<number>[], [size, steps, inputs]: number[], units: number, gates: Gates): Problem {
  const [padded, , , params, lengths] = values;
  const stepSizes = stepSizesOf(Array.from(lengths));
  const rows = stepSizes.reduce((a, b) => a + b, 0);
  const move = (from: ArrayLike<number>, to: Float32Array, width: number, toPadded: boolean): Float32Array => {
    for (let b = 0; b < size; b++)
      rowsOf(stepSizes, b).forEach((row, t) => {
        const [place, packed] = [(b * steps + t) * width, row * width];
        for (let j = 0; j < width; j++) to[(toPadded ? place : packed) + j] = from[(toPadded ? packed : place) + j];
      });
    return to;
  };
  const pack = (from: ArrayLike<number>, width: number): Float32Array =>
    move(from, new Float32Array(rows * width), width, false);
  const unpack = (from: ArrayLike<number>, width: number): Float32Array =>
    move(from, new Float32Array(size * steps * width), width, true);

  const [w, b] = [new Float32Array((inputs + units) * 4 * units), new Float32Array(4 * units)];
  each(inputs, units, gates, (at, kind, row, column) => {
    if (kind === 'w') w[row * 4 * units + column] = params[at];
    else b[column] += params[at];
  });
  const dims = { N: rows, I: inputs, H: units, D: 1 };
  return { dims, stepSizes, x: pack(padded, inputs), w, b, pack, unpack };
}

/** Walks the flat weights: (H, I) of each gate, (H, H) of each gate, four biases of the input, four of the state. */
function each(
  inputs: number,
  units: number,
  gates: Gates,
  visit: (at: number, kind: 'w' | 'b', row: number, column: number) => void,
): void {
  let at = 0;
  for (const [first, width] of [
    [0, inputs],
    [inputs, units],
  ])
    for (const gate of gates)
      for (let j = 0; j < units; j++) for (let i = 0; i < width; i++) visit(at++, 'w', first + i, gate * units + j);
  for (let half = 0; half < 2; half++)
    for (const gate of gates) for (let j = 0; j < units; j++) visit(at++, 'b', 0, gate * units + j);
}

/** The two cuDNN ops are answered in place of TensorFlow; all others are its own. */
function answerCudnn(answer: (tf: Handles, ...asked: Parameters<Handles['ops']>) => Handle[]): jest.SpyInstance {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called on its own object below
  const real = Handles.prototype.ops;
  return jest.spyOn(Handles.prototype, 'ops').mockImplementation(function (this: Handles, ...asked) {
    return asked[0].startsWith('CudnnRNN') ? answer(this, ...asked) : real.call(this, ...asked);
  });
}

/** Handles whose two cuDNN ops are played. */
function playCudnn(backend: TensorFlowBackend, gates: Gates): jest.SpyInstance {
  const read = ({ id }: Handle): ArrayLike<number> => backend.binding.tensorDataSync(id);
  return answerCudnn((tf, name, inputs, count, attrs) => {
    const named = Object.fromEntries((attrs ?? []).map((attr) => [attr.name, attr.value]));
    expect(named).toMatchObject({ rnn_mode: 'lstm', direction: 'unidirectional', time_major: false, num_proj: 0 });
    const [size, steps, width] = inputs[0].shape;
    const units = inputs[1].shape[2];
    expect(inputs[1].shape).toEqual([size, 1, units]);
    expect(inputs[2].shape).toEqual([size, 1, units]);
    expect(inputs[3].shape).toEqual([4 * units * (width + units + 2)]);
    const { dims, stepSizes, x, w, b, pack, unpack } = problem(inputs.map(read), inputs[0].shape, units, gates);
    const { forward, gradient } = OPS.lstm;
    const all = { ...dims, T: stepSizes.length };
    const { h, reserve } = forward.body({ x, w, b, stepSizes }, all, { training: 1 });
    if (name === 'CudnnRNNV3') {
      expect(count).toBe(5);
      const state = (): Handle => tf.zeros(size, 1, units);
      return [tf.floats(unpack(h, units), [size, steps, units]), state(), state(), tf.zeros(9), tf.zeros(2)];
    }
    expect([name, inputs.length, count]).toEqual(['CudnnRNNBackpropV3', 13, 4]);
    const dh = pack(read(inputs[8]), units);
    const { dx, dw, db } = gradient.body({ x, w, stepSizes, h, reserve, dh }, all, { training: 1 });
    const flat = new Float32Array(inputs[3].shape[0]);
    each(width, units, gates, (at, kind, row, column) => {
      flat[at] = kind === 'w' ? dw[row * 4 * units + column] : db[column];
    });
    const dInput = tf.floats(unpack(dx, width), [size, steps, width]);
    return [dInput, tf.zeros(size, 1, units), tf.zeros(size, 1, units), tf.floats(flat)];
  });
}

/** What `cudnn.cc` printed on a GPU, nine digits of each float. */
interface Recorded {
  readonly size: number;
  readonly steps: number;
  readonly inputs: number;
  readonly units: number;
  readonly lengths: readonly number[];
  /** (I+H, 4H), gates i f c o */
  readonly w: readonly number[];
  readonly b: readonly number[];
  /** (B, T, I), and as it came out */
  readonly x: readonly number[];
  readonly dx: readonly number[];
  /** (B, T, H): gradient given, and output */
  readonly dy: readonly number[];
  readonly y: readonly number[];
  /** Weights as they lie in cuDNN, by its own word, and their gradient. */
  readonly params: readonly number[];
  readonly dParams: readonly number[];
}
const recorded = JSON.parse(readFileSync(join(__dirname, 'cudnn.json'), 'utf8'), (_, value: unknown) =>
  typeof value === 'number' ? Math.fround(value) : value,
) as Recorded;

/** Handles whose two cuDNN ops answer what cuDNN answered, once it is shown that they are asked what cuDNN was asked. */
function replayCudnn(backend: TensorFlowBackend): jest.SpyInstance {
  const { size, steps, inputs: width, units, lengths, params, x, y, dx, dy, dParams } = recorded;
  const read = ({ id }: Handle): number[] => Array.from(backend.binding.tensorDataSync(id));
  return answerCudnn((tf, name, inputs) => {
    expect(read(inputs[0]).filter((_, i) => isReal(i, width))).toEqual(x.filter((_, i) => isReal(i, width)));
    expect(read(inputs[3])).toEqual(params);
    expect(read(inputs[4])).toEqual(lengths);
    for (const state of [1, 2]) expect(read(inputs[state])).toEqual(Array<number>(size * units).fill(0));
    const floats = (values: readonly number[], ...shape: number[]): Handle =>
      tf.floats(Float32Array.from(values), shape);
    const state = (): Handle => tf.zeros(size, 1, units);
    if (name === 'CudnnRNNV3') return [floats(y, size, steps, units), state(), state(), tf.zeros(9), tf.zeros(2)];
    expect(read(inputs[5])).toEqual(y);
    expect(read(inputs[8])).toEqual(dy);
    return [floats(dx, size, steps, width), state(), state(), floats(dParams, dParams.length)];
  });
}

/** An element of a padded (B, T, width) belongs to a token. */
function isReal(at: number, width: number): boolean {
  const { steps, lengths } = recorded;
  return Math.floor(at / width) % steps < lengths[Math.floor(at / (width * steps))];
}

const block: Parameters<typeof eachEngine>[1] = (test) => {
  const backend = (): TensorFlowBackend => tf.backend() as unknown as TensorFlowBackend;
  afterEach(() => jest.restoreAllMocks());

  const asks = (direction: 0 | 1): void => {
    const { size, steps, inputs, units, lengths, w, b, x, dy } = recorded;
    const layout = layoutsOf(stepSizesOf(lengths))[direction];
    const handles = new Handles(backend());
    const floats = (values: readonly number[], ...shape: number[]): Handle =>
      handles.floats(Float32Array.from(values), shape);
    /** Rows of the packed batch, (N, width), of (B, T, width). */
    const packed = (padded: readonly number[], width: number): Handle => {
      const places = Array.from(layout.placeOf, (at) => (at % size) * steps + Math.floor(at / size));
      return floats(
        places.flatMap((at) => padded.slice(at * width, (at + 1) * width)),
        layout.rows,
        width,
      );
    };
    const run = (recurrence: Recurrence): number[][] => {
      const widths = { inputs, units };
      const given = [packed(x, inputs), floats(w, inputs + units, 4 * units), floats(b, 4 * units)] as const;
      const { h, reserve } = recurrence.forward(handles, layout, widths, ...given, true);
      const [rows, weights] = given;
      const { dx, dw, db } = recurrence.backward(handles, layout, widths, rows, weights, h, reserve, packed(dy, units));
      return [h, dx, dw, db].map(({ id }) => Array.from(backend().binding.tensorDataSync(id)));
    };
    try {
      const ours = run(BLOCK);
      const replay = replayCudnn(backend());
      const theirs = run(CUDNN);
      expect(replay.mock.calls.filter(([name]) => String(name).startsWith('CudnnRNN'))).toHaveLength(2);
      theirs.forEach((values, i) => {
        expect(values).toHaveLength(ours[i].length);
        values.forEach((value, j) => expect(Math.abs(value - ours[i][j])).toBeLessThan(1e-6));
      });
      expect(theirs.map((values) => Math.max(...values.map(Math.abs)) > 0.1)).toEqual([true, true, true, true]);
    } finally {
      handles.close();
    }
  };
  const how = 'asks cuDNN what was asked on a GPU, and reads its answer as BlockLSTM gives it';
  test(how, () => asks(0));
  test(`${how}, in the backward direction`, () => asks(1));

  test('gives the numbers of BlockLSTM, forward and backward, on ops that keep to the documents', () => {
    playCudnn(backend(), DOCUMENTED);
    expect(chooseRecurrence(backend())).toEqual({ recurrence: CUDNN, what: 'cuDNN' });
  });

  test('is not used when its numbers differ', () => {
    playCudnn(backend(), [1, 0, 2, 3]);
    const { recurrence, what } = chooseRecurrence(backend());
    expect(recurrence).toBe(BLOCK);
    expect(what).toMatch(/^BlockLSTMV2 \(cuDNN differs from it by \d/);
  });

  test('is not used when it refuses, and leaves no handle behind', () => {
    const before = backend().getNumOfTFTensors();
    jest.spyOn(Handles.prototype, 'ops').mockImplementation((name) => {
      throw new Error(`no kernel for ${name}`);
    });
    const { recurrence, what } = chooseRecurrence(backend());
    expect(recurrence).toBe(BLOCK);
    expect(what).toMatch(/^BlockLSTMV2 \(cuDNN refuses: no kernel for /);
    expect(backend().getNumOfTFTensors()).toBe(before);
  });
};
eachEngine('the LSTM by cuDNN', block, ['tensorflow']);
