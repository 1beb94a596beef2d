import { splitTag } from '../schemes';
import type { GradientShares, Share } from '../train/events';
import { mean } from './statistics';

/** Parts of a whole over epochs, the mean over seeds. */
export interface EpochShares {
  readonly epochs: readonly number[];
  /** By part, one value an epoch; the parts of an epoch add up to 1. */
  readonly parts: ReadonlyMap<string, { readonly tokens: readonly number[]; readonly gradient: readonly number[] }>;
}

interface Epoch {
  readonly epoch: number;
  readonly gradients?: GradientShares | null;
}

/** One loss, and the epochs of every run with it. */
export interface Trained {
  readonly runs: readonly { readonly history: readonly Epoch[] }[];
}

/** By class: `B-PER` and `I-PER` are PER. The parts come in the order of `names`; what is in none of them is `other`. */
export function sharesByClass(loss: Trained, names: readonly string[]): EpochShares | null {
  return sharesOver(loss, ({ labels }) => {
    const parts = new Map([...names, OTHER].map((name) => [name, { tokens: 0, gradient: 0 }]));
    for (const [label, { tokens, gradient }] of Object.entries(labels)) {
      const part = parts.get(label) ?? parts.get(splitTag(label).type) ?? parts.get(OTHER);
      if (!part) continue;
      part.tokens += tokens;
      part.gradient += gradient;
    }
    return parts;
  });
}

const OTHER = 'other';

/** By how sure the tagger was of the gold label. */
export function sharesByDifficulty(loss: Trained): EpochShares | null {
  return sharesOver(loss, ({ easy, middle, hard }) => new Map(Object.entries({ easy, middle, hard })));
}

/** Epochs that no run reached, or in which no run had a gradient at all, are left out; so are parts that are always empty. */
function sharesOver(
  { runs }: Trained,
  partsOf: (shares: GradientShares) => ReadonlyMap<string, Share>,
): EpochShares | null {
  const byEpoch = new Map<number, ReadonlyMap<string, Share>[]>();
  for (const { history } of runs) {
    for (const { epoch, gradients } of history) {
      if (gradients && gradients.easy.gradient + gradients.middle.gradient + gradients.hard.gradient > 0.5)
        byEpoch.set(epoch, [...(byEpoch.get(epoch) ?? []), partsOf(gradients)]);
    }
  }
  const epochs = [...byEpoch.keys()].sort((a, b) => a - b);
  const [first] = epochs.flatMap((epoch) => byEpoch.get(epoch) ?? []);
  if (!first) return null;
  const names = [...first.keys()];
  const over = (name: string, key: keyof Share): number[] =>
    epochs.map((epoch) => mean((byEpoch.get(epoch) ?? []).map((parts) => parts.get(name)?.[key] ?? 0)));
  const all = names.map((name) => [name, { tokens: over(name, 'tokens'), gradient: over(name, 'gradient') }] as const);
  return { epochs, parts: new Map(all.filter(([, { tokens }]) => tokens.some((x) => x > 0))) };
}
