import * as tf from '@tensorflow/tfjs-core';
import type { TensorFlowBackend } from '../../src/engine/tensorflow/binding';
import { selfTest } from '../../src/engine/selfTest';
import { registerKernels } from '../../src/engine/tensorflow/kernels';
import { layoutsOf } from '../../src/engine/tensorflow/layout';
import { adam, adamRows, dropout, lstm } from '../../src/kernels';
import { createLoss, parseLossParams } from '../../src/losses';
import { initialWeights } from '../../src/model/init';
import { createTagger } from '../../src/model/tagger';
import { createRng } from '../../src/rng';
import { decodeBatch } from '../../src/train/predict';
import { createTrainer } from '../../src/train/step';
import { rowsOf, stepSizesOf } from '../kernels/packed';
import { ARGMAX, COUNTS, pack, SENTENCES, SPEC } from '../model/toy';
import { eachEngine } from './each';

const ADAM = { rate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, step: 1, scale: 1 };

const handles = (): number => (tf.backend() as unknown as TensorFlowBackend).getNumOfTFTensors();

const block: Parameters<typeof eachEngine>[1] = (test) => {
  test('stay as many, step after step, through two layers, dropout and both kinds of Adam', async () => {
    const spec = { ...SPEC, layers: 2, dropout: 0.3 };
    const tagger = createTagger(spec, initialWeights(spec, COUNTS, createRng(1)));
    const context = { labels: ['O', 'B-X', 'B-Y'], counts: COUNTS, outside: 0 };
    const loss = await createLoss('dsc', parseLossParams('dsc', {}), context);
    const options = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clipNorm: 0.01, wordDropout: 0.1, ema: 0 };
    const trainer = createTrainer(tagger, loss, options, createRng(2));
    const batch = pack(SENTENCES);
    for (let k = 0; k < 2; k++) trainer.step(batch, 0.01);
    const [after, tensors] = [handles(), tf.memory().numTensors];
    for (let k = 0; k < 20; k++) {
      trainer.step(batch, 0.01);
      decodeBatch(tagger, batch, ARGMAX);
    }
    expect(handles()).toBe(after);
    expect(tf.memory().numTensors).toBe(tensors);
    trainer.dispose();
    tagger.dispose();
    expect(handles()).toBeLessThan(after);
  });

  test('are all gone when a kernel refuses its inputs', () => {
    const before = handles();
    const layer = (x: tf.Tensor2D, w: tf.Tensor3D, b: tf.Tensor2D): tf.Tensor =>
      lstm({ x, w, b, stepSizes: tf.tensor1d([3], 'int32') });
    const [x, w, b] = [tf.ones([3, 2]), tf.ones([1, 5, 8]), tf.ones([1, 8])]; // 2 inputs leave 3 units, whose gates want 12 columns
    expect(() => layer(x as tf.Tensor2D, w as tf.Tensor3D, b as tf.Tensor2D)).toThrow();
    const state = { param: tf.ones([3, 2]), m: tf.zeros([3, 2]), v: tf.zeros([3, 2]) };
    expect(() => adam({ ...state, grad: tf.ones([2, 2]) }, ADAM)).toThrow();
    expect(state.param.arraySync()).toEqual(tf.ones([3, 2]).arraySync());
    tf.dispose([x, w, b, state]);
    tf.engine().endScope();
    expect(handles()).toBe(before);
    tf.engine().startScope();
  });

  test('of a tensor updated in place are seen through every tensor that shares its data', () => {
    const param = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    const same = param.clone();
    const zeros = (): tf.Tensor2D => tf.zeros([2, 2]);
    const state = { param, m: zeros(), v: zeros() };
    adam({ ...state, grad: tf.ones([2, 2]) }, ADAM);
    same.dataSync<'float32'>().forEach((value, i) => expect(value).toBeCloseTo(i + 0.9, 5));
    const rows = { rows: tf.tensor1d([1], 'int32'), grad: tf.ones<tf.Rank.R2>([1, 2]) };
    adamRows({ param, m: zeros(), v: zeros(), ...rows }, ADAM);
    expect(same.dataSync()[0]).toBeCloseTo(0.9, 5);
    expect(same.dataSync()[3]).toBeCloseTo(3.8, 5);
  });

  test('are as many as before where kernels run by the reference on the host, which gives its own numbers', () => {
    const backendName = tf.getBackend();
    const own = tf.getKernelsForBackend(backendName).filter(({ kernelName }) => kernelName.startsWith('Dsc'));
    for (const { kernelName } of own) tf.unregisterKernel(kernelName, backendName);
    registerKernels(backendName, {});
    const before = handles();
    const checks = selfTest();
    expect(handles()).toBe(before);
    for (const kernel of own) {
      tf.unregisterKernel(kernel.kernelName, backendName);
      tf.registerKernel(kernel);
    }
    expect(checks.filter(({ error }) => error !== 0)).toEqual([]);
  });

  test('leave a mask as it was drawn when it is asked for again', () => {
    const x = tf.ones([100]);
    const [once, other, again] = [dropout(x, 0.5, 1), dropout(x, 0.5, 2), dropout(x, 0.5, 1)];
    expect([...once.dataSync()]).toEqual([...again.dataSync()]);
    expect([...once.dataSync()]).not.toEqual([...other.dataSync()]);
  });
};
eachEngine('TensorFlow handles', block, ['cuda', 'tensorflow']);

describe('layoutsOf', () => {
  it('walks each sentence from its first token, and backward from its last', () => {
    const lengths = [5, 3, 3, 1];
    const stepSizes = stepSizesOf(lengths);
    const [forward, backward] = layoutsOf(stepSizes);
    lengths.forEach((length, b) => {
      const rows = rowsOf(stepSizes, b);
      for (const [layout, walk] of [
        [forward, rows],
        [backward, [...rows].reverse()],
      ] as const) {
        expect(Array.from({ length: 5 }, (_, t) => layout.padded[t * 4 + b])).toEqual(
          Array.from({ length: 5 }, (_, t) => (t < length ? walk[t] : 12)),
        );
        walk.forEach((row, t) => {
          expect(layout.placeOf[row]).toBe(t * 4 + b);
          expect(layout.previous[row]).toBe(t === 0 ? 12 : walk[t - 1]);
        });
      }
    });
    expect([...forward.lengths]).toEqual(lengths);
  });
});
