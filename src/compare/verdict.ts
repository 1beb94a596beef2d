import { count, percent, pValue, signedPercent } from '../wording';
import { FEWEST_SEEDS, isSame, LEVEL, type OverLooks, type PairedTest, type State } from './statistics';

/** A test in words: `dsc is better than ce on macro-F1 (+2.10, 95 % CI 0.80..3.40, p = 0.004)`. */
export function verdictText(test: PairedTest, title: string): string {
  const { label, reference, difference, low, high, pHolm, seeds, verdict } = test;
  const interval = `${signedPercent(difference)}, 95 % CI ${percent(low)}..${percent(high)}`;
  if (verdict === 'nothing')
    return `nothing to compare between ${label} and ${reference} on ${title}: neither gets any right (${count(seeds.length, 'seed')})`;
  if (verdict === 'unjudged') {
    const few = `${count(seeds.length, 'seed')}, ${FEWEST_SEEDS} are needed`;
    return `${label} against ${reference} on ${title}: not judged: ${few} (${interval})`;
  }
  const numbers = test.overLooks ? looksText(difference, test.overLooks) : `${interval}, p ${pValue(pHolm)}`;
  const caution = cautionText(test);
  if (verdict === 'none')
    return `no difference shown between ${label} and ${reference} on ${title} (${numbers}${caution})`;
  return `${label} is ${verdict} than ${reference} on ${title} (${numbers}${caution})`;
}

/** What the seeds say where that is not what the p-value says. */
function cautionText(test: PairedTest): string {
  const { permutation, pHolm, seeds, verdict, overLooks } = test;
  if (isSame(test)) return '; the same throughout with every seed: one tagger twice, or two that learned nothing';
  if (overLooks) return '';
  if (verdict !== 'none') return permutation.smallest > LEVEL ? `; all ${seeds.length} seeds agree` : '';
  if (pHolm > LEVEL) return '';
  return `; but the seeds disagree: permutation p ${pValue(permutation.p)}`;
}

/** How, where the verdict does not say it. */
const SETTLED: Readonly<Record<State, string>> = {
  shown: '',
  open: '',
  alike: ': alike',
  void: ': nothing could differ',
  hopeless: ': most likely not to be shown with the seeds allowed',
};

/** What all looks at a growing comparison say together. */
function looksText(difference: number, { state, seeds, p, level, low, high }: OverLooks): string {
  const interval = `${signedPercent(difference)}, 95 % over all looks ${percent(low)}..${percent(high)}`;
  if (seeds !== null) return `${interval}, settled at ${seeds} seeds${SETTLED[state]}`;
  return `${interval}, p ${pValue(p)}${level > 0 ? ` where this look asks for ${level.toPrecision(2)}` : ''}`;
}
