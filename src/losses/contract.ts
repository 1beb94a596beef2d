import type * as tf from '@tensorflow/tfjs-core';
import { present } from '../errors';
import { createRng } from '../rng';
import type { LossFn, LossSpec, ParamValues, Target, Tf } from './loss';

/** What a loss is asked about: N rows of C logits, the gold id of each (-1: unknown), and its sentence. */
export interface Rows {
  readonly logits: readonly (readonly number[])[];
  readonly gold: readonly number[];
  readonly sentenceOf: readonly number[];
}

/** Its value, and the gradient in the logits. (N, C) */
export interface Answer {
  readonly value: number;
  readonly grad: readonly (readonly number[])[];
}

/** Asks a loss. @throws what the loss throws */
export interface Ask {
  (rows: Rows): Answer;
  /** Without the gradient. */
  value(rows: Rows): number;
}

/** How far a loss is from what it must be, 0 at its best, and the numbers that say so. */
export interface Deviation {
  readonly off: number;
  readonly found: string;
}

/** One thing that must hold of every loss, built in or of a file. */
export interface Clause {
  /** What does not hold where it is broken: follows "its loss" in messages. */
  readonly must: string;
  /** The largest deviation that rounding may cause. */
  readonly bound: number;
  readonly measure: (ask: Ask, C: number) => Deviation;
  /** Of a loss with these parameters it cannot be asked. */
  readonly exempt?: (spec: LossSpec, params: ParamValues) => boolean;
}

/** The logits up to which a loss must be finite. */
const LARGEST = 40;

/** Of the finite differences. Smaller steps drown in the rounding of float32. */
const STEP = 1e-2;
/** Rounding of a value near 1, as it shows in a difference. */
const NOISE = (4 * 2 ** -24) / STEP;
/** Labels of a row that are moved. */
const MOVED = 2;

/** A loss of N rows twice over is the loss of N rows; smoothing may move it, a sum would double it. */
const RATIO = Math.log2(1.5);

/** Every clause by its name. */
export const CONTRACT = {
  finite: {
    must: `be finite, with a finite gradient, at logits of ${LARGEST} either way`,
    bound: 0,
    measure(ask, C) {
      const gold = Array.from({ length: Math.min(C, 4) }, (_, i) => i);
      for (const right of [true, false])
        for (const size of [LARGEST, -LARGEST]) {
          const logits = gold.map((g) => Array.from({ length: C }, (_, j) => ((j === g) === right ? size : -size)));
          const { value, grad } = ask({ logits, gold, sentenceOf: gold.map((_, i) => i >> 1) });
          const at = `where the gold logit is ${right ? size : -size} and the others are ${right ? -size : size}`;
          if (!Number.isFinite(value)) return { off: Infinity, found: `${at} it is ${value}` };
          const odd = grad.flat().find((x) => !Number.isFinite(x));
          if (odd !== undefined) return { off: Infinity, found: `${at} a gradient is ${odd}` };
        }
      return { off: 0, found: 'all are finite' };
    },
  },
  gradient: {
    must: 'have the gradient of its finite differences',
    bound: 1e-2,
    exempt: ({ stopsGradient }, params) => stopsGradient?.(params) === true,
    measure(ask, C) {
      const rows = randomRows(4, C, 4, 1);
      const { value, grad } = ask(rows);
      const size = Math.max(...grad.flat().map(Math.abs));
      const noise = NOISE * Math.max(1, Math.abs(value));
      let worst: Deviation = { off: 0, found: '' };
      rows.logits.forEach((row, i) => {
        for (const j of movedLabels(present(rows.gold[i], 'label'), C)) {
          const slope = (delta: number): number => {
            const moved = row.map((z, k) => (k === j ? z + delta : z));
            return (ask.value({ ...rows, logits: rows.logits.with(i, moved) }) - value) / delta;
          };
          // between the slopes to both sides, as at a kink: the curve itself makes them differ a little
          const slopes = [slope(-STEP), slope(STEP)];
          const own = present(grad[i]?.[j], 'gradient');
          const apart = Math.max(Math.min(...slopes) - own, own - Math.max(...slopes), 0);
          const off = Math.max(0, apart - noise) / Math.max(size, ...slopes.map(Math.abs), 1e-30);
          if (off > worst.off || Number.isNaN(off)) {
            const told = `by differences ${digits(present(slopes[0], 'slope'))} to ${digits(present(slopes[1], 'slope'))}`;
            worst = {
              off: Number.isNaN(off) ? Infinity : off,
              found: `row ${i + 1}, label ${j}: gradient ${digits(own)}, ${told}`,
            };
          }
        }
      });
      return worst;
    },
  },
  learns: {
    must: 'depend on the logits',
    bound: 0,
    measure(ask, C) {
      const { grad } = ask(randomRows(1, C));
      return { off: grad.flat().some((x) => x !== 0) ? 0 : Infinity, found: 'every gradient is 0 on random rows' };
    },
  },
  ignored: {
    must: 'be the same as if rows with gold -1 were not there, whatever they hold, and have no gradient in them',
    bound: 2e-6,
    measure: (ask, C) => ignoredRows(ask, C, LARGEST),
  },
  unknown: {
    must: 'be 0, with a gradient of 0, where every row has gold -1',
    bound: 1e-7,
    measure(ask, C) {
      const { value, grad } = ask({ ...randomRows(6, C, 3), gold: [-1, -1, -1] });
      const largest = Math.max(...grad.flat().map(Math.abs));
      return worst([
        { off: Math.abs(value), found: `it is ${digits(value)}` },
        { off: largest, found: `a gradient is ${digits(largest)}` },
      ]);
    },
  },
  mean: {
    must: 'be a mean over the rows with a gold label, not a sum: the same rows twice over have the loss of once',
    bound: RATIO,
    measure(ask, C) {
      const { logits, gold, sentenceOf } = randomRows(2, C);
      const once = ask.value({ logits, gold, sentenceOf });
      const others = sentenceOf.map((s) => s + 3);
      const twice = ask.value({
        logits: [...logits, ...logits],
        gold: [...gold, ...gold],
        sentenceOf: [...sentenceOf, ...others],
      });
      const found = `${digits(once)} of ${gold.length} rows, ${digits(twice)} of the same rows twice over`;
      if (Math.max(Math.abs(once), Math.abs(twice)) < 1e-6) return { off: 0, found };
      const off = once * twice > 0 ? Math.abs(Math.log2(twice / once)) : Infinity;
      return { off, found };
    },
  },
  order: {
    must: 'not depend on the order of the rows',
    bound: 1e-6,
    measure(ask, C) {
      const rows = randomRows(7, C);
      const order = createRng(8).shuffle(rows.gold.map((_, i) => i));
      const pick = <T>(items: readonly T[]): T[] => order.map((i) => present(items[i], 'row'));
      const before = ask(rows);
      const after = ask({ logits: pick(rows.logits), gold: pick(rows.gold), sentenceOf: pick(rows.sentenceOf) });
      return difference({ value: before.value, grad: pick(before.grad) }, after, 'after the rows were shuffled');
    },
  },
  repeats: {
    must: 'be the same whenever it is asked',
    bound: 1e-6,
    measure(ask, C) {
      const rows = randomRows(3, C);
      return difference(ask(rows), ask(rows), 'asked again');
    },
  },
} as const satisfies Readonly<Record<string, Clause>>;

/** How far ignored rows change a loss, where they hold logits up to a size. */
export function ignoredRows(ask: Ask, C: number, size: number): Deviation {
  const { logits, gold, sentenceOf } = randomRows(5, C);
  const bare = ask({ logits, gold, sentenceOf });
  const noises = [
    Array.from({ length: C }, (_, j) => [size, 0, -size, 3][j % 4] ?? 0),
    Array.from({ length: C }, () => 0),
  ];
  return worst(
    noises.flatMap((noise) =>
      // The last ignored row is a sentence of its own, past all others.
      [0, 3].map((sentence) => {
        const { value, grad } = ask({
          logits: [noise, ...logits, noise],
          gold: [-1, ...gold, -1],
          sentenceOf: [1, ...sentenceOf, sentence],
        });
        const own = Math.max(...[grad.at(0) ?? [], grad.at(-1) ?? []].flat().map(Math.abs));
        const inside = difference(
          bare,
          { value, grad: grad.slice(1, -1) },
          `beside ignored rows of logits ${noise.slice(0, 4).join(', ')}`,
        );
        return worst([inside, { off: own, found: `a gradient of ${digits(own)} in an ignored row` }]);
      }),
    ),
  );
}

/** Rows of normal logits, some labels and three sentences, always the same. */
export function randomRows(seed: number, C: number, rows = 12, scale = 2): Rows {
  const rng = createRng(seed);
  return {
    logits: Array.from({ length: rows }, () => Array.from({ length: C }, () => scale * rng.normal())),
    gold: Array.from({ length: rows }, () => rng.int(C)),
    sentenceOf: Array.from({ length: rows }, () => rng.int(3)),
  };
}

/** @param epoch of a training; where left out, it is none */
export function asker(api: Tf, loss: LossFn, epoch?: number): Ask {
  const posed = <T>({ logits, gold, sentenceOf }: Rows, ask: (z: tf.Tensor2D, target: Target) => T): T => {
    api.engine().startScope(); // not tidy, which takes tensors alone for a result
    try {
      const target: Target = {
        gold: api.tensor1d([...gold], 'int32'),
        sentenceOf: api.tensor1d([...sentenceOf], 'int32'),
        stepSizes: api.tensor1d([gold.length], 'int32'),
        order: Int32Array.from(gold, (_, n) => n),
        ...(epoch !== undefined && { epoch }),
      };
      return ask(api.tensor2d(logits.map((row) => [...row])), target); // (N, C)
    } finally {
      api.engine().endScope();
    }
  };
  const numberOf = (value: tf.Tensor): number => present(value.dataSync()[0], 'loss');
  const answer = (rows: Rows): Answer =>
    posed(rows, (logits, target) => {
      const { value, grad } = api.valueAndGrad((z: tf.Tensor) => loss(z as tf.Tensor2D, target))(logits);
      return { value: numberOf(value), grad: grad.arraySync() as number[][] };
    });
  return Object.assign(answer, { value: (rows: Rows) => posed(rows, (z, target) => numberOf(loss(z, target))) });
}

/** What a loss breaks, a line each; nothing where it keeps to the contract. */
export function brokenClauses(ask: Ask, C: number, spec: LossSpec, params: ParamValues): string[] {
  return Object.values<Clause>(CONTRACT).flatMap(({ must, bound, measure, exempt }) => {
    if (exempt?.(spec, params)) return [];
    const { off, found } = measure(ask, C);
    return off <= bound ? [] : [`its loss must ${must}: ${found}`];
  });
}

function worst(all: readonly Deviation[]): Deviation {
  return all.reduce((a, b) => (b.off > a.off || Number.isNaN(b.off) ? b : a), { off: 0, found: 'no difference' });
}

function difference(before: Answer, after: Answer, when: string): Deviation {
  const grads = before.grad.flatMap((row, i) =>
    row.map((x, j) => Math.abs(x - present(after.grad[i]?.[j], 'gradient'))),
  );
  const largest = Math.max(...grads);
  return worst([
    {
      off: Math.abs(after.value - before.value) / (1 + Math.abs(before.value)),
      found: `${digits(before.value)}, and ${digits(after.value)} ${when}`,
    },
    { off: largest, found: `a gradient moved by ${digits(largest)} ${when}` },
  ]);
}

/** The gold label of a row, and some others. */
const movedLabels = (gold: number, C: number): number[] => [
  ...new Set([gold, ...Array.from({ length: Math.min(C, MOVED) }, (_, k) => (gold + 1 + k) % C)]),
];

const digits = (x: number): string => String(Number(x.toPrecision(4)));
