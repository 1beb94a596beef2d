import { tokenCounts } from '../data/vocab';
import { present, UserError } from '../errors';
import { someOf, visible, whole } from '../wording';
import type { TokenFeature, ValueOf } from './ownFile';
import { type Column, defineFeature, type Feature, isListOf, sizeOf } from './feature';

/** Types a feature of one's own, and hands it back as it is. */
export const defineTokenFeature = (feature: TokenFeature): TokenFeature => feature;

/** More values than this are no small set: a word embedding does that better. */
const MOST_VALUES = 1000;

/** What a checkpoint keeps. */
interface Known {
  readonly width: number;
  readonly name: string;
  /** As the config named it, and from the root of the disk. */
  readonly path: string;
  readonly file: string;
  readonly sha256: string;
  /** By id from 1 on. */
  readonly values: readonly string[];
}

/** The value of a function of the user's file, by the file that `features` names. Row 0 is a value that training never saw. */
export const own = defineFeature({
  title: 'a value that a function of your own gives it, by model.features',
  settings: {
    features: {
      type: 'file',
      default: null,
      meaning:
        'a file whose default export is a feature of your own, ./my-feature.mjs: a function of the token to few values',
    },
    featuresDim: { type: 'whole', default: 8, least: 1, meaning: 'width of the embedding of its values' },
  },
  async build({ train }, _, { features: path, featuresDim: width }) {
    if (path === null) return null;
    const { openFeature } = await import('./ownFile.js'); // a feature that is loaded needs no file until it reads tokens
    const { name, sha256, file, valueOf } = await openFeature([path]);
    const tokens = tokenCounts(train.sentences);
    const counts = new Map<string, number>();
    for (const token of tokens.keys()) {
      const value = valueOf(token);
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    if (counts.size > MOST_VALUES) {
      throw new UserError(
        `${path}: feature ${name} has ${whole(counts.size)} values for ${whole(tokens.size)} different tokens; ${whole(MOST_VALUES)} are the most`,
        'a feature is a function to a small set of values; what tells words apart is their embedding',
      );
    }
    const values = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).map(([value]) => value);
    const shown = values.map((value) => `${visible(value)} ${whole(present(counts.get(value), 'value'))}`);
    return {
      ...feature({ width, name, path, file, sha256, values }, valueOf),
      files: [{ key: 'model.features', path, sha256 }],
      found: {
        lines: [
          `feature ${name} of ${path}: ${whole(values.length)} values of ${whole(tokens.size)} different tokens, ${someOf(shown, 8)}`,
        ],
        data: { name, path, sha256, values: Object.fromEntries(counts) },
      },
    };
  },
  load: (json) => feature(knownOf(json), null),
});

/** @param given the function; a checkpoint has it in a file, which is opened when tokens are to be encoded */
function feature({ width, name, path, file, sha256, values }: Known, given: ValueOf | null): Feature {
  let valueOf: ValueOf =
    given ??
    (() => {
      throw new Error(`feature ${name}: its file is not open`);
    });
  const ids = new Map(values.map((value, i) => [value, i + 1]));
  const column: Column = {
    name: `own.${name}`,
    rows: values.length + 1,
    width,
    wordDropout: true,
    rate: 1,
    encode: (token) => ids.get(valueOf(token)) ?? 0,
    initial: (table) => table.fill(0, 0, width),
    names: () => [null, ...values],
  };
  return {
    columns: [column],
    toJSON: () => ({ width, name, path, file, sha256, values }),
    async reopen() {
      const { openFeature } = await import('./ownFile.js');
      const opened = await openFeature([file, path], name);
      if (opened.sha256 !== sha256) {
        throw new UserError(
          `${opened.path}: feature ${name} is not as it was in training (SHA-256 ${opened.sha256.slice(0, 12)}, then ${sha256.slice(0, 12)})`,
          'bring the old file back, or train again with this one: the tagger learned from what that one said',
        );
      }
      ({ valueOf } = opened);
      return { warnings: [], sources: [], meet: null, close: () => undefined };
    },
  };
}

/** @throws Error where it is not what `feature` gives */
function knownOf(json: unknown): Known {
  const width = sizeOf(json, 'width');
  const { name, path, file, sha256, values } = json as Record<keyof Known, unknown>; // `sizeOf` has seen an object
  const isText = (value: unknown): value is string => typeof value === 'string';
  if (!isText(name) || !isText(path) || !isText(file) || !isText(sha256))
    throw new Error('its file is damaged, expected where it comes from');
  if (!isListOf(values, isText)) throw new Error('values are damaged, expected a list of different texts');
  return { width, name, path, file, sha256, values: values as string[] };
}
