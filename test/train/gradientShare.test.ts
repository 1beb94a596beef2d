import * as tf from '@tensorflow/tfjs-core';
import { openEngine } from '../../src/engine';
import { type Head, HEADS } from '../../src/heads';
import { createLoss, LOSSES, parseLossParams } from '../../src/losses';
import type { Tagger } from '../../src/model/tagger';
import type { GradientShares } from '../../src/train/events';
import { addBatch, createGradientMeter } from '../../src/train/gradientShare';
import type { TrainEvent } from '../../src/train/events';
import { rowsTarget } from '../losses/target';

const context = { labels: ['O', 'B-A', 'B-B'], counts: [8, 1, 1], outside: 0 };
const epoch: TrainEvent = {
  kind: 'epoch',
  epoch: 1,
  trainLoss: 1,
  devScore: 0,
  learningRate: 1,
  isBest: true,
  seconds: 1,
  tokensPerSecond: 1,
};

/** Value and gradient of a loss at these logits, and what the meter saw. */
async function measure(name: string, logits: number[][], gold: number[], on = true, of: Head = HEADS.softmax) {
  const engine = await openEngine('js');
  const meter = createGradientMeter(on, context);
  const loss = await createLoss(name, parseLossParams(name, {}), context);
  const { head } = meter.watch({ head: of } as Tagger);
  const weights = new Map(of.weights(3).map(({ name, shape }) => [name, tf.fill(shape, 0.5)]));
  const x = tf.tensor2d(logits);
  const { value, grads } = tf.engine().gradients(() => head.loss(loss, x, rowsTarget(gold), weights), [x]);
  const result = { value: value.dataSync()[0], gradient: [...grads[0].dataSync()], event: meter.annotate(epoch) };
  engine.dispose();
  return result;
}

const sharesOf = (event: TrainEvent): GradientShares => {
  if (event.kind !== 'epoch' || !event.gradients) throw new Error('the event carries no shares');
  return event.gradients;
};

describe('createGradientMeter', () => {
  // p of the gold labels: 0.95, 0.6, 0.4; |dCE/dlogits|_1 of a token is 2 (1 - p) / N
  const logits = [
    [Math.log(0.95), Math.log(0.03), Math.log(0.02)],
    [Math.log(0.1), Math.log(0.6), Math.log(0.3)],
    [Math.log(0.3), Math.log(0.3), Math.log(0.4)],
  ];

  it('gives the shares by hand for cross-entropy', async () => {
    const shares = sharesOf((await measure('ce', logits, [0, 1, 2])).event);
    const total = 0.05 + 0.4 + 0.6;
    const close = (share: { tokens: number; gradient: number }, gradient: number): void => {
      expect(share.tokens).toBeCloseTo(1 / 3, 12);
      expect(share.gradient).toBeCloseTo(gradient / total, 5);
    };
    close(shares.labels.O, 0.05);
    close(shares.labels['B-A'], 0.4);
    close(shares.labels['B-B'], 0.6);
    close(shares.easy, 0.05);
    close(shares.middle, 0.4);
    close(shares.hard, 0.6);
  });

  it('weighs each batch by the tokens that count in it: a mean over four is four times as strong as it looks', () => {
    const sums = { tokens: new Float64Array(5), gradient: new Float64Array(5) }; // two labels and three levels
    addBatch(sums, [0.5, -0.5], [0, 0], [0]); // one token: 1 * 1
    addBatch(sums, [0.25, -0.25, 0.5, -0.5, 9, 9, 0, 0, 1, 0], Array<number>(10).fill(0), [0, 1, -1, 0, 1]); // four: 4 * (0.5 | 1 | 0 | 1)
    expect([...sums.tokens.subarray(0, 2)]).toEqual([3, 2]);
    expect([...sums.gradient.subarray(0, 2)]).toEqual([1 + 4 * 0.5, 4 * 1 + 4 * 1]);
  });

  it('leaves ignored rows out', async () => {
    const shares = sharesOf((await measure('ce', logits, [0, -1, 2])).event);
    expect(shares.labels['B-A']).toEqual({ tokens: 0, gradient: 0 });
    expect(shares.easy.tokens).toBeCloseTo(0.5, 12);
    expect(shares.easy.gradient).toBeCloseTo(0.05 / 0.65, 5);
  });

  const each = Object.keys(LOSSES).flatMap((loss) =>
    Object.entries(HEADS).map(([name, head]) => ({ loss, name, head })),
  );
  it.each(each)(
    'changes neither value nor gradient of $loss on $name, and its shares add up',
    async ({ loss, head }) => {
      const plain = await measure(loss, logits, [0, 1, 2], false, head);
      const watched = await measure(loss, logits, [0, 1, 2], true, head);
      expect(watched.value).toBe(plain.value);
      expect(watched.gradient).toEqual(plain.gradient);
      expect(plain.event).toBe(epoch);
      const shares = sharesOf(watched.event);
      const sum = (parts: { gradient: number }[]): number => parts.reduce((all, { gradient }) => all + gradient, 0);
      expect(sum(Object.values(shares.labels))).toBeCloseTo(1, 9);
      expect(sum([shares.easy, shares.middle, shares.hard])).toBeCloseTo(1, 9);
      // by the gradient itself: three labels, so three numbers a token
      const sizes = [0, 1, 2].map((n) => watched.gradient.slice(3 * n, 3 * n + 3).reduce((a, g) => a + Math.abs(g), 0));
      const all = sizes[0] + sizes[1] + sizes[2];
      context.labels.forEach((label, n) => {
        expect(shares.labels[label].gradient).toBeCloseTo(sizes[n] / all, 5);
      });
    },
  );

  it('starts afresh with every epoch', () => {
    const meter = createGradientMeter(true, context);
    expect(sharesOf(meter.annotate(epoch)).easy).toEqual({ tokens: 0, gradient: 0 });
    const step: TrainEvent = { kind: 'warning', code: 'only-outside', message: 'm', advice: 'a' };
    expect(meter.annotate(step)).toBe(step);
  });
});
