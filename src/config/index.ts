import { lookUp, merge, type Layer, type Tree, withoutOtherLoss } from './layers';
import { describe, headProblems, lossProblems } from './problems';
import { type Config, keysOf, SAMPLE_CORPUS, schema } from './schema';
import { UserError } from '../errors';
import { parseLossParams } from '../losses';

export { settingOf } from './flags';
export { BUNDLED, nest, parseSetting, readConfigFile, seenFrom, type Layer } from './layers';
export type { Config, ModelConfig, TrainConfig } from './schema';

/**
 * Merges the layers (later wins), fills the defaults and checks everything.
 * @throws UserError listing every unknown key, ill-typed value and bad loss parameter at once
 */
export function parseConfig(layers: readonly Layer[]): Config {
  const sources = new Map<string, string>();
  const merged: Tree = {};
  const lossName = layers.map(({ values }) => lookUp(values, ['loss', 'name'])).findLast((name) => name !== undefined);
  for (const { source, values } of layers) merge(merged, withoutOtherLoss(values, lossName), source, sources);
  if (!Object.hasOwn(merged, 'data')) merged.data = { ...SAMPLE_CORPUS };

  const parsed = schema.safeParse(merged);
  const problems = parsed.success ? [] : parsed.error.issues.flatMap((issue) => describe(issue, merged, sources));
  problems.push(...lossProblems(merged.loss, sources), ...headProblems(merged, sources));
  if (problems.length > 0 || !parsed.success) {
    throw new UserError(problems.join('\n'), 'the keys, their meaning and defaults: dsc-train config');
  }
  const { name, ...params } = parsed.data.loss;
  return { ...parsed.data, loss: { name, ...parseLossParams(name, params) } };
}

/** Every key with its default and meaning, for `dsc-train config`. */
export function configKeys(): { key: string; default: unknown; meaning: string }[] {
  const defaults: unknown = schema.parse({ data: SAMPLE_CORPUS });
  return keysOf().map(([path, meaning]) => ({ key: path.join('.'), default: lookUp(defaults, path), meaning }));
}
