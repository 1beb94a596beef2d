import { UserError } from '../errors';
import { didYouMean } from '../wording';
import { type Chunk, chunkGrammar, chunksOf } from '../schemes';
import { confusionOf } from './confusion';
import { countEntities, type ReadChunks } from './entities';
import { ncrfppChunksOf } from './ncrfpp';
import { originalChunksOf } from './original';
import { countTags, scoreTable, type ScoreTable } from './prf';
import { matchPartial, matchType, relaxedTable } from './relaxed';
import { strictChunksOf } from './strict';

type Sequences = readonly (readonly string[])[];

/** A way to count entities: above all, what it makes of tag sequences that the scheme does not allow. */
export interface Convention {
  readonly title: string;
  readonly source: string;
  /** Does it say anything about this scheme? */
  covers(scheme: string): boolean;
  /** How it reads the spans that are right or wrong as a whole; null where it gives partial credit. */
  spans(scheme: string): ReadChunks | null;
  score(gold: Sequences, predicted: Sequences, scheme: string): ScoreTable;
}

/** Every token that is not O as a span of its own, by its full tag. */
export const tokenSpans = (tags: readonly string[]): Chunk[] =>
  tags.flatMap((tag, i) => (tag === 'O' ? [] : [{ type: tag, start: i, end: i + 1 }]));

const isChunkScheme = (scheme: string): boolean => chunkGrammar(scheme) !== undefined;

/** Every convention, the default first. Adding one is a row here. */
export const CONVENTIONS = {
  conlleval: {
    title: 'a chunk starts at B, or at I after O or another type',
    source: 'conlleval (Tjong Kim Sang, CoNLL-2000); seqeval, default mode (L, U, M as E, S, I)',
    covers: isChunkScheme,
    spans: () => chunksOf,
    score: (gold, predicted) => scoreTable(countEntities(gold, predicted)),
  },
  'conlleval-script': {
    title: 'the Perl script on letters it does not know: adjacent chunks of one type run together',
    source: 'conlleval.pl, version of 2004-01-26',
    covers: (scheme) => chunkGrammar(scheme)?.rules.closed ?? false,
    spans: () => originalChunksOf,
    score: (gold, predicted) => scoreTable(countEntities(gold, predicted, originalChunksOf)),
  },
  strict: {
    title: 'a sequence that the scheme does not allow is no chunk',
    source: "seqeval, mode='strict'",
    covers: isChunkScheme,
    spans: (scheme) => (tags) => strictChunksOf(tags, scheme),
    score: (gold, predicted, scheme) =>
      scoreTable(countEntities(gold, predicted, (tags) => strictChunksOf(tags, scheme))),
  },
  ncrfpp: {
    title: 'B opens, the next end letter closes, what lies between is skipped',
    source: 'NCRF++ (Yang and Zhang 2018), utils/metric.py',
    covers: (scheme) => {
      const grammar = chunkGrammar(scheme);
      return grammar !== undefined && (grammar.rules.closed || grammar.name === 'iob2');
    },
    spans: (scheme) => (tags) => ncrfppChunksOf(tags, scheme),
    score: (gold, predicted, scheme) =>
      scoreTable(countEntities(gold, predicted, (tags) => ncrfppChunksOf(tags, scheme))),
  },
  token: {
    title: 'every token by its full tag, O in no average',
    source: 'as scikit-learn with labels other than O',
    covers: isChunkScheme,
    spans: () => tokenSpans,
    score: (gold, predicted) => scoreTable(countTags(confusionOf(gold, predicted)), (tag) => tag !== 'O'),
  },
  type: {
    title: 'right type and any overlap',
    source: "SemEval-2013 task 9; nervaluate, 'ent_type'",
    covers: isChunkScheme,
    spans: () => null,
    score: (gold, predicted) => relaxedTable(gold, predicted, matchType),
  },
  partial: {
    title: 'right boundaries count 1, any other overlap 0.5, types ignored',
    source: "SemEval-2013 task 9; nervaluate, 'partial'",
    covers: isChunkScheme,
    spans: () => null,
    score: (gold, predicted) => relaxedTable(gold, predicted, matchPartial),
  },
} as const satisfies Record<string, Convention>;

export type ConventionName = keyof typeof CONVENTIONS;

export const CONVENTION_NAMES = Object.keys(CONVENTIONS) as ConventionName[];

/** The convention of that name. Throws UserError where there is none, or where it has nothing to say about the scheme. */
export function conventionFor(name: string, scheme: string): Convention {
  if (!Object.hasOwn(CONVENTIONS, name)) {
    throw new UserError(`unknown convention '${name}'; ${didYouMean(name, CONVENTION_NAMES)}`);
  }
  const convention = CONVENTIONS[name as ConventionName];
  if (!convention.covers(scheme)) {
    const fitting = CONVENTION_NAMES.filter((other) => CONVENTIONS[other].covers(scheme));
    throw new UserError(
      `convention '${name}' has no rule for ${scheme} tags`,
      fitting.length > 0
        ? `fitting: ${fitting.join(', ')}`
        : `conventions are for chunk tags, not for scheme '${scheme}'`,
    );
  }
  return convention;
}

/** Micro F1 of the same predictions by one convention. */
export interface ConventionScore {
  readonly convention: ConventionName;
  readonly f1: number;
}

/** Micro F1 by every convention that covers the scheme, in the table's order. */
export function byConvention(gold: Sequences, predicted: Sequences, scheme: string): ConventionScore[] {
  return CONVENTION_NAMES.filter((name) => CONVENTIONS[name].covers(scheme)).map((convention) => ({
    convention,
    f1: CONVENTIONS[convention].score(gold, predicted, scheme).micro.f1,
  }));
}
