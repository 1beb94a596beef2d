import * as tf from '@tensorflow/tfjs-core';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openEngine } from '../../src/engine';
import { createLoss, LOSSES, parseLossParams, type LossContext, type LossName } from '../../src/losses';
import { createCurve, portrait } from '../../src/losses/curve';
import { eachEngine } from '../engine/each';
import { rowsTarget } from './target';

/** Values and full gradients computed outside this project's code, in double precision, by the program beside them. */

interface Input {
  readonly logits: number[][];
  readonly gold: number[];
  readonly counts: number[];
  readonly outside: number;
}
interface Reference {
  readonly inputs: Record<string, Input>;
  readonly cases: { loss: LossName; params: object; input: string; value: number; grad: number[][] }[];
  readonly floors: { alpha: number; smooth: number; pStar: number; floor: number }[];
  readonly binary: {
    readonly losses: Record<string, { loss: LossName; params: object }>;
    readonly rows: { p: number; y: number; terms: Record<string, number> }[];
  };
}

const PROGRAM = join(__dirname, 'reference.py');
const { inputs, cases, floors, binary } = JSON.parse(
  readFileSync(join(__dirname, 'reference.json'), 'utf8'),
) as Reference;

interface Measured {
  readonly value: number;
  readonly grad: number[][];
}

async function measure(name: LossName, params: object, { logits, gold, counts, outside }: Input): Promise<Measured> {
  const labels = counts.map((_, j) => String(j));
  const loss = await createLoss(name, parseLossParams(name, params), { labels, counts, outside });
  const target = rowsTarget(gold);
  const { value, grad } = tf.valueAndGrad((z: tf.Tensor) => loss(z as tf.Tensor2D, target))(tf.tensor2d(logits));
  return { value: value.dataSync()[0], grad: grad.arraySync() as number[][] };
}

/** At p = 1 - 1e-6, of which float32 keeps one digit of 1 - p, a logarithm or a small power of what is missing is no better than that. */
const isRounded = (loss: string, input: string): boolean =>
  input === 'logits-40' && ['ce+log-dice', 'dsc', 'ce+dsc'].includes(loss);

eachEngine('the reference', (test, engine) => {
  for (const name of Object.keys(LOSSES) as LossName[]) {
    test(`${name}: values and gradients`, async () => {
      const own = cases.filter(({ loss }) => loss === name);
      expect(own.length).toBeGreaterThanOrEqual(Object.keys(inputs).length);
      const failed: unknown[] = [];
      for (const { params, input, value, grad } of own) {
        const got = await measure(name, params, inputs[input]);
        const tolerance = isRounded(name, input) ? 1e-3 : 2e-6;
        const off = Math.max(
          Math.abs(got.value - value) / (1 + Math.abs(value)),
          ...got.grad.flatMap((row, i) => row.map((x, j) => Math.abs(x - grad[i][j]) / (1 + Math.abs(grad[i][j])))),
        );
        if (!(off < tolerance)) failed.push({ params, input, off });
      }
      expect({ engine, failed }).toEqual({ engine, failed: [] });
    });
  }
});

describe('the program', () => {
  const python = spawnSync('python3', ['-c', 'import numpy'], { stdio: 'ignore' });
  const title = 'makes these numbers';
  if (python.status !== 0) it.skip(`${title} (skipped: python3 has no NumPy here)`, () => undefined);
  else
    it(title, () => {
      const { stdout, stderr } = spawnSync('python3', [PROGRAM], { encoding: 'utf8', maxBuffer: 1e8 });
      expect(stderr).toBe('');
      const again = JSON.parse(stdout) as Reference;
      const shape = (r: Reference): unknown => ({ ...r, cases: r.cases.map((c) => ({ ...c, value: 0, grad: 0 })) });
      expect(shape(again)).toEqual(shape({ inputs, cases, floors, binary }));
      const moved = again.cases.flatMap(({ value, grad }, i) => [
        Math.abs(value - cases[i].value) / (1 + Math.abs(value)),
        ...grad.flatMap((row, n) => row.map((x, j) => Math.abs(x - cases[i].grad[n][j]))),
      ]);
      expect(Math.max(...moved)).toBeLessThan(1e-9);
    });
});

describe('by hand', () => {
  beforeAll(() => openEngine('js'));
  const value = async (name: LossName, params: object, input: Input): Promise<number> =>
    (await measure(name, params, input)).value;
  const three = { counts: [1, 1, 2], outside: -1 };

  it('keeps a probability of next to nothing at 1e-6 in overlap losses, and one of next to all at 1 - 1e-6', async () => {
    const raw = { form: 'gold', square: false, smooth: 1e-5 };
    const dice = (p: number): number => 1 - (2 * p + 1e-5) / (p + 1 + 1e-5);
    const at = (z: number): Promise<number> => value('dl', raw, { ...three, logits: [[z, 0, 0]], gold: [0] });
    expect(Math.abs((await at(-40)) - dice(1e-6))).toBeLessThan(2e-7);
    expect(Math.abs((await at(40)) - dice(1 - 1e-6))).toBeLessThan(2e-7);
  });

  it.each(floors)(
    'DSC form gold, alpha $alpha, s $smooth: p* = 1 / (1 + alpha), and the floor',
    ({ alpha, smooth, pStar, floor }) => {
      // prettier-ignore
      const params = parseLossParams('dsc', { square: false, form: 'gold', alpha, smooth });
      const found = portrait(createCurve(tf, LOSSES.dsc, params));
      expect(Math.abs(found.floor - floor)).toBeLessThan(1e-6);
      expect(Math.abs(found.pStar - pStar)).toBeLessThan(2e-5);
    },
  );

  it.each(binary.rows)('one binary example, s = 1: p = $p, y = $y', async ({ p, y, terms }) => {
    // Two classes of which the outside one is left out: what remains is the term of the other class for (p, y).
    for (const [key, want] of Object.entries(terms)) {
      const { loss, params } = binary.losses[key];
      const raw = { ...params, form: 'one-vs-rest', ignoreOutside: true, smooth: 1 };
      const input = { logits: [[Math.log(p / (1 - p)), 0]], gold: [1 - y], counts: [1, 1], outside: 1 };
      expect(Math.abs((await value(loss, raw, input)) - want)).toBeLessThan(1e-6);
    }
  });

  it('is the sum over classes of a set, seen through weights that pick one', async () => {
    const labels = ['0', '1', '2'];
    const four = inputs['no-outside'];
    const one = (class_: string): Promise<number> =>
      value('dl', { form: 'set', smooth: 1, weights: Object.fromEntries(labels.map((l) => [l, l === class_ ? 3 : 0])) }, four); // prettier-ignore
    const of = await Promise.all(labels.map(one));
    expect(of.reduce((a, b) => a + b) / 3).toBeCloseTo(await value('dl', { form: 'set', smooth: 1 }, four), 6);
  });

  it("has the gradient of the blog's function for labels [5, 0], row 0, and its loss 0 for a label past the last", async () => {
    const row = [0.1, 0.2, 0.8, 1.2, 1.24, 2.96];
    const six = { counts: [1, 1, 1, 1, 1, 1], outside: -1 };
    const { grad } = await measure('dice-blog', { k: 2 }, { ...six, logits: [row, row], gold: [5, 0] });
    const published = [-0.003892, -0.004301, -0.007837, -0.011692, -0.012169, 0.039892];
    published.forEach((want, j) => expect(Math.abs(grad[0][j] - want)).toBeLessThan(1e-6));
    const past = await value('dice-blog', { k: 2 }, { ...six, logits: [row, row], gold: [5, 6] });
    const alone = await value('dice-blog', { k: 2 }, { ...six, logits: [row], gold: [5] });
    expect(past).toBeCloseTo(alone / 2, 6);
  });
});

describe('a mix that changes over the epochs', () => {
  beforeAll(() => openEngine('js'));
  const context: LossContext = { labels: ['O', 'A', 'B'], counts: [900, 40, 60], outside: 0 };
  const { logits, gold } = inputs['four-tokens'];
  const at = async (params: object, epoch?: number): Promise<number> => {
    const loss = await createLoss('ce+log-dice', parseLossParams('ce+log-dice', params), context);
    return loss(tf.tensor2d(logits), rowsTarget(gold, undefined, epoch)).dataSync()[0];
  };

  it('goes in a straight line from its first value to its last, and stays there', async () => {
    const linear = { mix: 0.6, mixSchedule: 'linear', mixFrom: 0.2, mixEpochs: 4 };
    for (const [epoch, mix] of [
      [1, 0.2],
      [2, 0.3],
      [3, 0.4],
      [4, 0.5],
      [5, 0.6],
      [9, 0.6],
    ])
      // prettier-ignore
      expect(await at(linear, epoch)).toBeCloseTo(await at({ mix }, epoch), 6);
    expect(await at(linear)).toBe(await at({ mix: 0.6 })); // outside of training
  });

  it('starts with cross-entropy alone unless told otherwise, and may fall', async () => {
    expect(await at({ mixSchedule: 'linear' }, 1)).toBe(await at({ mix: 0 }));
    expect(await at({ mix: 0, mixSchedule: 'linear', mixFrom: 1, mixEpochs: 2 }, 2)).toBeCloseTo(await at({ mix: 0.5 }), 6); // prettier-ignore
  });
});
