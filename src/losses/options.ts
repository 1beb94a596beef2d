import type { Param } from './loss';

/** Parameters that several losses share: each loss picks those that act on it, and no others. */

export const FORM = {
  type: 'choice',
  choices: ['gold', 'one-vs-rest', 'set', 'present', 'pooled'],
  default: 'set',
  tune: ['set', 'present', 'pooled', 'one-vs-rest', 'gold'],
  meaning:
    'what one ratio is taken over: the gold class of a token (gold), each class of a token (one-vs-rest), each class over a set of ' +
    'tokens (set), each class that the set holds (present), all classes but O over a set at once (pooled)',
} as const satisfies Param;

export const SCOPE = {
  type: 'choice',
  choices: ['sentence', 'batch'],
  default: 'batch',
  meaning: 'the set of tokens of forms set, present and pooled',
  when: { form: ['set', 'present', 'pooled'] },
} as const satisfies Param;

export const SMOOTH = {
  type: 'number',
  range: [1e-8, 1e6],
  default: 1,
  meaning: 's, added above and below the line of the ratio',
  tune: [1e-5, 0.1, 1],
} as const satisfies Param;

export const SQUARE = {
  type: 'boolean',
  default: false,
  meaning: 'square the terms of the denominator',
} as const satisfies Param;

export const IGNORE_OUTSIDE = {
  type: 'boolean',
  default: false,
  meaning: 'leave the outside class O out of the mean over classes',
  when: { form: ['one-vs-rest', 'set', 'present'] },
} as const satisfies Param;

export const WEIGHTS = {
  type: 'weights',
  choices: ['none', 'power', 'lg', 'inverse', 'class-balanced'],
  default: 'none',
  meaning: 'class weights: a scheme computed from the training counts, or a number by label',
} as const satisfies Param;

export const LG_OFFSET = {
  type: 'number',
  range: [1, 1e6],
  default: 1,
  meaning: 'K of the lg weights log10((n - n_t) / n_t + K)',
  when: { weights: ['lg'] },
} as const satisfies Param;

export const BALANCE = {
  type: 'number',
  range: [0.5, 0.999999],
  default: 0.999,
  meaning: 'beta of the class-balanced weights (1 - beta) / (1 - beta^n_t)',
  when: { weights: ['class-balanced'] },
  tune: [0.99, 0.999, 0.9999],
} as const satisfies Param;

export const EXPONENT = {
  type: 'number',
  range: [0, 1],
  default: 0.25,
  meaning: 'q of the power weights (n / n_t)^q over their mean: 0 weighs all alike, 1 by inverse frequency',
  when: { weights: ['power'] },
  tune: [0.1, 0.25, 0.5],
} as const satisfies Param;

/** The weight parameters, for losses that can weigh classes. */
export const WEIGHTING = { weights: WEIGHTS, exponent: EXPONENT, lgOffset: LG_OFFSET, balance: BALANCE } as const;

/** The parameters of every overlap loss (Dice, self-adjusting Dice, Tversky). */
export const OVERLAP = { form: FORM, scope: SCOPE, smooth: SMOOTH, ignoreOutside: IGNORE_OUTSIDE } as const;

const MIX = {
  type: 'number',
  range: [0, 1],
  default: 0.5,
  meaning: 'share of the overlap loss; the rest is cross-entropy',
  tune: [0.2, 0.5, 0.8],
} as const satisfies Param;

/** The share of the second loss of a mix, and how it moves (see mix.ts). */
export const MIXING = {
  mix: MIX,
  mixSchedule: {
    type: 'choice',
    choices: ['constant', 'linear'],
    default: 'constant',
    meaning: 'mix in every epoch, or in a straight line from mixFrom in the first epoch to mix after mixEpochs',
  },
  mixFrom: {
    type: 'number',
    range: [0, 1],
    default: 0,
    meaning: 'the mix of the first epoch',
    when: { mixSchedule: ['linear'] },
  },
  mixEpochs: {
    type: 'number',
    range: [1, 1e6],
    default: 5,
    meaning: 'epochs until the mix is reached',
    when: { mixSchedule: ['linear'] },
  },
} as const satisfies Record<string, Param>;
