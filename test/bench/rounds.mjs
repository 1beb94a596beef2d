/** So many rounds that the interval of a ratio leaves out the largest and the smallest round, and is one of 95 % all the same. */
export const ROUNDS = 9;

/**
 * Competitors in turn, round by round, each round starting with another: whatever else the machine does meanwhile meets them all.
 * @param works  by name, what takes a time: { ms } or a promise of it
 * @returns milliseconds of each round, by name
 */
export async function inRounds(works, count = ROUNDS) {
  const names = Object.keys(works);
  const times = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < count; round++)
    for (let i = 0; i < names.length; i++) {
      const name = names[(i + round) % names.length];
      times[name].push((await works[name]()).ms);
    }
  return times;
}

const sorted = (values) => [...values].sort((a, b) => a - b);

export function median(values) {
  const all = sorted(values);
  return (all[(all.length - 1) >> 1] + all[all.length >> 1]) / 2;
}

/** Least, median, and the span that the middle half of the values takes, as a share of the median. */
export function spreadOf(values) {
  const all = sorted(values);
  const quartile = (share) => all[Math.round(share * (all.length - 1))];
  return { least: all[0], median: median(all), spread: (quartile(0.75) - quartile(0.25)) / median(all) };
}

/**
 * What of `a` is to `b`, by the ratio of each round.
 * @returns the median, and its interval of at least 95 % by order statistics (of fewer than 6 rounds there is none)
 */
export function ratioOf(a, b) {
  const all = sorted(a.map((value, round) => value / b[round]));
  const rank = rankOf(all.length);
  return { median: median(all), interval: rank < 0 ? null : [all[rank], all[all.length - 1 - rank]] };
}

/** How many values may be left out at either end: the median lies outside with a probability of 5 % at the most; -1 where it cannot be. */
function rankOf(n) {
  let below = 0;
  let chance = 2 ** -n; // that so many of n values lie below the median
  for (let k = 0; ; k++) {
    below += chance;
    if (2 * below > 0.05) return k - 1;
    chance = (chance * (n - k)) / (k + 1);
  }
}

/** The same in words: no ratio is told where it may be 1. */
export function ratioText({ median: middle, interval }, of) {
  if (interval === null) return 'too few rounds for a ratio';
  const [low, high] = interval.map((one) => one.toFixed(2));
  if (interval[0] <= 1 && interval[1] >= 1) return `no difference shown (${low} to ${high} times ${of})`;
  return `${middle.toFixed(2)} times ${of} (${low} to ${high})`;
}
