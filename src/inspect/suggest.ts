import { tagReaderOf } from '../data/tagging';
import { present } from '../errors';
import { BALANCE, EXPONENT, LG_OFFSET } from '../losses/options';
import { classWeights } from '../losses/weights';
import { type Hint, type MeasuredCorpus, measuredHint } from './measured';
import type { Described } from './split';
import { typeTitle } from '../schemes';

/** Class weights by every scheme that the losses know, and settings that the counts speak for. All from the training split. */
export interface Suggestions {
  readonly split: string;
  /** n: tokens; C: labels. */
  readonly tokens: number;
  readonly classes: number;
  /** Are the labels of the tagger the tags of the file? Otherwise they are IOB2. */
  readonly asWritten: boolean;
  readonly weights: readonly LabelWeights[];
  readonly schemes: readonly { readonly name: WeightScheme; readonly formula: string; readonly example: string }[];
  readonly hints: readonly Hint[];
}

export const WEIGHT_SCHEMES = ['power', 'lg', 'inverse', 'class-balanced'] as const;
export type WeightScheme = (typeof WEIGHT_SCHEMES)[number];

export interface LabelWeights {
  readonly label: string;
  readonly count: number;
  readonly weights: Readonly<Record<WeightScheme, number>>;
}

/**
 * @param batchTokens tokens in a batch unless set otherwise
 * @param measured corpora on which losses were compared
 */
export function suggest(train: Described, batchTokens: number, measured: readonly MeasuredCorpus[] = []): Suggestions {
  const { tokens } = train.card;
  const used = train.reading.corpus.labels;
  const { labelText } = tagReaderOf(train.reading.corpus.tagging);
  const labels = used.map(({ label }) => labelText(label));
  const counts = used.map(({ count }) => count);
  const context = { labels, counts, outside: used.findIndex(({ label }) => label === 'O') };
  const options = { exponent: EXPONENT.default, lgOffset: LG_OFFSET.default, balance: BALANCE.default };
  const weigh = (weights: WeightScheme): readonly number[] => classWeights({ weights, ...options }, context) ?? [];
  const byScheme = new Map(WEIGHT_SCHEMES.map((name) => [name, weigh(name)]));
  const weightsOf = (i: number): LabelWeights['weights'] =>
    Object.fromEntries(
      WEIGHT_SCHEMES.map((name) => [name, present(byScheme.get(name)?.[i], 'weight')]),
    ) as LabelWeights['weights'];
  const rarest = counts.indexOf(counts.reduce((a, b) => Math.min(a, b), Infinity));
  const commonest = counts.indexOf(counts.reduce((a, b) => Math.max(a, b), 0));
  return {
    split: train.card.name,
    tokens,
    classes: labels.length,
    asWritten: train.reading.corpus.written.every(
      ({ label, labels: of }) => of.length === 1 && of.every((only) => labelText(only.label) === label),
    ),
    weights: labels.map((label, i) => ({
      label,
      count: present(counts[i], 'count'),
      weights: weightsOf(i),
    })),
    schemes: explain(
      present(labels[rarest], 'label'),
      present(counts[rarest], 'count'),
      tokens,
      labels.length,
      weightsOf(rarest),
    ),
    hints: [
      weightHint(weightsOf(rarest), weightsOf(commonest)),
      ...lossHints(train, measured),
      ...imbalanceHints(train, counts),
      ...setHints(train, batchTokens),
      decayHint(),
    ],
  };
}

function explain(label: string, n: number, total: number, classes: number, weights: LabelWeights['weights']) {
  const [q, k, beta] = [EXPONENT.default, LG_OFFSET.default, BALANCE.default];
  const { power, lg, inverse, 'class-balanced': balanced } = weights;
  const raw = (total / n) ** q;
  return [
    {
      name: 'power' as const,
      formula: '(n / n_t)^q over its mean over the tokens',
      example: `${label}: (${total} / ${n})^${q} / ${(raw / power).toFixed(4)} = ${power.toFixed(4)}`,
    },
    {
      name: 'lg' as const,
      formula: 'log10((n - n_t) / n_t + K)',
      example: `${label}: log10((${total} - ${n}) / ${n} + ${k}) = ${lg.toFixed(4)}`,
    },
    {
      name: 'inverse' as const,
      formula: 'n / (C n_t)',
      example: `${label}: ${total} / (${classes} x ${n}) = ${inverse.toFixed(4)}`,
    },
    {
      name: 'class-balanced' as const,
      formula: '(1 - beta) / (1 - beta^n_t), scaled to sum C',
      example: `${label}: (1 - ${beta}) / (1 - ${beta}^${n}) = ${((1 - beta) / (1 - beta ** n)).toPrecision(4)}, scaled ${balanced.toFixed(4)}; no class counts as more than 1 / (1 - ${beta}) = ${Math.round(1 / (1 - beta))} tokens`,
    },
  ];
}

/** Which weights: `power`, whose gain on rare classes was measured, where those of `lg` and `inverse` lie a hundred times further apart. */
function weightHint(rarest: LabelWeights['weights'], commonest: LabelWeights['weights']): Hint {
  const times = (name: WeightScheme): string => String(Number((rarest[name] / commonest[name]).toPrecision(3)));
  return {
    setting: 'loss.weights=power',
    about: 'wce, and every loss with weights: which ones',
    arithmetic:
      `the rarest tag weighs ${times('power')} times the commonest by power, ${times('inverse')} by inverse, ${times('lg')} by lg: ` +
      'power is the scheme that was measured to help rare classes; of the losses, ce+log-dice',
  };
}

/** Where there are entities, and corpora to compare with. */
function lossHints({ card }: Described, measured: readonly MeasuredCorpus[]): Hint[] {
  if (!card.outside?.ratio || !card.entities || measured.length === 0) return [];
  const { count, types } = card.entities;
  return [measuredHint({ outsideRatio: card.outside.ratio, mentions: count, classes: types.length }, measured)];
}

/** Where the loss comes from before the first step, the output bias at the log class priors: p of a token is its label's share. */
function imbalanceHints({ card, reading }: Described, counts: readonly number[]): Hint[] {
  if (!card.outside?.ratio) return []; // plain tags, nothing but O, or no O
  const outside = reading.corpus.labels.findIndex(({ label }) => label === 'O');
  const loss = (gamma: number): number => {
    const parts = counts.map((n) => n * (1 - n / card.tokens) ** gamma * -Math.log(n / card.tokens));
    return present(parts[outside], 'part of O') / parts.reduce((a, b) => a + b, 0);
  };
  const share = card.outside.outsideTokens / card.tokens;
  const shown = [1, 2, 3].map((gamma) => `gamma ${gamma}: ${(100 * loss(gamma)).toFixed(2)} %`).join(', ');
  const gamma = [0, 1, 2, 3].find((value) => loss(value) <= 0.1) ?? 3;
  return [
    {
      setting: gamma === 0 ? null : `loss.gamma=${gamma}`,
      about: 'fl: how much of the first loss comes from O',
      arithmetic:
        `O is ${(100 * share).toFixed(2)} % of the tokens; at p = class share, the loss of a label is n_t (1 - p)^gamma (-ln p); ` +
        `O's part of the sum: cross-entropy (gamma 0) ${(100 * loss(0)).toFixed(2)} %, ${shown}; ` +
        (gamma === 0
          ? 'no focus is needed to bring it to 10 %'
          : `the smallest gamma that brings it to 10 % or less is ${gamma}`),
    },
  ];
}

/** Set forms give a class a ratio of its own in every batch: one that is mostly absent is mostly pushed down. */
function setHints({ card, reading }: Described, batchTokens: number): Hint[] {
  const rarest = card.entities?.types.at(-1);
  if (!rarest) return [];
  const { sentences } = reading.corpus;
  const holding = sentences.filter(({ tags }) =>
    tags.some((tag) => tag.slice(2) === rarest.type && tag !== 'O'),
  ).length;
  const mean = card.sentenceLength.mean;
  const absent = (tokens: number): number => (1 - holding / sentences.length) ** (tokens / mean);
  const enough = [1, 2, 4, 8, 16].map((factor) => factor * batchTokens).find((tokens) => absent(tokens) <= 0.5);
  const sum = (tokens: number): string =>
    `(1 - ${holding} / ${sentences.length})^(${tokens} / ${mean.toFixed(1)}) = ${absent(tokens).toFixed(3)}`;
  const chance = `${typeTitle(rarest.type)}, the rarest type, is absent from a batch of ${batchTokens} tokens with chance ${sum(batchTokens)}`;
  if (enough === batchTokens)
    return [{ setting: null, about: 'dl, dsc, tl in form set: batch size', arithmetic: chance }];
  const mended =
    enough === undefined
      ? `no batch up to ${16 * batchTokens} tokens brings it to 1/2: mix with cross-entropy (ce+log-dice)`
      : `with ${enough} tokens: ${sum(enough)}`;
  return [
    {
      setting: enough === undefined ? null : `train.batchTokens=${enough}`,
      about: 'dl, dsc, tl in form set: batch size',
      arithmetic: `${chance}; ${mended}`,
    },
  ];
}

/** Of the loss itself, not of the corpus: the decay that leaves certain tokens right. */
function decayHint(): Hint {
  return {
    setting: null,
    about: 'dsc: decay',
    arithmetic:
      'in form gold a token is pushed no further than p* = 1 / (1 + alpha); for p* of 0.99 or more alpha is at most 1 / 0.99 - 1 = 0.0101 (the default is 0.01); alpha 1 would stop at p* = 0.5',
  };
}
