import { UserError } from '../errors';
import { didYouMean } from '../wording';
import { ce } from './ce';
import { ceDl } from './ce-dl';
import { ceDsc } from './ce-dsc';
import { ceLogDice } from './ce-log-dice';
import { diceBlog } from './dice-blog';
import { dl } from './dl';
import { dsc } from './dsc';
import { fl } from './fl';
import { la } from './la';
import type { LossContext, LossFn, LossSpec, ParamValues } from './loss';
import { nll } from './nll';
import { ownLoss } from './own';
import { parseParams } from './params';
import { tl } from './tl';
import { unifiedFocal } from './unified-focal';
import { wce } from './wce';

export { isLossFile, ownLoss, type OwnLoss } from './own';
export type { LossContext, LossFn, LossSpec, ParamValues, Target } from './loss';

/**
 * Every loss by its name: formula, source, and parameters with their ranges and defaults. To add one: its file, and its line here; help,
 * validation and contract tests follow.
 * @example
 * ```ts
 * import { LOSSES } from 'dsc-train';
 *
 * for (const { name, title, formula } of Object.values(LOSSES)) console.log(name, title, formula);
 * console.log(LOSSES.dsc.params.alpha.default, LOSSES.dsc.params.alpha.range); // 0.01 [ 0, 10 ]
 * ```
 */
export const LOSSES = {
  ce,
  wce,
  fl,
  dl,
  dsc,
  tl,
  'ce+dl': ceDl,
  'ce+dsc': ceDsc,
  'ce+log-dice': ceLogDice,
  'unified-focal': unifiedFocal,
  la,
  'dice-blog': diceBlog,
  nll,
} as const satisfies Record<string, LossSpec>;

export type LossName = keyof typeof LOSSES;

/** A loss by its name, or by the file that it was loaded from. @throws UserError naming the nearest loss */
export function lossSpec(name: string): LossSpec {
  const spec = findLoss(name);
  if (spec) return spec;
  throw new UserError(
    `no loss '${name}'; ${didYouMean(name, Object.keys(LOSSES))}`,
    'a loss of your own is named by its file, such as ./my-loss.mjs',
  );
}

/** The same where there is one. */
export const findLoss = (name: unknown): LossSpec | undefined =>
  typeof name !== 'string' ? undefined : Object.hasOwn(LOSSES, name) ? LOSSES[name as LossName] : ownLoss(name)?.spec;

/**
 * Parameters of a loss from a config: checked against its declaration, defaults filled in.
 * @throws UserError with one line per problem, all problems at once
 */
export function parseLossParams(name: string, raw: unknown): ParamValues {
  return parseParams(name, lossSpec(name).params, raw);
}

/**
 * A loss ready to call, with the parameters of `parseLossParams`. Loads the tensor API, which the table above does not.
 * @throws UserError when the parameters do not fit the labels
 */
export async function createLoss(name: string, params: ParamValues, context: LossContext): Promise<LossFn> {
  return lossSpec(name).create(await import('@tensorflow/tfjs-core'), params, context);
}
