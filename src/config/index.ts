import { lookUp, merge, type Layer, readConfigFile, type Tree, withoutOtherLoss, withoutSchema } from './layers';
import { describe, headProblems, lossProblems } from './problems';
import { type Config, type ConfigValues, keysOf, SAMPLE_CORPUS, schema } from './schema';
import { UserError } from '../errors';
import { isLossFile, parseLossParams } from '../losses';

export { settingOf } from './flags';
export { BUNDLED, nest, parseSetting, readConfigFile, seenFrom, type Layer } from './layers';
export type { Config, ConfigValues, ModelConfig, TrainConfig } from './schema';

/** What to configure with: values as a JSON config file holds them, the path of such a file, or several layers, the last winning. */
export type ConfigInput = ConfigValues | string | readonly Layer[];

/** @throws UserError where the file cannot be read, or holds no JSON object; and as `withOwnLoss` */
export async function layersOf(config: ConfigInput, overrides: ConfigValues = {}): Promise<Layer[]> {
  const over = { source: 'overrides', values: overrides };
  if (typeof config === 'string') return withOwnLoss([await readConfigFile(config), over]);
  return withOwnLoss(isLayers(config) ? [...config, over] : [{ source: 'config', values: config }, over]);
}

/** The same layers. Where the loss that they choose is that of a file, it is loaded. @throws UserError as `loadLossFile` */
export async function withOwnLoss(layers: readonly Layer[]): Promise<Layer[]> {
  const name = lossNameOf(layers);
  if (isLossFile(name)) await (await import('../losses/file.js')).loadLossFile(name);
  return [...layers];
}

/** The strongest layer that names a loss says which it is. */
const lossNameOf = (layers: readonly Layer[]): unknown =>
  layers.map(({ values }) => lookUp(values, ['loss', 'name'])).findLast((name) => name !== undefined);

const isLayers = (config: ConfigInput): config is readonly Layer[] => Array.isArray(config);

/**
 * A whole config: defaults filled in, everything checked.
 * @param config    values as a JSON config file holds them, or the path of such a file, to whose folder its paths are relative
 * @param overrides values that win over it
 * @throws UserError listing every unknown key, ill-typed value and bad loss parameter at once
 * @example
 * ```ts
 * import { resolveConfig } from 'dsc-train';
 *
 * const config = await resolveConfig('bundled:ner-dsc', { train: { epochs: 3 } });
 * console.log(config.loss.name, config.train.epochs, config.model.hidden); // dsc 3 128
 * ```
 */
export async function resolveConfig(config: ConfigInput, overrides: ConfigValues = {}): Promise<Config> {
  return parseConfig(await layersOf(config, overrides));
}

/**
 * Merges the layers (later wins), fills the defaults and checks everything.
 * @throws UserError listing every unknown key, ill-typed value and bad loss parameter at once
 */
export function parseConfig(layers: readonly Layer[]): Config {
  const sources = new Map<string, string>();
  const merged: Tree = {};
  const lossName = lossNameOf(layers);
  for (const { source, values } of layers)
    merge(merged, withoutOtherLoss(withoutSchema(values), lossName), source, sources);
  if (!Object.hasOwn(merged, 'data')) merged.data = { ...SAMPLE_CORPUS };

  const parsed = schema.safeParse(merged);
  const problems = parsed.success ? [] : parsed.error.issues.flatMap((issue) => describe(issue, merged, sources));
  problems.push(...lossProblems(merged.loss, sources), ...headProblems(merged, sources));
  if (problems.length > 0 || !parsed.success) {
    throw new UserError([...new Set(problems)].join('\n'), 'the keys, their meaning and defaults: dsc-train config');
  }
  const { name, ...params } = parsed.data.loss;
  return { ...parsed.data, loss: { name, ...parseLossParams(name, params) } };
}

/** Every key with its default and meaning, for `dsc-train config`. */
export function configKeys(): { key: string; default: unknown; meaning: string }[] {
  const defaults: unknown = schema.parse({ data: SAMPLE_CORPUS });
  return keysOf().map(([path, meaning]) => ({ key: path.join('.'), default: lookUp(defaults, path), meaning }));
}
