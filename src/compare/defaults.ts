/** What a comparison is unless told otherwise. */
export const COMPARE_DEFAULTS = {
  losses: 'ce,fl,dl,dsc,tl',
  seeds: '5',
  reference: 'ce',
  candidates: 8,
  resamples: 2000,
  out: 'runs/compare',
  /** Points. */
  effect: 1,
  mostSeeds: 20,
  /** Per cent. */
  power: 80,
} as const;
