import { join } from 'node:path';
import { readJson } from '../files/json';

/** A setting, and the figures that speak for it. */
export interface Hint {
  /** As `--set` takes it; null where the figures ask for no change. */
  readonly setting: string | null;
  /** What it bears on. */
  readonly about: string;
  /** The numbers and how they lead there. */
  readonly arithmetic: string;
}

/** A corpus on which losses were compared, and what came out: a row of `data/measured.json`, which `test/bench/measured.mjs` writes. */
export interface MeasuredCorpus {
  readonly name: string;
  /** O tokens to one of an entity, entities, and classes of its training file. */
  readonly outsideRatio: number;
  readonly mentions: number;
  readonly classes: number;
  readonly seeds: number;
  /** The loss that the others are compared with. */
  readonly against: string;
  /** What was found with each decoding. */
  readonly decodings: Readonly<Record<'argmax' | 'valid' | 'valid+bias', MeasuredDecoding>>;
}

export interface MeasuredDecoding {
  /** Scores of that loss by average, fractions of 1. */
  readonly reference: readonly { readonly metric: string; readonly mean: number; readonly sd: number }[];
  /** By loss and average: difference from it with its 95 % interval, fractions of 1, and what the tests say of it. */
  readonly gains: Readonly<Record<string, readonly MeasuredGain[]>>;
}

export interface MeasuredGain {
  readonly metric: string;
  readonly difference: number;
  readonly low: number;
  readonly high: number;
  readonly verdict: 'better' | 'worse' | 'none' | 'nothing' | 'unjudged';
}

export const MEASURED = join(__dirname, '../../data/measured.json');

export async function readMeasured(): Promise<MeasuredCorpus[]> {
  return (await readJson(MEASURED, 'it comes with the package')) as MeasuredCorpus[];
}

/** So many of the measured corpora are told of: those most like the one at hand. */
const NEAREST = 3;

/** What a corpus is like, as far as the measured ones are known by it. */
export type Likeness = Pick<MeasuredCorpus, 'outsideRatio' | 'mentions' | 'classes'>;

/**
 * Which loss: what was measured on the corpora most like this one. A loss is recommended where it was better than ce on one of them by
 * some average, and worse on none by any; of several the one with the largest mean gain.
 */
export function measuredHint(like: Likeness, measured: readonly MeasuredCorpus[]): Hint {
  const nearest = measured.toSorted((a, b) => distance(a, like) - distance(b, like)).slice(0, NEAREST);
  const losses = [...new Set(nearest.flatMap(({ decodings }) => Object.keys(decodings.valid.gains)))];
  const told = losses.map((loss) => {
    const all = nearest.flatMap(({ decodings }) => decodings.valid.gains[loss] ?? []);
    const verdicts = all.map(({ verdict }) => verdict);
    const mean = all.reduce((sum, { difference }) => sum + difference, 0) / all.length;
    return { loss, mean, good: verdicts.includes('better') && !verdicts.includes('worse') };
  });
  const best = told.filter(({ good }) => good).sort((a, b) => b.mean - a.mean)[0];
  return {
    setting: best ? settingOf(best.loss) : null,
    about: `which loss: of ${measured.length} measured corpora those most like this one`,
    arithmetic: `${nearest.map(corpusText).join('; ')} (points over ce, valid sequences; 95 % level, so that the rest is not shown)`,
  };
}

/** Orders of magnitude between two corpora. */
function distance(a: Likeness, b: Likeness): number {
  const parts = (['outsideRatio', 'mentions', 'classes'] as const).map((key) =>
    Math.log10(Math.max(a[key], 1e-3) / Math.max(b[key], 1e-3)),
  );
  return Math.hypot(...parts);
}

function corpusText({ name, outsideRatio, mentions, classes, decodings }: MeasuredCorpus): string {
  const shown = Object.entries(decodings.valid.gains).flatMap(([loss, all]) =>
    all
      .filter(({ verdict }) => verdict === 'better' || verdict === 'worse')
      .map(({ metric, difference }) => `${loss} ${signed(difference)} ${metric}`),
  );
  return `${name} (${outsideRatio.toFixed(0)} O to one, ${mentions} entities, ${classes} ${classes === 1 ? 'class' : 'classes'}): ${shown.length > 0 ? shown.join(', ') : 'no loss differs'}`;
}

const signed = (difference: number): string => `${difference < 0 ? '' : '+'}${(100 * difference).toFixed(1)}`;

/** `wce:weights=power` as `--set` takes it. */
function settingOf(label: string): string {
  const [name = '', ...params] = label.split(':');
  return [`loss.name=${name}`, ...params.map((param) => `loss.${param}`)].join(' --set ');
}
