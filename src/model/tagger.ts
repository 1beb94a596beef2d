import * as tf from '@tensorflow/tfjs-core';
import type { Batch, Spelled } from '../data/types';
import { currentEngine } from '../engine/current';
import { type Head, HEADS, weightOf, type Weights } from '../heads';
import { dense, dropout, dropoutHash, embed, lstm, maxPool, sideBySide, sumRows } from '../kernels';
import type { Target } from '../losses';
import { type TaggerSpec, type Weight, weightShapes } from './spec';

/** Features' embeddings side by side -> dropout -> BiLSTM layers, dropout after each -> dense -> emissions; then the head. */
export interface Tagger {
  readonly spec: TaggerSpec;
  readonly head: Head;
  /** Makes its engine the current one. Who makes tensors for it after an `await` calls it first. */
  activate(): void;
  /** All weights by name, in the order of `weightShapes`: the tables are trained row by row, outside the tape, the others whole. */
  readonly variables: Weights;
  /** Rows of the tables side by side, those of a bag summed. (N, E) */
  embed(inputs: Inputs): tf.Tensor2D;
  /** Puts rows behind those of tables, (n, width) row-major, for predictions alone; those that were lent before go. */
  lend(rows: ReadonlyMap<string, Float32Array>): void;
  /** Rows of the characters of the distinct words, each between its neighbours, for the tables that have filters. */
  spell(inputs: Inputs): Letters;
  /**
   * From embeddings (N, E) to a score of every label (N, C); without a dropout seed nothing is dropped.
   * @param letters null only where no table has filters, whose outputs are the last columns of E
   */
  emissions(x: tf.Tensor2D, stepSizes: tf.Tensor1D, dropoutSeed: number | null, letters: Letters | null): tf.Tensor2D;
  /** Copies of all weights, tables first. */
  weights(): Weight[];
  /** Takes weights by name, each of the shape the spec gives it. @throws Error on a missing name or another shape */
  load(weights: readonly Weight[]): void;
  dispose(): void;
}

/** @param weights from `initialWeights` or a checkpoint; the engine that is current now is the one that computes */
export function createTagger(spec: TaggerSpec, weights: readonly Weight[]): Tagger {
  const activate = currentEngine();
  const variables = new Map<string, tf.Tensor>();
  const lent = new Map<string, tf.Tensor2D>();

  function lend(rows: ReadonlyMap<string, Float32Array>): void {
    for (const tensor of lent.values()) tensor.dispose();
    lent.clear();
    if (rows.size > 0) activate();
    for (const { name, width } of spec.tables) {
      const values = rows.get(name);
      if (!values || values.length === 0) continue;
      lent.set(name, tf.keep(tf.tensor2d(values, [values.length / width, width]))); // (n, width)
    }
  }

  /**
   * A table that holds the rows of these ids, and where in it they are: where lent rows are among them, the rows of the others
   * with all the lent ones behind. A table may be large, and is not copied. (V, width) or (N + n, width)
   */
  function tableOf(name: string, ids: Int32Array): { readonly table: tf.Tensor2D; readonly places: Int32Array } {
    const [table, more] = [weightOf(variables, name) as tf.Tensor2D, lent.get(name)];
    const [own] = table.shape;
    if (!more || ids.every((id) => id < own)) return { table, places: ids };
    const there = tf.tensor1d(
      ids.map((id) => (id < own ? id : 0)),
      'int32',
    ); // (N)
    return {
      table: tf.concat([embed({ table: [table], ids: [there] }), more], 0), // (N + n, width)
      places: ids.map((id, i) => (id < own ? i : ids.length + id - own)),
    };
  }

  function load(from: readonly Weight[]): void {
    const loaded = weightShapes(spec).map(({ name, shape }) => {
      const weight = from.find((candidate) => candidate.name === name);
      if (!weight) throw new Error(`weights: ${name} is missing`);
      if (weight.shape.join() !== shape.join())
        throw new Error(`weights: ${name} has shape ${weight.shape.join('x')}, expected ${shape.join('x')}`);
      return weight;
    });
    activate();
    for (const { name, shape, values } of loaded) {
      const old = variables.get(name);
      variables.set(name, tf.keep(tf.tensor(values.slice(), [...shape]))); // a copy: training changes it in place
      old?.dispose();
    }
  }

  /** What the filters make of the words beside what the tables hold of them. (N, E) */
  function withWords(x: tf.Tensor2D, letters: Letters | null): tf.Tensor2D {
    const words = spec.tables.flatMap(({ name, filters }) => {
      if (filters === undefined) return [];
      const [c, of] = [letters?.characters.get(name), letters?.spelled.get(name)];
      if (!c || !of) throw new Error(`the batch has no characters for ${name}`);
      const [w, b] = [weightOf(variables, `${name}.w`), weightOf(variables, `${name}.b`)];
      const h = dense({ x: c, w: w as tf.Tensor2D, b: b as tf.Tensor1D }); // (P, F)
      const [lengths, tokens] = [tf.tensor1d(of.lengths, 'int32'), tf.tensor1d(of.words, 'int32')];
      return [maxPool({ h, lengths, words: tokens })]; // (N, F)
    });
    return words.length === 0 ? x : sideBySide([x, ...words]);
  }

  load(weights);
  return {
    spec,
    head: HEADS[spec.head],
    activate,
    variables,
    embed: ({ inputs, owners }) =>
      tf.tidy(() => {
        const rows = (names: readonly string[]): tf.Tensor2D => {
          const from = names.map((name) => tableOf(name, inputOf(inputs, name)));
          return embed({
            table: from.map(({ table }) => table),
            ids: from.map(({ places }) => tf.tensor1d(places, 'int32')),
          }); // (N, E)
        };
        const direct = spec.tables.filter(({ filters }) => filters === undefined);
        const names = direct.map(({ name }) => name);
        const first = owners ? names.findIndex((name) => owners.has(name)) : -1;
        if (!owners || first < 0) return rows(names); // (N, E)
        const bags = direct.slice(first).map(({ name, width }) => {
          const owner = owners.get(name);
          return owner ? sumOf(rows([name]), owner, width) : rows([name]); // (N, width)
        });
        return sideBySide([...(first > 0 ? [rows(names.slice(0, first))] : []), ...bags]); // (N, E)
      }),
    spell: ({ spelled = NOTHING_SPELLED }) => ({
      spelled,
      characters: new Map(
        Array.from(spelled, ([name, { rows }]) => {
          const table = weightOf(variables, name) as tf.Tensor2D;
          const three = embed({ table: [table], ids: [tf.tensor1d(rows, 'int32')] }); // (3P, D)
          return [name, tf.reshape(three, [rows.length / 3, 3 * table.shape[1]])]; // (P, 3D)
        }),
      ),
    }),
    emissions(x, stepSizes, dropoutSeed, letters) {
      const drop = (t: tf.Tensor2D, place: number): tf.Tensor2D =>
        dropoutSeed === null ? t : dropout(t, spec.dropout, dropoutHash(dropoutSeed, place));
      let h = drop(withWords(x, letters), 0); // (N, E)
      for (let i = 0; i < spec.layers; i++) {
        h = drop(
          lstm({
            x: h,
            w: weightOf(variables, `lstm${i}.w`) as tf.Tensor3D,
            b: weightOf(variables, `lstm${i}.b`) as tf.Tensor2D,
            stepSizes,
          }),
          i + 1,
        ); // (N, 2H)
      }
      const [w, b] = [weightOf(variables, 'output.w'), weightOf(variables, 'output.b')];
      return dense({ x: h, w: w as tf.Tensor2D, b: b as tf.Tensor1D }); // (N, C)
    },
    weights: () =>
      [...variables].map(([name, tensor]) => ({
        name,
        shape: tensor.shape,
        values: tensor.dataSync<'float32'>().slice(),
      })),
    load,
    lend,
    dispose() {
      lend(new Map());
      for (const tensor of variables.values()) tensor.dispose();
    },
  };
}

/** What of a batch the tables take. */
export type Inputs = Pick<Batch, 'inputs' | 'owners' | 'spelled'>;

/** What the filters take. */
export interface Letters {
  readonly spelled: ReadonlyMap<string, Spelled>;
  /** By table. (P, 3 width) each */
  readonly characters: ReadonlyMap<string, tf.Tensor2D>;
}

const NOTHING_SPELLED: Letters['spelled'] = new Map();

/** Sums the rows (K, E) of each token: owners (K) ascend and leave none out, so that the sums come in the order of the tokens. (N, E) */
const sumOf = (rows: tf.Tensor2D, owners: Int32Array, width: number): tf.Tensor2D =>
  sumRows({ ids: tf.tensor1d(owners, 'int32'), grad: rows }, { from: 0, E: width }).sums;

/** The ids of a table. @throws Error where the batch was made for other features */
export function inputOf(inputs: Batch['inputs'], name: string): Int32Array {
  const ids = inputs.get(name);
  if (ids) return ids;
  throw new Error(`the batch has no input ${name}`);
}

/** What a loss and a head are told of a batch. */
export function targetOf({ labels, sentenceOf, stepSizes, order }: Batch): Target {
  return {
    gold: tf.tensor1d(labels, 'int32'), // (N)
    allKnown: !labels.includes(-1),
    sentenceOf: tf.tensor1d(sentenceOf, 'int32'), // (N)
    stepSizes: tf.tensor1d(stepSizes, 'int32'), // (T)
    order, // (B)
  };
}
