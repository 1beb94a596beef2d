import { affix } from './affix';
import type { Corpus } from '../data/types';
import type { Vocab } from '../data/vocab';
import type { Column, FeatureSpec, Setting } from './feature';
import { shape } from './shape';
import { word } from './word';

export type { Column, Feature, FeatureSpec, Table } from './feature';

/**
 * Every feature, in the order of the network's input. To add one: its file, and its line here; config, help, packing, weights,
 * training, checkpoint and contract tests follow.
 */
export const FEATURES = { word, shape, affix } as const satisfies Record<string, FeatureSpec>;

type SettingsOf<Row> = Row extends { settings: infer S } ? keyof S : never;
export type SettingName = SettingsOf<(typeof FEATURES)[keyof typeof FEATURES]>;
export type FeatureSettings = Readonly<Record<SettingName, number>>;

/** The settings of all features, for the config. */
export const SETTINGS = Object.assign({}, ...Object.values(FEATURES).map(({ settings }) => settings)) as Readonly<
  Record<SettingName, Setting>
>;

const ROWS: readonly [name: string, FeatureSpec][] = Object.entries(FEATURES);

/** The features of one tagger. */
export interface Features {
  readonly columns: readonly Column[];
  readonly toJSON: () => Readonly<Record<string, unknown>>;
}

/** Every feature that the settings leave on, with its values from the training corpus. */
export function buildFeatures(train: Pick<Corpus, 'sentences'>, vocab: Vocab, settings: FeatureSettings): Features {
  return together(ROWS.map(([name, row]) => [name, row.build(train, vocab, settings)]));
}

/**
 * The features that a checkpoint keeps, by the JSON that they gave.
 * @throws Error saying what is wrong with it
 */
export function featuresFromJson(json: Readonly<Record<string, unknown>>, vocab: Vocab): Features {
  for (const name of Object.keys(json))
    if (!Object.hasOwn(FEATURES, name)) throw new Error(`features: there is no feature ${name} in this version`);
  return together(
    ROWS.map(([name, row]) => {
      if (!Object.hasOwn(json, name)) return [name, null];
      try {
        return [name, row.load(json[name], vocab)];
      } catch (error) {
        throw new Error(`features.${name}: ${(error as Error).message}`, { cause: error });
      }
    }),
  );
}

function together(all: readonly (readonly [name: string, feature: ReturnType<FeatureSpec['build']>])[]): Features {
  return {
    columns: all.flatMap(([, feature]) => feature?.columns ?? []),
    toJSON: () => Object.fromEntries(all.flatMap(([name, feature]) => (feature ? [[name, feature.toJSON()]] : []))),
  };
}
