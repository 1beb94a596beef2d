import { mistaken, present } from '../errors';
import { SCHEMES, type SchemeName } from '../schemes';
import type { BootstrapOptions } from '../metrics/bootstrap';
import { byConvention, conventionFor, type ConventionScore } from '../metrics/conventions';
import { analyseErrors, type ErrorAnalysis } from '../metrics/error-analysis';
import { createLookUp, floorOf } from '../metrics/floor';
import { intervalsOf } from '../metrics/intervals';
import { invalidTags, type InvalidTag } from '../metrics/invalid';
import { checkAligned } from '../metrics/confusion';
import { countsFor, scoreTable, type Counts, type ScoreTable } from '../metrics/prf';
import { score, withTagNames, type Report } from '../metrics/scores';
import { seenUnseen, surfacesOf } from '../metrics/seen';
import { createRng } from '../rng';
import { VERSION } from '../package';

type Sequences = readonly (readonly string[])[];

/** Gold and predicted tags of the same tokens, all in one scheme. */
export interface Tagged {
  readonly tokens: Sequences;
  readonly gold: Sequences;
  readonly predicted: Sequences;
  /** A name of SCHEMES. */
  readonly scheme: string;
  /** Tags as the gold file names them, where `gold` and `predicted` do not hold its own. */
  readonly tagText?: (tag: string) => string;
  /** Stands in the signature. */
  readonly dataHash: string;
  /** How a tagger chose the tags; left out where they came as they are. Stands in the signature. */
  readonly decode?: string;
}

export interface EvaluateOptions extends BootstrapOptions {
  /** A name of CONVENTIONS; conlleval where it is left out. */
  readonly convention?: string | undefined;
  /** Of the resamples. */
  readonly seed?: number;
  /** The training corpus, tags in IOB2 or plain: what is seen and unseen, and the floor, are told by it. */
  readonly training?: { readonly tokens: Sequences; readonly tags: Sequences } | undefined;
}

/** Everything that can be said about one set of predictions. Plain data. */
export interface Evaluation {
  /** With intervals, unless no resamples were asked for. */
  readonly report: Report;
  /** Micro F1 by every convention that covers the scheme; empty for plain tags. */
  readonly spread: readonly ConventionScore[];
  /** Predicted tags that the scheme does not allow where they stand. */
  readonly invalid: readonly InvalidTag[];
  /** Null for plain tags. */
  readonly errors: ErrorAnalysis | null;
  /** Entities, or words of plain tags, that do and do not stand in the training corpus. */
  readonly seen: ScoreTable | null;
}

/**
 * Scores any predictions against gold tags, all in one scheme, by the same counting as everything else here.
 * @example
 * ```ts
 * import { scoreTags } from 'dsc-train';
 *
 * const { report } = scoreTags({
 *   tokens: [['Anna', 'lives', 'in', 'Berlin']],
 *   gold: [['B-PER', 'O', 'O', 'B-LOC']],
 *   predicted: [['B-PER', 'O', 'O', 'O']],
 *   scheme: 'iob2',
 *   dataHash: 'example',
 * });
 * console.log(report.entities?.micro.precision, report.entities?.micro.recall); // 1 0.5
 * ```
 * @throws UserError where gold and predictions are not aligned, or the convention has no rule for the scheme
 */
export function evaluateTags(tagged: Tagged, options: EvaluateOptions = {}): Evaluation {
  const { gold, predicted, scheme, dataHash, decode, tagText = (tag: string): string => tag } = checked(tagged);
  const { convention, seed = 1, resamples = 1000, level = 0.95, training } = options;
  if (!Number.isInteger(resamples) || resamples < 0) throw mistaken('resamples', resamples, 'a whole number from 0 up');
  if (!(level > 0 && level < 1)) throw mistaken('level', level, 'a share between 0 and 1');
  if (!Number.isInteger(seed) || seed < 0) throw mistaken('seed', seed, 'a whole number from 0 up');
  const plain = scheme === 'plain';
  if (plain && convention !== undefined) conventionFor(convention, scheme); // throws: there are none for plain tags
  const settings = { scheme, version: VERSION, dataHash, ...(decode !== undefined && { decode }) };
  const scoring = convention === undefined ? settings : { ...settings, convention };
  const report = score(gold, predicted, scoring);
  const draw = { resamples, level };
  const intervals = resamples > 0 && { intervals: intervalsOf(gold, predicted, report, createRng(seed), draw) };
  return {
    report: {
      ...withTagNames({ ...report, ...intervals }, tagText),
      ...(training && { floor: floorOf(score(gold, guess(tagged, training), scoring)) }),
    },
    spread: plain ? [] : byConvention(gold, predicted, scheme),
    invalid: invalidTags(predicted, scheme).map((found) => ({ ...found, tag: tagText(found.tag) })),
    errors: plain ? null : analyseErrors(gold, predicted, readerOf(report)),
    seen: training ? bySeen(tagged, training) : null,
  };
}

/** @throws UserError where it is no tags of tokens, or tokens and tags are not aligned */
function checked(tagged: Tagged): Tagged {
  const { tokens, gold, predicted, scheme, dataHash } = tagged;
  for (const [name, sequences] of Object.entries<unknown>({ tokens, gold, predicted })) {
    const expected = `a list of sentences, each a list of ${name === 'tokens' ? 'tokens' : 'tags'}`;
    if (!Array.isArray(sequences)) throw mistaken(name, sequences, expected);
    for (const [s, sentence] of (sequences as readonly unknown[]).entries()) {
      const place = `${name}: sentence ${s + 1}`;
      if (!Array.isArray(sentence)) throw mistaken(place, sentence, expected);
      const odd = (sentence as readonly unknown[]).findIndex((one) => typeof one !== 'string');
      if (odd >= 0) throw mistaken(`${place}, token ${odd + 1}`, (sentence as readonly unknown[])[odd], 'a text');
    }
  }
  if (typeof scheme !== 'string' || !Object.hasOwn(SCHEMES, scheme))
    throw mistaken('scheme', scheme, `one of ${Object.keys(SCHEMES).join(', ')}`);
  if (typeof dataHash !== 'string') throw mistaken('dataHash', dataHash, 'a text that tells the data');
  checkAligned(gold, tokens, 'the text');
  return tagged;
}

/** Errors are told span by span: of whole spans as the convention reads them, else as conlleval does. */
function readerOf({ convention, scheme }: Report): Parameters<typeof analyseErrors>[2] {
  if (convention === 'token') return undefined;
  return conventionFor(convention, scheme).spans(scheme) ?? undefined;
}

function guess({ tokens, scheme }: Tagged, training: { tokens: Sequences; tags: Sequences }): Sequences {
  const { inner, fromInner } = SCHEMES[scheme as SchemeName];
  const lookUp = createLookUp(training.tokens, training.tags, inner);
  return tokens.map((words) => fromInner(lookUp(words)));
}

function bySeen({ tokens, gold, predicted, scheme }: Tagged, training: { tokens: Sequences; tags: Sequences }) {
  if (scheme !== 'plain') return seenUnseen(tokens, gold, predicted, surfacesOf(training.tokens, training.tags));
  const known = new Set(training.tokens.flat());
  const counts = new Map<string, Counts>();
  tokens.forEach((words, s) => {
    const [right, guessed] = [present(gold[s], 'sentence'), present(predicted[s], 'sentence')];
    words.forEach((word, i) => {
      const side = countsFor(counts, known.has(word) ? 'seen' : 'unseen');
      side.support++;
      side.predicted++;
      if (right[i] === guessed[i]) side.tp++;
    });
  });
  return scoreTable(counts);
}
