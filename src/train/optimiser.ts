import * as tf from '@tensorflow/tfjs-core';
import type { Table } from '../features';
import { adam, type AdamOptions, adamRows } from '../kernels';
import type { Weight } from '../model/spec';
import { weightOf } from '../heads';
import type { Tagger } from '../model/tagger';

export type AdamConfig = Pick<AdamOptions, 'beta1' | 'beta2' | 'epsilon'>;

/** Gradient of an embedding table: distinct rows (U) and their gradients (U, E). */
export interface RowGradient {
  readonly rows: tf.Tensor1D;
  readonly sums: tf.Tensor2D;
}

/** All that Adam remembers, for resuming: updates done, and both moments of every weight (`<weight>.m`, `<weight>.v`). */
export interface OptimiserState {
  readonly step: number;
  readonly moments: readonly Weight[];
}

/** Adam over the weights of a tagger: lazy on the embedding tables, of which it changes the rows of the batch alone, dense on all others. */
export interface Optimiser {
  /** Updates done so far. */
  readonly step: number;
  /** Each gradient by the name of its weight: of tables those of rows. Gradients are multiplied by `scale` first. */
  update(
    tables: ReadonlyMap<string, RowGradient>,
    dense: ReadonlyMap<string, tf.Tensor>,
    rate: number,
    scale: number,
  ): void;
  state(): OptimiserState;
  load(state: OptimiserState): void;
  dispose(): void;
}

export function createOptimiser(tagger: Tagger, config: AdamConfig): Optimiser {
  const moments = new Map<string, tf.Tensor>();
  let step = 0;
  const specs = new Map(tagger.spec.tables.map((table) => [table.name, table]));
  for (const [name, tensor] of tagger.variables) {
    const table = specs.get(name);
    if (table?.rate === 0) continue;
    const shape = table?.pretrained?.rate === 0 ? [table.pretrained.from, table.width] : tensor.shape;
    for (const key of [`${name}.m`, `${name}.v`]) moments.set(key, tf.keep(tf.zeros(shape)));
  }

  function moment(key: string): tf.Tensor {
    const tensor = moments.get(key);
    if (!tensor) throw new Error(`optimiser: no moment ${key}`);
    return tensor;
  }
  const stateOf = <T extends tf.Tensor>(name: string): Record<'param' | 'm' | 'v', T> => ({
    param: weightOf(tagger.variables, name) as T,
    m: moment(`${name}.m`) as T,
    v: moment(`${name}.v`) as T,
  });

  return {
    get step() {
      return step;
    },
    update(tables, dense, rate, scale) {
      step++;
      const options = { ...config, rate, scale, step };
      for (const [name, gradient] of tables) {
        const state = stateOf<tf.Tensor2D>(name);
        for (const { factor, rows, sums: grad } of partsOf(gradient, specs.get(name)))
          adamRows({ ...state, rows, grad }, { ...options, rate: rate * factor });
      }
      for (const [name, grad] of dense) adam({ ...stateOf(name), grad }, options);
    },
    state: () => ({
      step,
      moments: [...moments].map(([name, tensor]) => ({
        name,
        shape: tensor.shape,
        values: tensor.dataSync<'float32'>().slice(),
      })),
    }),
    load(state) {
      for (const [name, old] of moments) {
        const saved = state.moments.find((candidate) => candidate.name === name);
        if (saved?.shape.join() !== old.shape.join()) throw new Error(`optimiser state: ${name} does not fit`);
        moments.set(name, tf.keep(tf.tensor(saved.values.slice(), old.shape)));
        old.dispose();
      }
      step = state.step;
    },
    dispose() {
      for (const tensor of moments.values()) tensor.dispose();
    },
  };
}

/** The gradient of a table, and where some of its rows have a rate of their own, that of both kinds. */
function partsOf(gradient: RowGradient, table: Table | undefined): (RowGradient & { readonly factor: number })[] {
  const { rate, pretrained } = table ?? { rate: 1 };
  if (!pretrained || [0, rate].includes(pretrained.rate)) return [{ ...gradient, factor: rate }];
  const ids = gradient.rows.dataSync<'int32'>();
  const slots = [...ids.keys()];
  const part = (of: number[], factor: number): (RowGradient & { readonly factor: number })[] => {
    if (of.length === 0) return [];
    const at = tf.tensor1d(of, 'int32');
    return [{ rows: tf.gather(gradient.rows, at), sums: tf.gather(gradient.sums, at), factor }];
  };
  const isPretrained = (slot: number): boolean => (ids[slot] as number) >= pretrained.from;
  return [
    ...part(
      slots.filter((slot) => !isPretrained(slot)),
      rate,
    ),
    ...part(slots.filter(isPretrained), pretrained.rate),
  ];
}
