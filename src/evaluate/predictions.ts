import { createHash } from 'node:crypto';
import { lineOf, parseCorpus, type ReadOptions } from '../data/corpus';
import { FORMATS, type FormatName } from '../data/formats';
import { quote } from '../data/problems';
import type { SchemeName } from '../data/schemes';
import type { Corpus, Sentence } from '../data/types';
import { UserError } from '../errors';
import { CONTENT_HASH } from '../metrics/scores';
import { readBytes } from '../files';
import type { Tagged } from './evaluation';

export interface PredictionOptions {
  /** File with the gold tags; without it they are a column of the prediction file. */
  readonly gold?: string | undefined;
  /** Columns by 1-based number or name. Without them: the last two of one file, the last of each of two. */
  readonly goldColumn?: string | undefined;
  readonly predColumn?: string | undefined;
  readonly tokenColumn?: string | undefined;
  readonly format?: FormatName | 'auto' | undefined;
  /** Lines that start with this are comments. */
  readonly comment?: string | undefined;
  readonly scheme?: SchemeName | 'auto' | undefined;
  /** Score by position even where the two files have other tokens. */
  readonly allowTokenDifferences?: boolean | undefined;
}

/** Predictions beside their gold tags, and where everything stands. */
export interface Predictions extends Tagged {
  /** The sentences of the prediction file: their lines are those to point at. */
  readonly sentences: readonly Sentence[];
  readonly sources: {
    readonly gold: Source & { readonly scheme: Corpus['scheme'] };
    readonly predicted: Source;
    /** Tokens that are not the same in both files. */
    readonly tokenDifferences: number;
  };
  /** As `path:line: what`. */
  readonly warnings: readonly string[];
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
 * tags may be anything, as systems give. Tags of both stay as they are written.
 * @param content the predictions where they are at hand; `path` then names them in messages
 * @throws UserError for bad rows, bad gold tags, and files that do not hold the same sentences
 */
export async function readPredictions(
  path: string,
  options: PredictionOptions,
  content?: Uint8Array,
): Promise<Predictions> {
  const { format = 'auto', tokenColumn, comment = null, scheme = 'auto' } = options;
  const layout: ReadOptions = { format, comment, ...(tokenColumn === undefined ? {} : { tokenColumn }) };
  const bytes = content ?? (await readBytes(path));
  const predicted = parseCorpus(bytes, path, { ...layout, tagColumn: options.predColumn ?? null, scheme: 'plain' });

  const goldPath = options.gold ?? path;
  const goldBytes = options.gold === undefined ? bytes : await readBytes(goldPath);
  const tagColumn = options.gold === undefined ? goldColumnBeside(predicted, options) : (options.goldColumn ?? null);
  const gold = parseCorpus(goldBytes, goldPath, { ...layout, tagColumn, scheme });
  if (options.gold === undefined && gold.columns.tag === predicted.columns.tag) {
    throw new UserError(
      `${path}: column ${gold.columns.tag} cannot be both gold and predicted`,
      'name two columns with --gold-column and --pred-column, or the gold file with --gold',
    );
  }
  const written = ['iob2', 'plain'].includes(gold.scheme.name)
    ? gold // its tags are as they are written
    : parseCorpus(goldBytes, goldPath, { ...layout, tagColumn, scheme: 'plain' });
  checkSameShape(written, predicted);
  const differing = differingTokens(written, predicted);
  if (differing.length > 0 && !options.allowTokenDifferences) refuseTokens(differing, gold, predicted);

  return {
    tokens: written.sentences.map(({ tokens }) => tokens),
    gold: written.sentences.map(({ tags }) => tags),
    predicted: predicted.sentences.map(({ tags }) => tags),
    scheme: gold.scheme.name,
    dataHash:
      options.gold === undefined ? `${CONTENT_HASH}${contentHash(written).slice(0, 12)}` : gold.sha256.slice(0, 12),
    sentences: predicted.sentences,
    sources: {
      gold: { path: goldPath, column: gold.columns.tag, sha256: gold.sha256, scheme: gold.scheme },
      predicted: { path, column: predicted.columns.tag, sha256: predicted.sha256 },
      tokenDifferences: differing.length,
    },
    warnings: [...warningsOf(gold), ...warningsOf(predicted)],
  };
}

const warningsOf = ({ path, warnings }: Corpus): string[] =>
  warnings.map(({ line, message }) => `${path}:${line}: ${message}`);

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
  const shared = Math.min(gold.sentences.length, predicted.sentences.length);
  for (let s = 0; s < shared; s++) {
    const [g, p] = [gold.sentences[s], predicted.sentences[s]];
    if (g.tokens.length === p.tokens.length) continue;
    throw new UserError(
      `${predicted.path}:${p.line}: sentence ${s + 1} has ${p.tokens.length} tokens, in ${gold.path}:${g.line} it has ${g.tokens.length}`,
      note,
    );
  }
  if (gold.sentences.length !== predicted.sentences.length) {
    throw new UserError(
      `${predicted.path}: ${predicted.sentences.length} sentences, in ${gold.path} there are ${gold.sentences.length}`,
      note,
    );
  }
}

interface Place {
  readonly sentence: number;
  readonly token: number;
}

function differingTokens(gold: Corpus, predicted: Corpus): Place[] {
  return gold.sentences.flatMap(({ tokens }, sentence) => {
    const other = predicted.sentences[sentence].tokens;
    return tokens.flatMap((text, token) => (text === other[token] ? [] : [{ sentence, token }]));
  });
}

function refuseTokens(differing: readonly Place[], gold: Corpus, predicted: Corpus): never {
  const lines = differing.slice(0, LISTED).map(({ sentence, token }) => {
    const [g, p] = [gold.sentences[sentence], predicted.sentences[sentence]];
    const found = `${predicted.path}:${lineOf(p, token)}: token ${quote(p.tokens[token])}`;
    return `${found} where ${gold.path}:${lineOf(g, token)} has ${quote(g.tokens[token])}`;
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
