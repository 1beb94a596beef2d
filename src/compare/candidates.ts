import type { Config } from '../config';
import { present, UserError } from '../errors';
import { lossSpec, type ParamValues, parseLossParams } from '../losses';
import type { Param, ParamValue } from '../losses/loss';
import type { Rng } from '../rng';
import { type Entrant, partsOf } from './plan';

/** One config that a loss may try, and what in it differs from the config given. */
export interface Candidate {
  readonly changes: Readonly<Record<string, ParamValue>>;
  readonly config: Config;
}

/** Learning rates to try as multiples of the config's, the likeliest first: every loss may try at least the first three. */
const RATES = [1, 0.5, 2, 0.25, 4, 0.7, 1.4, 0.35, 2.8, 0.12, 8, 0.18, 5.6, 0.09, 0.06, 11.2];
const FEWEST_RATES = 3;

/**
 * As many candidates for one loss as for any other: the config as given, then others drawn without repeats from the loss's own
 * grid (the declared `tune` lists of parameters that its label does not fix) times learning rates. A loss with few parameters,
 * such as cross-entropy, gets more learning rates instead, so that none is favoured by more tuning. One whose label fixes the learning
 * rate keeps it, and has fewer candidates where its parameters make no more.
 */
export function candidatesOf({ label, config }: Entrant, budget: number, rng: Rng): Candidate[] {
  const settings = lossGrid(label, config);
  const enough = Math.max(FEWEST_RATES, Math.ceil(budget / settings.length));
  const rates = (fixesRate(label) ? [1] : RATES.slice(0, enough)).map((factor) =>
    Number((config.train.learningRate * factor).toPrecision(6)),
  );
  const all = settings.flatMap((loss) => rates.map((learningRate): Candidate => candidate(config, loss, learningRate)));
  const isGiven = ({ changes }: Candidate): boolean => Object.keys(changes).length === 0;
  const others = rng.shuffle(all.filter((one) => !isGiven(one)));
  return [...all.filter(isGiven), ...others].slice(0, budget);
}

/** The most candidates that every loss can have. */
export const MOST_CANDIDATES = RATES.length;

function candidate(config: Config, loss: ParamValues, learningRate: number): Candidate {
  const { name, ...given } = config.loss;
  const changes: Record<string, ParamValue> = {};
  for (const [key, value] of Object.entries(loss)) if (value !== given[key]) changes[`loss.${key}`] = value;
  if (learningRate !== config.train.learningRate) changes['train.learningRate'] = learningRate;
  return { changes, config: { ...config, loss: { name, ...loss }, train: { ...config.train, learningRate } } };
}

const fixesRate = (label: string): boolean =>
  partsOf(label).others.some((setting) => /^(train\.)?learningRate=/.test(setting));

/** Every valid setting of the loss's parameters: the given values, and those worth trying. */
function lossGrid(label: string, config: Config): ParamValues[] {
  const { name, ...given } = config.loss;
  const fixed = partsOf(label).settings.map((setting) => setting.split('=')[0]);
  let grid: Record<string, ParamValue>[] = [{ ...given }];
  for (const [key, param] of Object.entries<Param>(lossSpec(name).params)) {
    if (!param.tune || fixed.includes(key)) continue;
    const values = new Set<ParamValue>([present(given[key], key), ...param.tune]);
    grid = grid.flatMap((setting) => [...values].map((value) => ({ ...setting, [key]: value })));
  }
  return grid.filter((setting) => isValid(name, setting));
}

/** A parameter may say that it acts only beside certain values of another. */
function isValid(name: string, setting: Record<string, ParamValue>): boolean {
  try {
    parseLossParams(name, setting);
    return true;
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
}
