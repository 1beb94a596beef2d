import { createHash } from 'node:crypto';
import { lineOf, parseCorpus, type ReadOptions, warnedOfNoEntity, warningsAt } from '../data/corpus';
import { detectScheme, type Told } from '../data/detectScheme';
import { FORMATS, type FormatName } from '../data/formats';
import { decideLayout } from '../data/layout';
import { quote } from '../data/problems';
import { SCHEMES } from '../schemes';
import { formsOf, type Tagging, taggingText, type TagReader, tagReaderOf } from '../data/tagging';
import type { Corpus, Sentence } from '../data/types';
import { present, UserError } from '../errors';
import { CONTENT_HASH } from '../metrics/scores';
import { nameOf, readBytes, unpackBytes } from '../files';
import type { Tagged } from './evaluation';
import { type Warning, warning } from '../warnings';
import { count } from '../wording';

export interface PredictionOptions extends Told {
  /** File with the gold tags; without it they are a column of the prediction file. */
  readonly gold?: string | undefined;
  /** Columns by 1-based number or name. Without them: the last two of one file, the last of each of two. */
  readonly goldColumn?: string | undefined;
  readonly predColumn?: string | undefined;
  readonly tokenColumn?: string | undefined;
  readonly format?: FormatName | 'auto' | undefined;
  /** Lines that start with this are comments. */
  readonly comment?: string | null | undefined;
  /** Score by position even where the two files have other tokens. */
  readonly allowTokenDifferences?: boolean | undefined;
}

/** Predictions beside their gold tags, and where everything stands. */
export interface Predictions extends Tagged {
  /** The sentences of the prediction file: their lines are those to point at. */
  readonly sentences: readonly Sentence[];
  readonly sources: {
    readonly gold: Source & { readonly scheme: Corpus['scheme'] };
    readonly predicted: Source & { readonly scheme: Corpus['scheme'] };
    /** How both are read where their tags are written in different ways; null where they are not. */
    readonly schemes: string | null;
    /** False where the file holds gold and predicted tags alone: tokens are then numbered. */
    readonly hasTokens: boolean;
    /** Tokens that are not the same in both files. */
    readonly tokenDifferences: number;
  };
  /** How the gold tags are written. */
  readonly tagging: Tagging;
  /** As `path:line: what`. */
  readonly warnings: readonly Warning[];
}

interface Source {
  readonly path: string;
  readonly column: number;
  readonly sha256: string;
}

/** So many differing tokens are listed; the rest is counted. */
const LISTED = 5;

/**
 * Reads a prediction file, and the gold file where that is another. Gold tags are checked as those of any corpus; predicted
 * tags may be anything, as systems give. Both are read in the scheme that they are written in; where that is one, tags stay as
 * SCHEMES writes them, else both become labels of IOB2.
 * @throws UserError for bad rows, bad gold tags, and files that do not hold the same sentences
 */
export async function readPredictions(file: string, options: PredictionOptions): Promise<Predictions> {
  const { format = 'auto', comment = null, scheme = 'auto', spelling = 'auto', outside = null } = options;
  const path = nameOf(file);
  const bytes = await readBytes(file);
  const pair = tagsAlone(path, unpackBytes(bytes, path), options);
  const { tokenColumn } = options;
  const layout: ReadOptions = {
    format,
    comment,
    doubts: 'keep',
    ...(tokenColumn === undefined ? {} : { tokenColumn }),
  };
  const asWritten = { scheme: 'plain' } as const;
  const predicted = parseCorpus(bytes, path, {
    ...layout,
    ...(pair ? { tokenColumn: pair.gold, tagColumn: pair.predicted } : { tagColumn: options.predColumn ?? null }),
    ...asWritten,
  });

  const goldPath = options.gold === undefined ? path : nameOf(options.gold);
  const goldBytes = options.gold === undefined ? bytes : await readBytes(options.gold);
  const columns = pair
    ? { tokenColumn: pair.predicted, tagColumn: pair.gold }
    : {
        tagColumn: options.gold === undefined ? goldColumnBeside(predicted, options) : (options.goldColumn ?? null),
      };
  const gold = parseCorpus(goldBytes, goldPath, { ...layout, ...columns, scheme, spelling, outside });
  if (options.gold === undefined && gold.columns.tag === predicted.columns.tag) {
    throw new UserError(
      `${path}: column ${gold.columns.tag} cannot be both gold and predicted`,
      'name two columns with --gold-column and --pred-column, or the gold file with --gold',
    );
  }
  if (pair) checkIsGold(gold, predicted);
  const written =
    ['iob2', 'plain'].includes(gold.scheme.name) && gold.tagging.spelling === 'standard' && gold.tagging.outside === 'O'
      ? gold // its tags are as they are written
      : parseCorpus(goldBytes, goldPath, { ...layout, ...columns, ...asWritten });
  checkSameShape(written, predicted);
  const differing = pair ? [] : differingTokens(written, predicted);
  if (differing.length > 0 && !options.allowTokenDifferences) refuseTokens(differing, gold, predicted);

  const toldGold = options.goldColumn === undefined ? {} : { tagColumn: options.goldColumn };
  const read = readBoth(gold, predicted, scheme !== 'auto');
  return {
    tokens: (pair ? numbered(written.sentences) : written.sentences).map(({ tokens }) => tokens),
    gold: written.sentences.map(({ tags }) => read.gold(tags)),
    predicted: predicted.sentences.map(({ tags }) => read.predicted(tags)),
    scheme: read.scheme,
    tagText: read.tagText,
    tagging: gold.tagging,
    dataHash:
      options.gold === undefined ? `${CONTENT_HASH}${contentHash(written).slice(0, 12)}` : gold.sha256.slice(0, 12),
    sentences: pair ? numbered(predicted.sentences) : predicted.sentences,
    sources: {
      gold: { path: goldPath, column: gold.columns.tag, sha256: gold.sha256, scheme: gold.scheme },
      predicted: { path, column: predicted.columns.tag, sha256: predicted.sha256, scheme: read.found },
      tokenDifferences: differing.length,
      schemes: read.schemes,
      hasTokens: !pair,
    },
    warnings: [
      ...warningsAt(gold.path, warnedOfNoEntity(gold, 'precision, recall and F1 are 0', toldGold)),
      ...warningsAt(predicted.path, [
        ...(pair ? [] : predicted.doubts.map(({ line, ...doubt }) => ({ line, ...warning('doubtful-tokens', doubt) }))),
        ...predicted.warnings,
      ]),
    ],
  };
}

/** The two columns of a file that holds gold and predicted tags and no tokens; undefined for every other. */
function tagsAlone(
  path: string,
  bytes: Buffer,
  { gold, goldColumn, predColumn, tokenColumn, comment = null, format = 'auto' }: PredictionOptions,
): { gold: string; predicted: string } | undefined {
  if (gold !== undefined || tokenColumn !== undefined) return undefined;
  if (decideLayout(path, bytes, { format, comment, tagged: false }).columns.count !== 2) return undefined;
  const swapped = goldColumn === '2' || predColumn === '1';
  return swapped ? { gold: '2', predicted: '1' } : { gold: '1', predicted: '2' };
}

/** Tokens and predicted tags look like gold and predicted tags: gold must have tags of chunks, or those of the predictions. */
function checkIsGold(gold: Corpus, predicted: Corpus): void {
  const known = new Set(predicted.written.map(({ label }) => label));
  const shared = gold.written.filter(({ label }) => known.has(label)).length;
  if (gold.inner === 'iob2' || 2 * shared >= gold.written.length) return;
  throw new UserError(
    `${gold.path}: rows have 2 columns, expected gold and predicted tag, or token, gold and predicted tag`,
    'name the gold file with --gold, or the two columns with --gold-column and --pred-column',
  );
}

/** Where there are no tokens: their numbers. */
function numbered(sentences: readonly Sentence[]): Sentence[] {
  return sentences.map((sentence) => ({ ...sentence, tokens: sentence.tokens.map((_, i) => `[${i + 1}]`) }));
}

type ReadTags = (tags: readonly string[]) => readonly string[];

/** How gold and predicted tags become tags of one scheme. */
interface Both {
  readonly scheme: string;
  readonly gold: ReadTags;
  readonly predicted: ReadTags;
  readonly tagText: (tag: string) => string;
  /** Of the predictions. */
  readonly found: Corpus['scheme'];
  readonly schemes: string | null;
}

function readBoth(gold: Corpus, predicted: Corpus, told: boolean): Both {
  const { tagging, scheme } = gold;
  const goldReader = tagReaderOf(tagging);
  const own = told ? undefined : ownTagging(predicted, tagging, goldReader);
  if (scheme.name === 'plain' || (!own && scheme.name !== 'brackets')) {
    const standard: ReadTags = (tags) => tags.map((tag) => goldReader.standard(tag) ?? tag);
    const read = { gold: standard, predicted: standard, tagText: goldReader.labelText };
    return { scheme: scheme.name, ...read, found: { name: scheme.name, why: 'as gold' }, schemes: null };
  }
  const reader = own ? tagReaderOf(own) : goldReader;
  const found = own ? { name: own.scheme, why: own.why } : { name: scheme.name, why: 'as gold' };
  const iob2 =
    (of: TagReader): ReadTags =>
    (tags) => {
      const labels = of.toInner(tags);
      return of.inner === 'io' ? SCHEMES.iob1.toInner(labels) : labels;
    };
  return {
    scheme: 'iob2',
    gold: iob2(goldReader),
    predicted: iob2(reader),
    tagText: (tag) => tag,
    found,
    schemes: own
      ? `predictions are ${taggingText(own)} (${own.why}), gold is ${taggingText(tagging)} (${scheme.why}): both are scored as the chunks that they hold, written in IOB2`
      : `brackets (${formsOf(tagging).join(', ')}) are scored as the chunks that they hold, written in IOB2`,
  };
}

/**
 * The scheme of the predictions where it is surely not that of gold: gold does not know their tags, or they are flawless in
 * their own scheme and break the rules of gold's. Systems give tags that no scheme allows: those are read as gold's.
 */
function ownTagging({ sentences, written }: Corpus, gold: Tagging, reader: TagReader) {
  if (gold.scheme === 'plain') return undefined;
  const counts = new Map(written.map(({ label, count }) => [label, count]));
  const tags = [...counts.keys()];
  const own = detectScheme(counts, sentences);
  const same = own.scheme === gold.scheme && own.spelling === gold.spelling && own.outside === gold.outside;
  if (same || own.doubt || own.scheme === 'plain' || tags.every((tag) => tag === own.outside)) return undefined;
  const ownReader = tagReaderOf(own);
  const broken = (of: TagReader): boolean =>
    !tags.every(of.isTag) || sentences.some((sentence) => of.invalid(sentence.tags).length > 0);
  if (ownReader.inner === 'io') return undefined;
  if (reader.inner === 'io') return broken(ownReader) ? undefined : own;
  if (!tags.every(reader.isTag)) return tags.every(ownReader.isTag) ? own : undefined;
  // I- alone may be IOB1 or what a system made of IOB2: only a B- tells
  const telling = own.scheme !== 'iob1' || tags.some((tag) => ownReader.standard(tag)?.startsWith('B'));
  return telling && broken(reader) && !broken(ownReader) ? own : undefined;
}

/** The gold column of a file that holds both: the last but one, unless told. */
function goldColumnBeside({ path, columns, format }: Corpus, { goldColumn, predColumn }: PredictionOptions): string {
  if (goldColumn !== undefined) return goldColumn;
  const note = 'name the gold file with --gold, or the two columns with --gold-column and --pred-column';
  if (FORMATS[format.name as FormatName].tag !== 0) {
    throw new UserError(
      `${path}: ${format.name} has one column for each kind of tag: which one holds gold tags?`,
      note,
    );
  }
  if (columns.count < 3) {
    throw new UserError(`${path}: rows have ${columns.count} columns, expected token, gold and predicted tag`, note);
  }
  const column = columns.count - 1;
  if (column === columns.tag || column === columns.token) {
    throw new UserError(
      `${path}: with ${predColumn === undefined ? 'this token column' : `predictions in column ${predColumn}`}, which column holds the gold tags?`,
      note,
    );
  }
  return String(column);
}

/** @throws UserError at the first sentence that is longer or shorter in one of the two, with both lines */
function checkSameShape(gold: Corpus, predicted: Corpus): void {
  const note = 'gold and predictions are compared token by token: both need the same sentences in the same order';
  for (const [s, g] of gold.sentences.entries()) {
    const p = predicted.sentences.at(s);
    if (!p || g.tokens.length === p.tokens.length) continue;
    throw new UserError(
      `${predicted.path}:${p.line}: sentence ${s + 1} has ${count(p.tokens.length, 'token')}, in ${gold.path}:${g.line} it has ${g.tokens.length}`,
      note,
    );
  }
  if (gold.sentences.length !== predicted.sentences.length) {
    throw new UserError(
      `${predicted.path}: ${count(predicted.sentences.length, 'sentence')}, in ${gold.path} there are ${gold.sentences.length}`,
      note,
    );
  }
}

/** A token of a file, and its line. */
interface Place {
  readonly line: number;
  readonly token: string;
}
type Difference = Readonly<Record<'gold' | 'predicted', Place>>;

function differingTokens(gold: Corpus, predicted: Corpus): Difference[] {
  return gold.sentences.flatMap((sentence, s) => {
    const other = present(predicted.sentences[s], 'sentence');
    return sentence.tokens.flatMap((token, i) => {
      const guessed = present(other.tokens[i], 'token');
      if (token === guessed) return [];
      return [{ gold: { line: lineOf(sentence, i), token }, predicted: { line: lineOf(other, i), token: guessed } }];
    });
  });
}

function refuseTokens(differing: readonly Difference[], gold: Corpus, predicted: Corpus): never {
  const lines = differing.slice(0, LISTED).map(({ gold: g, predicted: p }) => {
    const found = `${predicted.path}:${p.line}: token ${quote(p.token)}`;
    return `${found} where ${gold.path}:${g.line} has ${quote(g.token)}`;
  });
  if (differing.length > LISTED) lines.push(`and ${differing.length - LISTED} more of ${gold.tokens} tokens`);
  throw new UserError(lines.join('\n'), 'to score by position all the same: --allow-token-differences');
}

/** Of tokens and gold tags alone, so that all predictions on the same gold have one hash. */
function contentHash({ sentences }: Corpus): string {
  const hash = createHash('sha256');
  for (const { tokens, tags } of sentences) {
    hash.update(`${tokens.map((token, i) => `${token}\t${tags[i]}\n`).join('')}\n`);
  }
  return hash.digest('hex');
}
