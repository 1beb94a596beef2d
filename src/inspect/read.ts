import { Readable } from 'node:stream';
import { chooseTagging, lineOf, parseCorpus, readCorpus, streamSentences, type ReadOptions } from '../data/corpus';
import { countLabels, countWritten } from '../data/labels';
import { SCHEMES } from '../schemes';
import { type TagReader, tagReaderOf } from '../data/tagging';
import type { Corpus, Sentence } from '../data/types';
import { UserError } from '../errors';
import { nameOf, readBytes, streamAt } from '../files';

/** A tag that breaks the rules of its scheme where it stands. */
export interface InvalidPlace {
  readonly line: number;
  /** Such as `I-PER after O`. */
  readonly what: string;
}

/** A tag that the scheme does not know, and what it was read as so that the rest of the file can be looked at. */
export interface Mistyped {
  readonly tag: string;
  /** What it was most likely meant to be; `O` where nothing is near. */
  readonly readAs: string;
  readonly count: number;
  /** 1-based line of the first. */
  readonly line: number;
}

/** A file as far as it can be inspected. */
export interface Reading {
  readonly name: string;
  readonly corpus: Corpus;
  readonly invalid: readonly InvalidPlace[];
  readonly mistyped: readonly Mistyped[];
}

/**
 * Reads a file as training would; where training would refuse it for its tags alone, reads the tags as what they were most
 * likely meant to be, and says so. A file with broken rows is refused as everywhere: there is no telling what it holds.
 * @throws UserError as `readCorpus`, when more than the tags is wrong
 */
export async function readLeniently(name: string, path: string, options: ReadOptions): Promise<Reading> {
  return readInput(name, await inputAt(path), options);
}

/** A file that is read as often as it takes. */
interface Input {
  corpus(options: ReadOptions): Promise<Corpus>;
  /** Sentences with their tags as in the file. */
  raw(options: ReadOptions): Promise<Sentence[]>;
}

/** What can be read only once is kept in memory. */
async function inputAt(path: string): Promise<Input> {
  const bytes = (await streamAt(path)) === null ? null : await readBytes(path);
  return {
    corpus: async (options) => (bytes ? parseCorpus(bytes, nameOf(path), options) : readCorpus(path, options)),
    async raw(options) {
      const raw: Sentence[] = [];
      const chunks = bytes ? Readable.from([bytes]) : undefined;
      for await (const sentence of streamSentences(path, options, chunks)) raw.push(sentence);
      return raw;
    },
  };
}

async function readInput(name: string, input: Input, options: ReadOptions): Promise<Reading> {
  let corpus: Corpus;
  try {
    corpus = await input.corpus(options);
  } catch (refusal) {
    if (!(refusal instanceof UserError)) throw refusal;
    return mend(name, input, options, refusal);
  }
  if (corpus.invalid === 0) return { name, corpus, invalid: [], mistyped: [] };
  // in plain IOB2 the sentences hold the tags of the file; others are converted, and the file is read once more
  const { scheme, spelling, outside } = corpus.tagging;
  const asWritten = scheme === 'iob2' && spelling === 'standard' && outside === 'O';
  const raw = asWritten ? corpus.sentences : await input.raw(options);
  return { name, corpus, invalid: findInvalid(raw, tagReaderOf(corpus.tagging)), mistyped: [] };
}

async function mend(name: string, input: Input, options: ReadOptions, refusal: UserError): Promise<Reading> {
  const raw = await input.raw(options);
  const uses = countTags(raw);
  const counts = new Map([...uses].map(([tag, { count }]) => [tag, count]));
  const { why, doubt, ...tagging } = chooseTagging(options, counts, raw);
  if (doubt && options.tagsLike) return readInput(name, input, { ...options, tagsLike: undefined }); // shown as it is
  if (doubt) throw refusal; // there is no telling what the tags are
  const rules = tagReaderOf(tagging);
  const mistyped = [...uses]
    .filter(([tag]) => !rules.isTag(tag))
    .map(([tag, use]): Mistyped => ({ tag, readAs: meantTag(tag, rules, tagging.outside), ...use }));
  if (mistyped.length === 0) throw refusal; // it was not the tags
  const readAs = new Map(mistyped.map((found) => [found.tag, found.readAs]));
  const mended = raw.map((sentence) => ({ ...sentence, tags: sentence.tags.map((tag) => readAs.get(tag) ?? tag) }));
  const invalid = findInvalid(mended, rules);
  const sentences = mended.map((sentence) => ({ ...sentence, tags: rules.toInner(sentence.tags) }));
  // read as plain tags, which may be anything: the same rows, lines and hash
  const plain = await input.corpus({ ...options, scheme: 'plain', outside: null, tagsLike: undefined });
  const corpus: Corpus = {
    ...plain,
    sentences,
    scheme: { name: tagging.scheme, why },
    tagging,
    inner: rules.inner,
    task: SCHEMES[tagging.scheme].task,
    labels: countLabels(sentences),
    written: countWritten(mended, sentences),
    invalid: invalid.length,
    warnings: [],
  };
  return { name, corpus, invalid, mistyped };
}

function findInvalid(raw: readonly Sentence[], rules: TagReader): InvalidPlace[] {
  return raw.flatMap((sentence) =>
    rules.invalid(sentence.tags).map(({ index, what }) => ({ line: lineOf(sentence, index), what })),
  );
}

function countTags(sentences: readonly Sentence[]): Map<string, { count: number; line: number }> {
  const uses = new Map<string, { count: number; line: number }>();
  for (const sentence of sentences) {
    sentence.tags.forEach((tag, i) => {
      const use = uses.get(tag);
      if (use) use.count++;
      else uses.set(tag, { count: 1, line: lineOf(sentence, i) });
    });
  }
  return uses;
}

/** `B_PER`, `b-PER` and `B:PER` as `B-PER`, `0` and `o` as `O`; anything else is outside. */
function meantTag(tag: string, rules: TagReader, outside: string): string {
  const points = Array.from(tag);
  const mended = `${(points[0] ?? '').toUpperCase()}-${points.slice(2).join('')}`;
  return points.length > 2 && rules.isTag(mended) ? mended : outside;
}
