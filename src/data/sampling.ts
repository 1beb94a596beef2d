import type { Rng } from '../rng';
import { splitTag, type Task } from '../schemes';
import type { Encoded } from './encode';

/** How the sentences of an epoch are chosen. */
export interface Sampling {
  /** One line, for the help. */
  readonly title: string;
  /**
   * How often each sentence is drawn, beside the others; null where each stands in every epoch once. (S)
   * @param classes the class of each label id, -1 for `O`. (C)
   */
  weights(encoded: Pick<Encoded, 'size' | 'offsets' | 'labels'>, classes: Int32Array): Float64Array | null;
}

/** Every way to choose sentences. To add one: its line here. */
export const SAMPLINGS = {
  uniform: { title: 'each sentence once an epoch', weights: () => null },
  rare: {
    title: 'as many sentences an epoch, drawn by the inverse root frequency of their rarest class',
    weights: byRarestClass,
  },
} as const satisfies Record<string, Sampling>;

export type SamplingName = keyof typeof SAMPLINGS;

/**
 * 1 / sqrt(f) of the rarest class of a sentence, f being the share of the sentences that hold the class; 1 where there is none. It is
 * the repeat factor of Gupta, Dollar and Girshick 2019 (LVIS, section 5.2) without its threshold, of sentences in place of images.
 */
function byRarestClass(
  { size, offsets, labels }: Pick<Encoded, 'size' | 'offsets' | 'labels'>,
  classes: Int32Array,
): Float64Array {
  const holding = new Int32Array(classes.reduce((most, one) => Math.max(most, one), -1) + 1); // sentences of each class
  const met = new Int32Array(holding.length).fill(-1); // the last sentence that each was met in
  const each = (s: number, use: (kind: number) => void): void => {
    for (let n = offsets[s] as number; n < (offsets[s + 1] as number); n++) {
      const label = labels[n] as number;
      const kind = label < 0 ? -1 : (classes[label] as number);
      if (kind >= 0) use(kind);
    }
  };
  for (let s = 0; s < size; s++)
    each(s, (kind) => {
      if (met[kind] === s) return;
      met[kind] = s;
      holding[kind] = (holding[kind] as number) + 1;
    });
  const weights = new Float64Array(size);
  for (let s = 0; s < size; s++) {
    let rarest = size;
    each(s, (kind) => (rarest = Math.min(rarest, holding[kind] as number)));
    weights[s] = Math.sqrt(size / rarest);
  }
  return weights;
}

/**
 * As many sentences as there are weights, by systematic sampling: equally spaced marks from a random start over the weights in random
 * order. A sentence is drawn as often as it is expected, rounded up or down. In the order of the corpus. (S)
 */
export function drawSentences(weights: Float64Array, rng: Rng): Int32Array {
  const size = weights.length;
  const order = rng.shuffle(Array.from(weights, (_, s) => s));
  const step = weights.reduce((sum, weight) => sum + weight, 0) / size;
  const drawn = new Int32Array(size);
  let [k, reached] = [0, 0];
  const start = rng.float();
  for (const s of order) {
    reached += weights[s] as number;
    for (; k < size && (k + start) * step < reached; k++) drawn[k] = s;
  }
  for (; k < size; k++) drawn[k] = order[size - 1] as number; // the sum was rounded
  return drawn.sort();
}

/** The class of each label: the type of a chunk, or the tag; -1 for `O`, which is none. (C) */
export function classIds(
  labels: readonly string[],
  task: Task,
): { readonly names: string[]; readonly ids: Int32Array } {
  const names: string[] = [];
  const ids = Int32Array.from(labels, (label) => {
    if (task === 'chunks' && label === 'O') return -1;
    const name = task === 'chunks' ? splitTag(label).type : label;
    if (!names.includes(name)) names.push(name);
    return names.indexOf(name);
  });
  return { names, ids };
}

/** How often an epoch has a sentence of each class on the mean, and one without; 1 is once. */
export function drawsByClass(
  weights: Float64Array,
  { size, offsets, labels }: Pick<Encoded, 'size' | 'offsets' | 'labels'>,
  { names, ids }: ReturnType<typeof classIds>,
): { readonly classes: readonly (readonly [name: string, draws: number])[]; readonly none: number | null } {
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / size;
  const sums = [...names, ''].map(() => ({ draws: 0, sentences: 0 }));
  for (let s = 0; s < size; s++) {
    const met = new Set<number>();
    for (let n = offsets[s] as number; n < (offsets[s + 1] as number); n++) {
      const kind = (labels[n] as number) < 0 ? -1 : (ids[labels[n] as number] as number);
      if (kind >= 0) met.add(kind);
    }
    for (const kind of met.size > 0 ? met : [names.length]) {
      const sum = sums[kind];
      if (!sum) continue;
      sum.draws += (weights[s] as number) / mean;
      sum.sentences++;
    }
  }
  const at = (i: number): number => (sums[i]?.draws ?? 0) / (sums[i]?.sentences ?? 1);
  return {
    classes: names.map((name, i) => [name, at(i)] as const).sort(([, a], [, b]) => b - a),
    none: (sums[names.length]?.sentences ?? 0) > 0 ? at(names.length) : null,
  };
}
