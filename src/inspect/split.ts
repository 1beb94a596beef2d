import { lineOf } from '../data/corpus';
import type { Choice, Corpus, DataWarning, LineCounts, Sentence, Task } from '../data/types';
import { present } from '../errors';
import { findRepeats, type Duplicate } from '../data/duplicates';
import { checkSpelling, findCommentRows, type Spelling, type WordCounts } from '../data/alike';
import { tokenCounts } from '../data/vocab';
import { countTypes, entitiesOf, type Entity, type TypeCount } from './entities';
import type { InvalidPlace, Mistyped, Reading } from './read';

/** What there is to know of one file on its own. */
export interface SplitCard {
  readonly name: string;
  readonly path: string;
  readonly sha256: string;
  readonly format: Choice;
  readonly columns: Corpus['columns'];
  readonly scheme: Choice;
  readonly task: Task;
  readonly lines: LineCounts;
  readonly sentences: number;
  readonly tokens: number;
  readonly sentenceLength: { readonly mean: number; readonly median: number; readonly longest: number };
  /** Distinct tokens, case counts. */
  readonly words: number;
  /** Null for plain tags. */
  readonly outside: Outside | null;
  /** Tags as the file writes them, most frequent first. */
  readonly labels: readonly { readonly label: string; readonly count: number; readonly share: number }[];
  /** Null for plain tags. */
  readonly entities: { readonly count: number; readonly types: readonly TypeCount[] } | null;
  readonly mistyped: readonly Mistyped[];
  readonly invalid: readonly InvalidPlace[];
  readonly repeats: readonly Duplicate[];
  /** What is odd about how words are written. */
  readonly spelling: Spelling;
  /** Rows that were most likely comments. */
  readonly commentRows: ReturnType<typeof findCommentRows>;
  /** What the reader warned of, apart from what other fields tell. */
  readonly warnings: readonly DataWarning[];
}

export interface Outside {
  readonly outsideTokens: number;
  readonly entityTokens: number;
  /** O tokens for each entity token; null without entity tokens. */
  readonly ratio: number | null;
  readonly sentencesWithoutEntity: number;
}

/** A card, and the entities that splits are compared by. */
export interface Described {
  readonly card: SplitCard;
  readonly reading: Reading;
  readonly entities: readonly Entity[];
  readonly words: WordCounts;
  /** 1-based line of the first token of each class: entity types, or plain tags. */
  readonly firstLines: ReadonlyMap<string, number>;
}

/** @param train the training split; null for itself */
export function describeSplit(reading: Reading, train: Described | null): Described {
  const { name, corpus, invalid, mistyped } = reading;
  const { path, sha256, format, columns, scheme, task, lines, sentences, tokens } = corpus;
  const isChunks = task === 'chunks';
  const entities = isChunks ? entitiesOf(sentences) : [];
  const lengths = sentences.map((sentence) => sentence.tokens.length).sort((a, b) => a - b);
  const words = tokenCounts(sentences);
  const card: SplitCard = {
    name,
    path,
    sha256,
    format,
    columns,
    scheme,
    task,
    lines,
    sentences: sentences.length,
    tokens,
    sentenceLength: {
      mean: tokens / sentences.length,
      median: median(lengths),
      longest: present(lengths.at(-1), 'length'),
    },
    words: words.size,
    outside: isChunks ? countOutside(reading) : null,
    labels: corpus.written
      .map(({ label, count }) => ({ label, count, share: count / tokens }))
      .sort((a, b) => b.count - a.count || (a.label < b.label ? -1 : 1)),
    entities: isChunks ? { count: entities.length, types: countTypes(entities) } : null,
    mistyped,
    invalid,
    repeats: findRepeats(sentences),
    spelling: checkSpelling(sentences, words, train?.words ?? words),
    commentRows: findCommentRows(sentences),
    // invalid tags are listed whole above, and a single tag is a finding of its own
    warnings: corpus.warnings.filter(({ code }) => code !== 'invalid-tag' && code !== 'one-tag'),
  };
  return { card, reading, entities, words, firstLines: firstLinesOf(sentences, isChunks ? entities : null) };
}

function firstLinesOf(sentences: readonly Sentence[], entities: readonly Entity[] | null): Map<string, number> {
  const lines = new Map<string, number>();
  const note = (type: string, line: () => number): void => {
    if (!lines.has(type)) lines.set(type, line());
  };
  if (entities) for (const { type, line } of entities) note(type, () => line);
  else for (const sentence of sentences) sentence.tags.forEach((tag, i) => note(tag, () => lineOf(sentence, i)));
  return lines;
}

function countOutside({ corpus }: Reading): Outside {
  const outsideTokens = corpus.labels.find(({ label }) => label === 'O')?.count ?? 0;
  const entityTokens = corpus.tokens - outsideTokens;
  return {
    outsideTokens,
    entityTokens,
    ratio: entityTokens === 0 ? null : outsideTokens / entityTokens,
    sentencesWithoutEntity: corpus.sentences.filter(({ tags }) => tags.every((tag) => tag === 'O')).length,
  };
}

/** Of sorted numbers. */
function median(sorted: readonly number[]): number {
  const half = sorted.length >> 1;
  const [below, middle] = [sorted.at(half - 1), present(sorted[half], 'length')];
  return sorted.length % 2 === 1 ? middle : (present(below, 'length') + middle) / 2;
}
