import { affix } from './affix';
import type { Vocab } from '../data/vocab';
import type {
  Carried,
  Column,
  Feature,
  FeatureFile,
  FeatureSpec,
  Met,
  Packed,
  Parts,
  Setting,
  ValuesOf,
} from './feature';
import { char } from './char';
import { lexicon } from './lexicon';
import { own } from './own';
import { shape } from './shape';
import { word } from './word';

export { defineTokenFeature } from './own';
export type { TokenFeature } from './ownFile';
export type { Carried, Column, Feature, FeatureFile, FeatureSpec, Met, Packed, Parts, Setting, Table } from './feature';
export type { Recipe } from './recipe';

/**
 * Every feature, in the order of the network's input; those with filters last. To add one: its file, and its line here; config, help, packing, weights,
 * training, checkpoint and contract tests follow.
 */
export const FEATURES = { word, shape, affix, lexicon, own, char } as const satisfies Record<string, FeatureSpec>;

type All<U> = (U extends unknown ? (each: U) => void : never) extends (all: infer I) => void ? I : never;
type SettingsOf = All<(typeof FEATURES)[keyof typeof FEATURES]['settings']>;
export type SettingName = keyof SettingsOf;
export type FeatureSettings = ValuesOf<SettingsOf>;

/** The settings of all features, for the config. */
export const SETTINGS = Object.assign({}, ...Object.values(FEATURES).map(({ settings }) => settings)) as SettingsOf &
  Readonly<Record<SettingName, Setting>>;

const ROWS: readonly [name: string, FeatureSpec][] = Object.entries(FEATURES);

/** The features of one tagger. */
export interface Features {
  readonly columns: readonly Column[];
  readonly toJSON: () => Readonly<Record<string, unknown>>;
  /** All files that they have values from. */
  readonly files: readonly FeatureFile[];
  /** What of them a checkpoint is to carry, by the name of the feature. */
  readonly packed: ReadonlyMap<string, Packed>;
  /** Opens these again, or what a checkpoint carries of them, for text that was not met in training. */
  readonly reopen: () => Promise<Met>;
  /** What building them found out: lines for a person, and data by the name of the feature. */
  readonly found: { readonly lines: readonly string[]; readonly data: Readonly<Record<string, unknown>> };
}

/** Reads what large files they need once, before runs are started side by side. @throws UserError as `buildFeatures` */
export async function prepareFeatures(settings: FeatureSettings): Promise<void> {
  for (const [, row] of ROWS) await row.prepare?.(settings);
}

/** Every feature that the settings leave on, with its values. @throws UserError as `FeatureSpec.build` */
export async function buildFeatures(parts: Parts, vocab: Vocab, settings: FeatureSettings): Promise<Features> {
  const built: [string, Feature | null][] = [];
  for (const [name, row] of ROWS) built.push([name, await row.build(parts, vocab, settings)]);
  return together(built);
}

/**
 * The features that a checkpoint keeps, by the JSON that they gave.
 * @param carriedBy what the checkpoint carries of the files of a feature
 * @throws Error saying what is wrong with it
 */
export function featuresFromJson(
  json: Readonly<Record<string, unknown>>,
  vocab: Vocab,
  carriedBy: (name: string) => Carried | null = () => null,
): Features {
  for (const name of Object.keys(json))
    if (!Object.hasOwn(FEATURES, name)) throw new Error(`features: there is no feature ${name} in this version`);
  return together(
    ROWS.map(([name, row]) => {
      if (!Object.hasOwn(json, name)) return [name, null];
      try {
        return [name, row.load(json[name], vocab, carriedBy(name))];
      } catch (error) {
        throw new Error(`features.${name}: ${(error as Error).message}`, { cause: error });
      }
    }),
  );
}

function together(all: readonly (readonly [name: string, feature: Feature | null])[]): Features {
  const on = all.flatMap(([name, feature]) => (feature ? [[name, feature] as const] : []));
  return {
    columns: on.flatMap(([, { columns }]) => columns),
    toJSON: () => Object.fromEntries(on.map(([name, feature]) => [name, feature.toJSON()])),
    files: on.flatMap(([, { files = [] }]) => files),
    packed: new Map(on.flatMap(([name, { packed }]) => (packed ? [[name, packed] as const] : []))),
    async reopen() {
      const open: Met[] = [];
      for (const [, feature] of on) if (feature.reopen) open.push(await feature.reopen());
      const meets = open.flatMap(({ meet }) => meet ?? []);
      return {
        warnings: open.flatMap(({ warnings }) => warnings),
        sources: open.flatMap(({ sources }) => sources),
        meet:
          meets.length === 0
            ? null
            : async (tokens) => {
                const all = new Set(tokens);
                const rows = await Promise.all(meets.map((meet) => meet(all)));
                return new Map(rows.flatMap((tables) => [...tables]));
              },
        close: () => open.forEach((each) => each.close()),
      };
    },
    found: {
      lines: on.flatMap(([, { found }]) => found?.lines ?? []),
      data: Object.fromEntries(on.flatMap(([name, { found }]) => (found ? [[name, found.data]] : []))),
    },
  };
}
