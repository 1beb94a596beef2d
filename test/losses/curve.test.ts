import * as tf from '@tensorflow/tfjs-core';
import { openEngine } from '../../src/engine';
import { LOSSES, type LossName, lossSpec, parseLossParams } from '../../src/losses';
import { createCurve, portrait, portraitKey, traceCurve, type Portrait, viewsOf } from '../../src/losses/curve';

beforeAll(() => openEngine('js'));

const of = (name: string, raw: object): Portrait =>
  portrait(createCurve(tf, lossSpec(name), parseLossParams(name, raw)));

describe('portrait', () => {
  it('the k of form gold only rescales the gradient, by 2 + s', () => {
    const [two, one] = [2, 1].map((k) => of('dsc', { square: false, form: 'gold', alpha: 1, smooth: 1, k }));
    expect(one.pStar).toBeCloseTo(two.pStar, 4);
    two.points.forEach(({ gradient }, i) => expect(gradient).toBeCloseTo(3 * one.points[i].gradient, 6));
  });

  it.each(Object.keys(LOSSES) as LossName[])(
    'fades at small probabilities where its row says so, and else not: %s',
    (name) => {
      const { gradient } = of(name, {}).points[0]; // p = 0.001; cross-entropy has 0.999
      if (lossSpec(name).fades) expect(Math.abs(gradient)).toBeLessThan(0.02);
      else expect(Math.abs(gradient)).toBeGreaterThan(0.2);
    },
  );

  it('tells the gradients by hand: p - 1 for cross-entropy, and almost none for DSC at p = 0.001', () => {
    expect(of('ce', {}).points.map(({ gradient }) => Number(gradient.toFixed(5)))).toEqual([-0.999, -0.9, -0.5, -0.1]);
    // d/dp of 1 - (2 g + 1) / (g + 2) is -3 / (g + 2)^2 g', on the logit times p (1 - p); at p = 0.001 that is -0.00075.
    expect(of('dsc', { square: false, form: 'gold', alpha: 0.01, smooth: 1 }).points[0].gradient).toBeCloseTo(
      -0.00075,
      5,
    );
  });

  it.each(Object.keys(LOSSES))('%s: the gradient is the slope of the loss over the logit', (name) => {
    const curve = createCurve(tf, lossSpec(name), parseLossParams(name, {}));
    for (const p of [0.05, 0.3, 0.8]) {
      const h = 0.01;
      const moved = (d: number): number => curve(1 / (1 + ((1 - p) / p) * Math.exp(-d))).loss;
      expect(curve(p).gradient).toBeCloseTo((moved(h) - moved(-h)) / (2 * h), 3);
    }
  });

  it('says p* = 1 for a loss that falls all the way, and leaves no tensor behind', () => {
    const before = tf.memory().numTensors;
    expect(of('ce', {}).pStar).toBe(1);
    expect(of('tl', { form: 'one-vs-rest' }).pStar).toBe(1);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('viewsOf', () => {
  it('sees a loss of one token twice where it has forms, and keeps the views apart', () => {
    expect(viewsOf(parseLossParams('ce', {})).map(({ name }) => name)).toEqual(['loss']);
    const views = viewsOf(parseLossParams('dsc', { alpha: 0.1 }));
    expect(views.map(({ name, params }) => [name, params.form, params.alpha])).toEqual([
      ['form gold', 'gold', 0.1],
      ['form one-vs-rest', 'one-vs-rest', 0.1],
    ]);
    const keys = [...views, ...viewsOf(parseLossParams('dsc', {}))].map(({ params }) => portraitKey('dsc', params));
    expect(new Set(keys).size).toBe(4);
  });
});

describe('traceCurve', () => {
  it('runs from 0.001 to 0.999', () => {
    const points = traceCurve((p) => ({ p, loss: 2 * p, gradient: 0 }), 5);
    expect(points.map(({ p }) => Number(p.toFixed(4)))).toEqual([0.001, 0.2505, 0.5, 0.7495, 0.999]);
  });
});
