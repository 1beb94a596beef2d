import * as tf from '@tensorflow/tfjs-core';
import { adam, adamRows, type AdamState } from '../kernels/ops';
import type { AdamOptions } from '../kernels/kernelSet';
import type { Weight } from '../model/spec';
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

/** Adam over the weights of a tagger: dense on the variables, lazy (rows of the batch alone) on the tables. */
export interface Optimiser {
  /** Updates done so far. */
  readonly step: number;
  update(
    tables: ReadonlyMap<string, RowGradient>,
    variables: ReadonlyMap<string, tf.Tensor>,
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
  for (const [name, { shape, size }] of [...tagger.tables, ...tagger.variables]) {
    for (const key of [`${name}.m`, `${name}.v`]) moments.set(key, tf.keep(tf.tensor(new Float32Array(size), shape)));
  }

  function moment(key: string): tf.Tensor {
    const tensor = moments.get(key);
    if (!tensor) throw new Error(`optimiser: no moment ${key}`);
    return tensor;
  }
  const stateOf = (name: string, param: tf.Tensor): AdamState => ({
    param,
    m: moment(`${name}.m`),
    v: moment(`${name}.v`),
  });

  return {
    get step() {
      return step;
    },
    update(tables, variables, rate, scale) {
      step++;
      const options = { ...config, rate, scale, step };
      for (const [name, table] of tagger.tables) {
        const grad = tables.get(name);
        if (grad) adamRows(stateOf(name, table), grad.rows, grad.sums, options);
      }
      for (const [name, variable] of tagger.variables) {
        const grad = variables.get(name);
        if (grad) adam(stateOf(name, variable), grad, options);
      }
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
