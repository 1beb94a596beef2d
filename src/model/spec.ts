import type { Table } from '../features';
import { type HeadName, HEADS } from '../heads';

/** Everything that fixes the shapes of a tagger's weights; saved with a checkpoint. */
export interface TaggerSpec {
  /** Embedding tables of the features, in the order of the network's input, those with filters last; E is the sum of their widths there. */
  readonly tables: readonly Table[];
  /** C: labels. */
  readonly labels: number;
  /** H: LSTM units per direction. */
  readonly hidden: number;
  /** BiLSTM layers, at least 1. */
  readonly layers: number;
  /** Dropout rate on the embeddings and on the output of every layer, while training. */
  readonly dropout: number;
  readonly head: HeadName;
}

/** A named float32 array with its shape. */
export interface Weight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Columns of the network's input that come from a table. */
export const inputWidth = ({ width, filters }: Pick<Table, 'width' | 'filters'>): number => filters ?? width;

/** Names and shapes of all weights, tables first, in the order of a checkpoint. */
export function weightShapes({
  tables,
  labels,
  hidden,
  layers,
  head,
}: TaggerSpec): { name: string; shape: number[] }[] {
  const width = tables.reduce((sum, table) => sum + inputWidth(table), 0);
  const lstms = Array.from({ length: layers }, (_, i) => [
    { name: `lstm${i}.w`, shape: [2, (i === 0 ? width : 2 * hidden) + hidden, 4 * hidden] },
    { name: `lstm${i}.b`, shape: [2, 4 * hidden] },
  ]);
  return [
    ...tables.map((table) => ({ name: table.name, shape: [table.rows, table.width] })),
    ...tables.flatMap(({ name, width: inner, filters }) =>
      filters === undefined
        ? []
        : [
            { name: `${name}.w`, shape: [3 * inner, filters] },
            { name: `${name}.b`, shape: [filters] },
          ],
    ),
    ...lstms.flat(),
    { name: 'output.w', shape: [2 * hidden, labels] },
    { name: 'output.b', shape: [labels] },
    ...HEADS[head].weights(labels),
  ];
}

/** Trained numbers of such a tagger, counted without making its layers: these may be more than any list can hold. */
export function weightCount(spec: TaggerSpec): number {
  const of = (layers: number): number =>
    weightShapes({ ...spec, layers }).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  return of(1) + (spec.layers - 1) * (of(2) - of(1)); // every layer behind the first is alike
}
