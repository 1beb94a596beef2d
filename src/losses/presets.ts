import { isDeepStrictEqual } from 'node:util';
import { UserError } from '../errors';
import { didYouMean } from '../wording';
import { type LossName, parseLossParams } from '.';
import type { ParamValues } from './loss';

/** A loss with parameters that somebody published, under a name that can be run and cited. */
export interface Preset {
  /** One line: what it is. */
  readonly what: string;
  readonly source: string;
  readonly loss: LossName;
  /** Every one that bears on the value, so that no change of a default changes what the name stands for. */
  readonly params: Partial<ParamValues>;
}

/** Every preset. To add one: its entry here; `--preset`, `compare --losses` and `dsc-train losses` follow. */
export const PRESETS: Readonly<Record<string, Preset>> = {
  'paper-ner': {
    what: 'the loss behind the NER tables of the paper: one ratio over all tokens and entity labels of a batch, O left out',
    source:
      "Li et al. 2020, arXiv 1911.02855v3, as the authors' NER scripts run it (--dice_square, --dice_smooth 1, --dice_alpha 0.01); " +
      'they ask one binary question for each entity type, this is its analogue for one softmax, without their hard-example mining',
    loss: 'dsc',
    params: { form: 'pooled', scope: 'batch', alpha: 0.01, k: 2, smooth: 1, square: true, constantWeight: false, weights: 'none' }, // prettier-ignore
  },
  'paper-text': {
    what: 'the equation of the text as it is written, of each token and its gold class alone, with alpha 1',
    source: 'Li et al. 2020, arXiv 1911.02855v3, section 3.4 (smoothing 1)',
    loss: 'dsc',
    params: { form: 'gold', alpha: 1, k: 2, smooth: 1, square: false, constantWeight: false, weights: 'none' },
  },
};

/** @throws UserError naming the nearest preset */
export function presetOf(name: string): Preset {
  const preset = Object.hasOwn(PRESETS, name) ? PRESETS[name] : undefined;
  if (preset) return preset;
  throw new UserError(
    `no preset '${name}'; ${didYouMean(name, Object.keys(PRESETS))}`,
    'dsc-train losses lists the presets',
  );
}

/** The preset as the key `loss` of a config takes it. */
export const presetLoss = ({ loss, params }: Preset): Record<string, unknown> => ({ name: loss, ...params });

/** The name of the preset that a loss with these parameters is; undefined where it is none. */
export function presetNameOf(loss: string, params: ParamValues): string | undefined {
  const same = (preset: Preset): boolean =>
    loss === preset.loss && isDeepStrictEqual({ ...parseLossParams(loss, preset.params) }, { ...params });
  return Object.keys(PRESETS).find((name) => same(presetOf(name)));
}
