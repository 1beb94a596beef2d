import { FEWEST_SEEDS, LEVEL, type PairedTest } from './statistics';

/** A test in words: `dsc is better than ce on macro-F1 (+2.10, 95 % CI 0.80..3.40, p = 0.004)`. */
export function verdictText(test: PairedTest, title: string): string {
  const { label, reference, difference, low, high, pHolm, verdict } = test;
  const numbers = `${signed(difference)}, 95 % CI ${points(low)}..${points(high)}, p ${pText(pHolm)}`;
  const caution = cautionText(test);
  if (verdict === 'none')
    return `no difference shown between ${label} and ${reference} on ${title} (${numbers}${caution})`;
  return `${label} is ${verdict} than ${reference} on ${title} (${numbers}${caution})`;
}

/** What the seeds say where that is not what the p-value says. */
function cautionText({ permutation, pHolm, seeds, verdict }: PairedTest): string {
  if (verdict !== 'none') return permutation.smallest > LEVEL ? `; all ${seeds.length} seeds agree` : '';
  if (pHolm > LEVEL) return '';
  if (seeds.length < FEWEST_SEEDS)
    return `; but ${seeds.length === 1 ? 'one seed is' : `${seeds.length} seeds are`} too few to call it`;
  return `; but the seeds disagree: permutation p ${pText(permutation.p)}`;
}

/** Per cent with two decimals. */
export const points = (fraction: number): string => (100 * fraction).toFixed(2).replace(/^-0\.00$/, '0.00');
export const signed = (fraction: number): string =>
  points(fraction).startsWith('-') ? points(fraction) : `+${points(fraction)}`;
export const pText = (p: number): string => (p < 0.001 ? '< 0.001' : `= ${p.toFixed(3)}`);
