import * as tf from '@tensorflow/tfjs-core';
import { openEngine } from '../../src/engine';
import { LOSSES, parseLossParams, type LossContext, type LossName } from '../../src/losses';
import { rowsTarget } from './target';

/** Reference values computed outside this project, in double precision. */

beforeAll(() => openEngine('js'));

const Z = [
  [2, 0, -1],
  [0.5, 1, -0.5],
  [-1, 0, 1.5],
  [0, 0, 0],
];
const Y = [0, 2, 2, 1];
const CONTEXT: LossContext = { labels: ['a', 'b', 'c'], counts: [1, 1, 2], outside: -1 };

function value(name: LossName, raw: object, logits = Z, gold = Y, context = CONTEXT): number {
  const loss = LOSSES[name].create(tf, parseLossParams(name, raw) as never, context);
  return loss(tf.tensor2d(logits), rowsTarget(gold)).dataSync()[0];
}

const tokens = (name: LossName, raw: object): number[] => Z.map((z, i) => value(name, raw, [z], [Y[i]]));

const near = (got: number, want: number): void => expect(Math.abs(got - want)).toBeLessThan(1e-5);

it('keeps a probability of next to nothing at 1e-6 in overlap losses, and one of next to all at 1 - 1e-6', () => {
  const raw = { form: 'gold', square: false, smooth: 1e-5 };
  const dice = (p: number): number => 1 - (2 * p + 1e-5) / (p + 1 + 1e-5);
  const [lost, sure] = [[[-40, 0, 0]], [[40, 0, 0]]].map((z) => value('dl', raw, z, [0]));
  expect(Math.abs(lost - dice(1e-6))).toBeLessThan(2e-7);
  expect(Math.abs(sure - dice(1 - 1e-6))).toBeLessThan(2e-7);
});

describe('four tokens, three classes', () => {
  it.each<[LossName, object, number]>([
    ['ce', {}, 0.909739],
    ['wce', { weights: 'none' }, 0.909739],
    ['wce', { weights: 'lg' }, 0.36932],
    ['wce', { weights: { a: 0.60206, b: 0.60206, c: 0.30103 } }, 0.36932],
    ['fl', { gamma: 0 }, 0.909739],
    ['fl', { gamma: 1 }, 0.667189],
    ['fl', { gamma: 2 }, 0.5323],
    ['fl', { gamma: 3 }, 0.438489],
    ['dsc', { square: false, form: 'gold', alpha: 1, k: 2, smooth: 1e-5 }, 0.726526],
    ['dsc', { square: false, form: 'gold', alpha: 1, k: 1, smooth: 1e-5 }, 0.863259],
    ['dsc', { square: false, form: 'gold', alpha: 1, k: 2, smooth: 1 }, 0.389427],
    ['dsc', { square: false, form: 'gold', alpha: 0.01, k: 2, smooth: 1 }, 0.21249],
    ['dl', { form: 'one-vs-rest', square: true, smooth: 1 }, 0.099941],
    ['dsc', { square: false, form: 'one-vs-rest', smooth: 1, alpha: 1 }, 0.217642],
    ['dsc', { square: false, form: 'one-vs-rest', smooth: 1, alpha: 0.01 }, 0.191319],
    ['dl', { form: 'set', square: true, smooth: 1 }, 0.219287],
    ['dl', { form: 'set', square: false, smooth: 1 }, 0.35658],
    ['dsc', { square: false, form: 'set', smooth: 1, alpha: 0.01 }, 0.359265],
    ['dsc', { square: false, form: 'set', smooth: 1, alpha: 1 }, 0.514944],
    ['tl', { form: 'one-vs-rest', smooth: 1, alpha: 0.5, beta: 0.5 }, 0.117526],
    ['tl', { form: 'one-vs-rest', smooth: 1, alpha: 0.3, beta: 0.7 }, 0.106667],
    ['tl', { form: 'one-vs-rest', smooth: 1, alpha: 0.7, beta: 0.3 }, 0.12322],
    ['tl', { form: 'set', smooth: 1, alpha: 0.5, beta: 0.5 }, 0.278554],
    ['tl', { form: 'set', smooth: 1, alpha: 0.3, beta: 0.7 }, 0.27364],
    ['tl', { form: 'set', smooth: 1, alpha: 0.7, beta: 0.3 }, 0.28051],
    // One sentence: the two scopes are the same set.
    ['dsc', { square: false, form: 'set', scope: 'sentence', smooth: 1, alpha: 0.01 }, 0.359265],
    // Half of each part.
    ['ce+dl', { form: 'set', square: true, smooth: 1, mix: 0.5 }, (0.909739 + 0.219287) / 2],
    ['ce+dsc', { square: false, form: 'gold', alpha: 0.01, smooth: 1, mix: 0.25 }, 0.75 * 0.909739 + 0.25 * 0.21249],
  ])('%s %j is %f', (name, raw, want) => near(value(name, raw), want));

  it('DSC form gold, token by token', () => {
    const wanted = [0.767082, 0.806548, 0.696116, 0.636358];
    tokens('dsc', { square: false, form: 'gold', alpha: 1, k: 2, smooth: 1e-5 }).forEach((got, i) =>
      near(got, wanted[i]),
    );
    const small = [0.060718, 0.413898, 0.088888, 0.286458];
    tokens('dsc', { square: false, form: 'gold', alpha: 0.01, k: 2, smooth: 1 }).forEach((got, i) =>
      near(got, small[i]),
    );
  });

  it('DL form set, class by class, through weights that pick one class', () => {
    const classes = (square: boolean): number[] =>
      CONTEXT.labels.map((_, j) => {
        const weights = Object.fromEntries(CONTEXT.labels.map((label, i) => [label, i === j ? 3 : 0]));
        return value('dl', { form: 'set', square, smooth: 1, weights });
      });
    classes(true).forEach((got, j) => near(got, [0.084904, 0.320309, 0.252649][j]));
    classes(false).forEach((got, j) => near(got, [0.247494, 0.473412, 0.348833][j]));
  });
});

describe('one binary example, s = 1', () => {
  // Two classes of which the outside one is left out: what remains is the term of the other class for (p, y).
  const binary: LossContext = { labels: ['x', 'O'], counts: [1, 1], outside: 1 };
  const at = (name: LossName, raw: object, p: number, y: number): number =>
    value(
      name,
      { ...raw, form: 'one-vs-rest', ignoreOutside: true, smooth: 1 },
      [[Math.log(p / (1 - p)), 0]],
      [1 - y],
      binary,
    );
  it.each([
    [0.9, 1, 0.003559, 0.435407, 0.478469, 0.041843, 0.035533],
    [0.5, 1, 0.111111, 0.333333, 0.444444, 0.20166, 0.189189],
    [0.1, 1, 0.402985, 0.435407, 0.478469, 0.428643, 0.364162],
    [0.9, 0, 0.447514, 0.082569, 0.082569, 0.467947, 0.212598],
    [0.5, 0, 0.2, 0.2, 0.2, 0.331795, 0.130435],
    [0.1, 0, 0.009901, 0.082569, 0.082569, 0.090822, 0.029126],
  ])('p = %f, y = %i', (p, y, dl, dsc2, dsc1, dsc001, tl) => {
    near(at('dl', {}, p, y), dl);
    near(at('dsc', { square: false, alpha: 1, k: 2 }, p, y), dsc2);
    near(at('dsc', { square: false, alpha: 1, k: 1 }, p, y), dsc1);
    near(at('dsc', { square: false, alpha: 0.01 }, p, y), dsc001);
    near(at('tl', { alpha: 0.3, beta: 0.7 }, p, y), tl);
  });
});

describe("the blog's function", () => {
  const row = [0.1, 0.2, 0.8, 1.2, 1.24, 2.96];
  it.each([
    [0, 0.929497, 0.964744],
    [1, 0.899979, 0.949985],
    [2, 0.848721, 0.924356],
    [3, 0.820862, 0.910426],
    [4, 0.719985, 0.859988],
    [5, 0.310982, 0.405489],
  ])('labels [l, l + 1] from %i', (label, k2, k1) => {
    near(value('dice-blog', { k: 2 }, [row, row], [label, label + 1]), k2);
    near(value('dice-blog', { k: 1 }, [row, row], [label, label + 1]), k1);
  });

  it('has the gradient of the blog for labels [5, 0], row 0', () => {
    const loss = LOSSES['dice-blog'].create(tf, { k: 2, smooth: 1e-5 }, CONTEXT);
    const target = rowsTarget([5, 0]);
    const grad = tf.grad((z: tf.Tensor) => loss(z as tf.Tensor2D, target))(tf.tensor2d([row, row]));
    const got = (grad.arraySync() as number[][])[0];
    [-0.003892, -0.004301, -0.007837, -0.011692, -0.012169, 0.039892].forEach((want, j) => near(got[j], want));
  });
});
