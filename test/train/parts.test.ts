import * as tf from '@tensorflow/tfjs-core';
import { openEngine, type OpenEngine } from '../../src/engine';
import type { Encoded } from '../../src/data/encode';
import type { LossFn } from '../../src/losses/loss';
import { initialWeights } from '../../src/model/init';
import { createTagger, type Tagger } from '../../src/model/tagger';
import { createRng } from '../../src/rng';
import { taggerParts } from '../../src/train/parts';
import { SPEC } from '../model/toy';

let engine: OpenEngine;
let tagger: Tagger;
beforeAll(async () => {
  engine = await openEngine('js');
  tagger = createTagger(SPEC, initialWeights(SPEC, [5, 1, 1], createRng(1)));
});
afterAll(() => {
  tagger.dispose();
  engine.dispose();
});

/** 40 sentences of one word. */
const CORPUS: Encoded = {
  size: 40,
  offsets: Int32Array.from({ length: 41 }, (_, s) => s),
  longest: 1,
  types: Int32Array.from({ length: 40 }, (_, s) => s),
  inputs: new Map([
    ['words', Int32Array.from({ length: 40 }, (_, s) => s % 8)],
    ['shapes', new Int32Array(40)],
  ]),
  labels: new Int32Array(40),
  unknownLabels: [],
  unknownWords: 0,
};

const OPTIONS = {
  batchTokens: 4,
  warmupEpochs: 0,
  wordDropout: 0,
  ema: 0,
  clipNorm: 5,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
};

/** A loss that says when it is asked; `times` makes it what it is not. */
const told =
  (name: string, asked: string[], times = 1): LossFn =>
  (logits) => {
    asked.push(name);
    return tf.mul(tf.sum(logits), times);
  };

function partsWith(warmupEpochs: number, asked: string[], times = 1) {
  const check = () => ({ score: 0, onlyOutside: false });
  const losses = [told('loss', asked, times), told('warmup', asked)] as const;
  return taggerParts(tagger, ...losses, CORPUS, check, { ...OPTIONS, warmupEpochs }, createRng(1));
}

describe('the parts of training', () => {
  it.each([0, 1, 2])('train %d epochs with the warmup loss, and every later one with the loss', (warmup) => {
    const asked: string[] = [];
    const parts = partsWith(warmup, asked);
    for (let epoch = 1; epoch <= 4; epoch++) parts.step(parts.batches(epoch)[0], epoch, 1e-3);
    parts.dispose();
    expect(asked).toEqual([1, 2, 3, 4].map((epoch) => (epoch <= warmup ? 'warmup' : 'loss')));
  });

  it('tell the loss which epoch it is, from 1', () => {
    const epochs: (number | undefined)[] = [];
    const loss: LossFn = (logits, { epoch }) => {
      epochs.push(epoch);
      return tf.sum(logits);
    };
    const check = () => ({ score: 0, onlyOutside: false });
    const parts = taggerParts(tagger, loss, loss, CORPUS, check, { ...OPTIONS, warmupEpochs: 1 }, createRng(1));
    for (let epoch = 1; epoch <= 3; epoch++) parts.step(parts.batches(epoch)[0], epoch, 1e-3);
    parts.dispose();
    expect(epochs).toEqual([1, 2, 3]);
  });

  it('mix the sentences anew in every epoch, and each epoch in one way', () => {
    const parts = partsWith(0, []);
    const order = (epoch: number): string => parts.batches(epoch).map((batch) => batch.join()).join(' '); // prettier-ignore
    expect(new Set([1, 2, 3].map(order)).size).toBe(3);
    expect(order(2)).toBe(order(2));
    parts.dispose();
  });

  it('say which checkpoints there are when training breaks down', () => {
    const parts = partsWith(2, [], NaN);
    const broken = (epoch: number): unknown => {
      try {
        return parts.step(parts.batches(epoch)[0], epoch, 1e-3);
      } catch (error) {
        return error;
      }
    };
    parts.step(parts.batches(1)[0], 1, 1e-3);
    parts.keep();
    parts.step(parts.batches(2)[0], 2, 1e-3);
    expect(broken(3)).toMatchObject({
      exitCode: 3,
      message: expect.stringMatching(/^training broke down in epoch 3: loss NaN/) as string,
      note: expect.stringContaining('no weight was changed by that batch; best.ckpt holds epoch 1;') as string,
    });
    parts.dispose();
    const first = partsWith(0, [], NaN);
    const breakDown = (): unknown => first.step(first.batches(1)[0], 1, 1e-3);
    const note = expect.stringContaining('no epoch was finished, so there is no best.ckpt') as string;
    expect(breakDown).toThrow(expect.objectContaining({ note }) as Error);
    first.dispose();
  });
});
