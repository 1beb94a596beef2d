import { splitTag } from '../metrics/chunks';
import type { GradientShares, Share } from '../train/events';
import type { LossResult } from './comparison';
import { mean } from './statistics';

/** Parts of a whole over epochs, the mean over seeds. */
export interface EpochShares {
  readonly epochs: readonly number[];
  /** By part, one value an epoch; the parts of an epoch add up to 1. */
  readonly gradient: Readonly<Record<string, readonly number[]>>;
  readonly tokens: Readonly<Record<string, readonly number[]>>;
}

/** By class: `B-PER` and `I-PER` are PER. The parts come in the order of `names`; what is in none of them is `other`. */
export function sharesByClass(loss: LossResult, names: readonly string[]): EpochShares | null {
  return sharesOver(loss, ({ labels }) => {
    const parts = emptyParts([...names, 'other']);
    for (const [label, share] of Object.entries(labels)) {
      const name = names.includes(label) ? label : splitTag(label).type;
      addTo(parts[names.includes(name) ? name : 'other'], share);
    }
    return parts;
  });
}

/** By how sure the tagger was of the gold label. */
export function sharesByDifficulty(loss: LossResult): EpochShares | null {
  return sharesOver(loss, ({ easy, middle, hard }) => ({ easy, middle, hard }));
}

type Parts = Record<string, { tokens: number; gradient: number }>;

const emptyParts = (names: readonly string[]): Parts =>
  Object.fromEntries(names.map((name) => [name, { tokens: 0, gradient: 0 }]));

function addTo(part: { tokens: number; gradient: number }, share: Share): void {
  part.tokens += share.tokens;
  part.gradient += share.gradient;
}

/** Epochs that no run reached, or in which no run had a gradient at all, are left out; so are parts that are always empty. */
function sharesOver(
  { runs }: LossResult,
  partsOf: (shares: GradientShares) => Readonly<Record<string, Share>>,
): EpochShares | null {
  const byEpoch = new Map<number, Readonly<Record<string, Share>>[]>();
  for (const { history } of runs) {
    for (const { epoch, gradients } of history) {
      if (gradients && gradients.easy.gradient + gradients.middle.gradient + gradients.hard.gradient > 0.5)
        byEpoch.set(epoch, [...(byEpoch.get(epoch) ?? []), partsOf(gradients)]);
    }
  }
  if (byEpoch.size === 0) return null;
  const epochs = [...byEpoch.keys()].sort((a, b) => a - b);
  const names = Object.keys(byEpoch.get(epochs[0])?.[0] ?? {});
  const over = (name: string, key: keyof Share): number[] =>
    epochs.map((epoch) => mean((byEpoch.get(epoch) ?? []).map((parts) => parts[name][key])));
  const table = (key: keyof Share): Record<string, number[]> =>
    Object.fromEntries(
      names.filter((name) => over(name, 'tokens').some((x) => x > 0)).map((name) => [name, over(name, key)]),
    );
  return { epochs, gradient: table('gradient'), tokens: table('tokens') };
}
