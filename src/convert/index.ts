import { isUtf8 } from 'node:buffer';
import { lineOf, parseCorpus, warningsAt } from '../data/corpus';
import { FORMATS, type FormatName } from '../data/formats';
import { isMarked } from '../data/lines';
import { createProblems, type Problems, quote } from '../data/problems';
import { SPELLINGS } from '../data/spellings';
import { hasOutside, type Tagging, taggingText, tagReaderOf } from '../data/tagging';
import type { Corpus, Sentence } from '../data/types';
import { beginsAsJson } from '../data/strangers';
import { invalidUtf8At } from '../data/utf8';
import { columnAt, withField, withKey } from '../data/write';
import { present, UserError } from '../errors';
import { nameOf, readBytes, unpackBytes } from '../files';
import { countInvalid, invalidTags } from '../metrics/invalid';
import { type Chunk, chunksOf } from '../schemes';
import { readDocuments, SPAN_FORMATS, type SpanDocument, type SpanFormatName, writeDocuments } from '../spans/formats';
import { isGlued, joined, type Range, sentencesIn, TOKENISERS } from '../spans/text';
import type { ConvertOptions, OVERLAPS, TargetName } from './options';
import { count, didYouMean } from '../wording';
import { type Warning, warning } from '../warnings';

export interface Conversion {
  readonly text: string;
  readonly summary: ConversionSummary;
  readonly warnings: readonly Warning[];
}

/** What was converted to what. Plain data. */
export interface ConversionSummary {
  readonly path: string;
  readonly from: string;
  readonly to: string;
  readonly sentences: number;
  readonly tokens: number;
  /** Entities of each type, or tokens of each plain tag, as they are written. */
  readonly types: Readonly<Record<string, number>>;
  /** Entities of types that were not kept. */
  readonly dropped: number;
  /** Invalid tags that were read as conlleval reads them, by kind. */
  readonly repaired: Readonly<Record<string, number>>;
  /** Entities that became a part of the one before. */
  readonly merged: number;
  /** Spans that overlapped others and were left out. */
  readonly overlapping: number;
  /** Spans that grew, and tokens that were split. */
  readonly grown: number;
  readonly split: number;
}

/** A sentence between reading and writing. */
interface Item {
  readonly tokens: readonly string[];
  readonly text: string;
  /** Of the tokens in the text. */
  readonly places: readonly Range[];
  readonly chunks: readonly Chunk[];
  /** Plain tags, in place of chunks. */
  readonly tags: readonly string[] | null;
  /** Where a token stands in the file. */
  readonly at: (token: number) => { readonly line: number; readonly column: number };
}

interface Counts {
  dropped: number;
  merged: number;
  overlapping: number;
  grown: number;
  split: number;
}

/**
 * Converts a file: its scheme, its format, the names of its types. What the target cannot hold is an error, never a silent loss;
 * what formats never hold of each other, such as comments, is told in a warning.
 * @throws UserError for bad input, and for whatever the target cannot hold, with its place
 */
export async function convertFile(path: string, options: ConvertOptions): Promise<Conversion> {
  const name = nameOf(path);
  const bytes = unpackBytes(await readBytes(path), name);
  const isSpans = options.from === 'auto' ? beginsAsJson(bytes.toString('utf8', 0, 4096)) : options.from !== 'conll';
  return isSpans ? fromSpans(textOf(bytes, name), name, options) : fromRows(bytes, name, options);
}

/** @throws UserError where it is no UTF-8 */
function textOf(bytes: Buffer, path: string): string {
  if (isUtf8(bytes)) return bytes.toString('utf8').replace(/^\uFEFF/, '');
  const before = bytes.toString('utf8', 0, invalidUtf8At(bytes)).split('\n');
  const column = Array.from(before.at(-1) ?? '').length + 1;
  throw new UserError(
    `${path}:${before.length}:${column}: not valid UTF-8`,
    'JSON is UTF-8: convert it, for example with iconv',
  );
}

function fromSpans(text: string, path: string, options: ConvertOptions): Conversion {
  const from = options.from === 'conll' ? 'auto' : options.from;
  const { format, unit, documents } = readDocuments(text, path, from, options.fromOffsets);
  const counts = noCounts();
  const rename = renamer(
    documents.flatMap(({ spans }) => spans.map(({ type }) => type)),
    path,
    options,
  );
  const renamed = documents.map((document) => ({ ...document, spans: rename(document.spans, counts) }));
  const to = options.to === 'same' ? format : options.to;
  const about = { path, from: `${format}, offsets in ${unit}`, repaired: {} };
  if (isSpanFormat(to)) {
    if (options.toScheme !== null) throw noScheme(to);
    const kept = format === to;
    const written = renamed.map(({ text: own, spans, tokens, rest }) => ({
      ...{ text: own, spans, rest: kept ? rest : {} },
      ...(options.withTokens && tokens && { tokens }),
    }));
    const warnings = leftOut(path, lostOf(documents, kept));
    const spans = renamed.flatMap((document) => document.spans);
    const tokens = renamed.reduce((sum, document) => sum + (document.tokens?.length ?? 0), 0);
    return {
      text: writeDocuments(written, to, options.offsets),
      warnings,
      summary: { ...about, to, sentences: documents.length, tokens, types: countTypes(spans), ...counts },
    };
  }
  const problems = createProblems(path);
  const items = renamed.flatMap((document) => itemsOf(document, options, counts, problems));
  problems.throwIfAny();
  return toTags(items, { scheme: options.toScheme ?? 'iob2', spelling: 'standard', outside: 'O' }, to, options, {
    about,
    counts,
    warnings: leftOut(path, lostOf(documents, false)),
  });
}

function fromRows(bytes: Buffer, path: string, options: ConvertOptions): Conversion {
  const { merge, repair, toScheme, to: target, offsets, withTokens } = options;
  const corpus = parseCorpus(bytes, path, options);
  const written = parseCorpus(bytes, path, {
    ...options,
    scheme: 'plain',
    spelling: 'auto',
    outside: null,
    doubts: 'keep',
  });
  const all = bytes.toString('utf8');
  const mark = all.startsWith('\uFEFF') ? '\uFEFF' : '';
  const lines = all.slice(mark.length).split('\n');
  const rowAt = (line: number): string => present(lines[line - 1], 'line').replace(/\r$/, '');
  const { separator, columns } = corpus;
  const placeOf = (sentence: Sentence, token: number) => {
    const line = lineOf(sentence, token);
    return { line, column: columnAt(rowAt(line), separator, columns.tag - 1) };
  };
  const repaired = repairs(corpus, written, placeOf, repair);
  const chunky = corpus.task === 'chunks';
  const counts = noCounts();
  const found = corpus.sentences.map(({ tags }) => (chunky ? chunksOf(tags) : []));
  const names = chunky ? found.flat().map(({ type }) => type) : corpus.labels.map(({ label }) => label);
  const rename = renamer(names, path, options);
  const items = corpus.sentences.map((sentence, s): Item => ({
    tokens: sentence.tokens,
    ...joined(sentence.tokens, (token) => isGlued(rowAt(lineOf(sentence, token)))),
    chunks: rename(present(found[s], 'sentence'), counts),
    tags: chunky ? null : sentence.tags.map((tag) => options.mapTypes.get(tag) ?? tag),
    at: (token) => placeOf(sentence, token),
  }));
  const isU = ['conllu', 'conlluplus'].includes(corpus.format.name);
  const to = (target === 'conll' && !isU) || (target === 'conllu' && corpus.format.name === 'conllu') ? 'same' : target;
  const about = { path, from: `${corpus.format.name}, tags ${taggingText(corpus.tagging)}`, repaired };
  const warnings = warningsAt(
    path,
    corpus.warnings.filter(({ code }) => code !== 'invalid-tag'),
  );
  if (!chunky && options.keepTypes)
    throw new UserError(`--keep-types: the tags of ${path} are plain: every token has one`, 'leave it out');
  if (isSpanFormat(to)) {
    if (!chunky) throw notSpans(path, to, corpus);
    if (toScheme !== null) throw noScheme(to);
    const documents = items.map(({ text, places, chunks }) => ({
      text,
      spans: chunks.map(({ type, start, end }) => ({
        type,
        start: present(places[start], 'token').start,
        end: present(places[end - 1], 'token').end,
      })),
      ...(withTokens && { tokens: places }),
      rest: {},
    }));
    return {
      text: writeDocuments(documents, to, offsets),
      warnings: [...warnings, ...leftOut(path, besideTags(corpus))],
      summary: { ...about, to, ...sizesOf(items), ...counts },
    };
  }
  if (!chunky && toScheme !== null) {
    throw new UserError(
      `${path}: its tags are plain (${corpus.scheme.why}): no scheme of entities can hold them`,
      'name the tag column with --tag-column, and the scheme with --scheme, where they are entities',
    );
  }
  const tagging = targetTagging(corpus.tagging, toScheme);
  if (to !== 'same')
    return toTags(items, tagging, to, options, {
      about,
      counts,
      warnings: [...warnings, ...leftOut(path, besideTags(corpus))],
    });

  const tags = tagsOf(items, tagging, { path, merge, counts, separator, key: columns.key });
  corpus.sentences.forEach((sentence, s) => {
    sentence.tokens.forEach((_, i) => {
      const at = lineOf(sentence, i) - 1;
      const line = present(lines[at], 'line');
      const row = line.replace(/\r$/, '');
      const tag = present(tags[s]?.[i], 'tag');
      const put = (field: string): string => (columns.key === undefined ? tag : withKey(field, columns.key, tag));
      lines[at] = withField(row, separator, columns.tag - 1, put) + line.slice(row.length);
    });
  });
  return {
    text: mark + lines.join('\n'),
    warnings,
    summary: { ...about, to: `${corpus.format.name}, tags ${taggingText(tagging)}`, ...sizesOf(items), ...counts },
  };
}

/** What conlleval makes of tags that break the rules of their scheme: an error, unless it is asked for. */
function repairs(
  corpus: Corpus,
  written: Corpus,
  placeOf: (sentence: Sentence, token: number) => { line: number; column: number },
  repair: boolean,
): Record<string, number> {
  if (corpus.invalid === 0) return {};
  const reader = tagReaderOf(corpus.tagging);
  const { scheme } = corpus.tagging;
  if (repair) {
    const standard = written.sentences.map(({ tags }) => tags.map((tag) => reader.standard(tag) ?? 'O'));
    const kinds = countInvalid(invalidTags(standard, scheme));
    return Object.keys(kinds).length > 0 ? kinds : { [scheme]: corpus.invalid };
  }
  const problems = createProblems(corpus.path);
  for (const sentence of written.sentences) {
    for (const { index, what } of reader.invalid(sentence.tags)) {
      const { line, column } = placeOf(sentence, index);
      problems.add(
        line,
        column,
        `${what} is invalid in ${scheme}`,
        '--repair reads such tags as conlleval does, writes what it reads, and counts them; --scheme names another scheme',
      );
    }
  }
  problems.throwIfAny();
  return {};
}

const noCounts = (): Counts => ({ dropped: 0, merged: 0, overlapping: 0, grown: 0, split: 0 });

const isSpanFormat = (name: TargetName): name is SpanFormatName => Object.hasOwn(SPAN_FORMATS, name);

/** What it does to typed things: new names, and only those that are kept. @throws UserError where a name is nowhere */
function renamer(there: readonly string[], path: string, { mapTypes, keepTypes }: ConvertOptions) {
  const names = new Set(there);
  const after = new Set([...names].map((name) => mapTypes.get(name) ?? name));
  const check = (flag: string, wanted: Iterable<string>, of: ReadonlySet<string>): void => {
    for (const name of wanted)
      if (!of.has(name))
        throw new UserError(`${flag}: ${path} has no type '${name}'`, didYouMean(name, [...of].sort()));
  };
  check('--map-types', mapTypes.keys(), names);
  check('--keep-types', keepTypes ?? [], after);
  return <T extends { readonly type: string }>(all: readonly T[], counts: Counts): T[] => {
    const kept = all
      .map((one) => ({ ...one, type: mapTypes.get(one.type) ?? one.type }))
      .filter(({ type }) => !keepTypes || keepTypes.has(type));
    counts.dropped += all.length - kept.length;
    return kept;
  };
}

function targetTagging(source: Tagging, scheme: ConvertOptions['toScheme']): Tagging {
  if (scheme === null || scheme === source.scheme) return source;
  const isLettered = SPELLINGS[source.spelling].of === 'letters' && scheme !== 'brackets';
  const outside = hasOutside(source.scheme) && hasOutside(scheme) ? source.outside : 'O';
  return { scheme, spelling: isLettered ? source.spelling : 'standard', outside };
}

interface Writing {
  readonly path: string;
  readonly merge: boolean;
  readonly counts: Counts;
  readonly separator: Corpus['separator'];
  readonly key?: string | undefined;
}

/** The tags of all items, checked by reading them again. @throws UserError where they are not what was to be written */
function tagsOf(items: readonly Item[], tagging: Tagging, writing: Writing): (readonly string[])[] {
  const { path, merge, counts, separator, key } = writing;
  const reader = tagReaderOf(tagging);
  const problems = createProblems(path);
  const apart = tagging.scheme !== 'io';
  const refused = new Set<string>();
  const all = items.map((item) => {
    const chunks = apart || !merge ? item.chunks : mergedChunks(item.chunks, counts);
    const tags = item.tags ?? reader.fromInner(labelsOf(chunks, item.tokens.length, reader.inner === 'io'));
    tags.forEach((tag, i) => {
      const wrong =
        tag === '' ||
        (separator === 'blank' ? /\s/ : /[\t\r\n]|^\s|\s$/).test(tag) ||
        UNWRITABLE.test(tag) ||
        (key !== undefined && tag.includes('|'));
      if ((!wrong && reader.isTag(tag)) || refused.has(tag)) return;
      refused.add(tag);
      const { line, column } = item.at(i);
      problems.add(
        line,
        column,
        `no column of ${taggingText(tagging)} can hold the tag ${quote(tag)}`,
        'give the type another name: --map-types OLD=NEW',
      );
    });
    if (item.tags || refused.size > 0) return tags;
    const again = chunksOf(reader.toInner(tags));
    const lost = chunks.find((chunk, k) => !isSame(chunk, again[k]));
    if (lost) {
      const next = chunks[chunks.indexOf(lost) + 1];
      const shown = ({ type, start, end }: Chunk): string =>
        `${type} ${quote(item.tokens.slice(start, end).join(' '))}`;
      const isTwin = next?.start === lost.end && next.type === lost.type;
      const { line, column } = item.at(isTwin ? next.start : lost.start);
      if (isTwin) {
        problems.add(
          line,
          column,
          `${tagging.scheme} cannot tell ${shown(lost)} from ${shown(next)} behind it`,
          'take another scheme with --to-scheme, or let --merge make one entity of adjacent ones of a type',
        );
      } else {
        problems.add(
          line,
          column,
          `${shown(lost)} would be read as something else in ${taggingText(tagging)}`,
          'take another scheme with --to-scheme, or give the type another name: --map-types OLD=NEW',
        );
      }
    }
    return tags;
  });
  problems.throwIfAny();
  return all;
}

const isSame = (a: Chunk, b: Chunk | undefined): boolean =>
  a.type === b?.type && a.start === b.start && a.end === b.end;

function mergedChunks(chunks: readonly Chunk[], counts: Counts): Chunk[] {
  const merged: Chunk[] = [];
  for (const chunk of chunks) {
    const last = merged.at(-1);
    if (last?.end === chunk.start && last.type === chunk.type) {
      merged[merged.length - 1] = { ...last, end: chunk.end };
      counts.merged++;
    } else merged.push(chunk);
  }
  return merged;
}

/** Labels as they are inside the program. */
function labelsOf(chunks: readonly Chunk[], length: number, io: boolean): string[] {
  const labels = new Array<string>(length).fill('O');
  for (const { type, start, end } of chunks) {
    const tail = type === '' ? '' : `-${type}`;
    labels.fill(`I${tail}`, start, end);
    if (!io) labels[start] = `B${tail}`;
  }
  return labels;
}

/** Items as rows of their own. */
function toTags(
  items: readonly Item[],
  tagging: Tagging,
  to: 'conll' | 'conllu' | 'same',
  { merge }: ConvertOptions,
  {
    about,
    counts,
    warnings,
  }: { about: Pick<ConversionSummary, 'path' | 'from' | 'repaired'>; counts: Counts; warnings: readonly Warning[] },
): Conversion {
  const isU = to === 'conllu';
  const plain = items.some(({ tags }) => tags !== null);
  const tags = tagsOf(items, plain ? { scheme: 'plain', spelling: 'standard', outside: 'O' } : tagging, {
    ...{ path: about.path, merge, counts, separator: 'tab' },
    ...(isU && !plain && { key: 'NE' }),
  });
  const text = items
    .map((item, s) => {
      const own = present(tags[s], 'sentence');
      const rows = item.tokens.map((token, i) => {
        const tag = present(own[i], 'tag');
        return isU ? conlluRow(item, i, token, tag) : `${token}\t${tag}\n`;
      });
      return `${isU ? `# text = ${item.text.replace(/\s+/g, ' ')}\n` : ''}${rows.join('')}\n`;
    })
    .join('');
  const mark = text.startsWith('\uFEFF') ? '\uFEFF' : ''; // the first is that of the file, and the token keeps its own
  const layout = isU ? `conllu, ${plain ? 'UPOS' : 'MISC:NE'}` : 'token and tag';
  return {
    text: mark + text,
    warnings,
    summary: {
      ...about,
      to: `${layout}, tags ${plain ? 'plain' : taggingText(tagging)}`,
      ...sizesOf(items),
      ...counts,
    },
  };
}

function conlluRow({ tags, places }: Item, i: number, token: string, tag: string): string {
  const next = places[i + 1];
  const glued = next !== undefined && next.start === places[i]?.end ? ['SpaceAfter=No'] : [];
  const misc = [...(tags ? [] : [`NE=${tag}`]), ...glued].join('|') || '_';
  return `${[i + 1, token, '_', tags ? tag : '_', '_', '_', '_', '_', '_', misc].join('\t')}\n`;
}

/** No row can hold it: the reader refuses NUL, and half of a pair of surrogates has no UTF-8. */
const UNWRITABLE = /\0|\p{Cs}/u;

/** Would a row with this token be read as something else? */
const isNoToken = (token: string): boolean =>
  /[\t\r\n]|^\uFEFF?-DOCSTART-$/.test(token) || UNWRITABLE.test(token) || isMarked(`${token}\tO`);

/** The sentences of a document: its tokens, and its spans as chunks of them. */
function itemsOf(document: SpanDocument, options: ConvertOptions, counts: Counts, problems: Problems): Item[] {
  const { text, line, column } = document;
  const spans = apart(document, options.overlap, counts, problems);
  const split = splitter(
    text,
    spans.flatMap(({ start, end }) => [start, end]),
  );
  const given = options.tokens === null ? document.tokens : undefined;
  const tokens = (given ?? TOKENISERS[options.tokens ?? 'words'].split(text)).flatMap((token) => {
    if (options.cut !== 'split') return [token];
    const parts = split(token);
    counts.split += parts.length - 1;
    return parts;
  });
  const odd = tokens.find(({ start, end }) => isNoToken(text.slice(start, end)));
  if (odd)
    problems.add(
      line,
      column,
      `no row can hold the token ${quote(text.slice(odd.start, odd.end))}`,
      'take other tokens: --text-tokens words, blanks or characters',
    );
  const chunks: Chunk[] = [];
  let next = 0; // the first token that ends behind the start of the span
  for (const span of spans) {
    while (next < tokens.length && present(tokens[next], 'token').end <= span.start) next++;
    let behind = next;
    while (behind < tokens.length && present(tokens[behind], 'token').start < span.end) behind++;
    const [first, last] = [tokens.slice(next, behind).at(0), tokens[behind - 1]];
    const shown = `${span.type} ${quote(text.slice(span.start, span.end))}`;
    if (behind === next || !first || !last) {
      problems.add(line, column, `span ${shown} holds no token`, 'label words, not blanks');
      continue;
    }
    if (first.start < span.start || last.end > span.end) {
      const token = first.start < span.start ? first : last;
      if (options.cut === 'error') {
        problems.add(
          line,
          column,
          `span ${shown} cuts the token ${quote(text.slice(token.start, token.end))}`,
          '--cut grow takes whole tokens, --cut split splits the token there; --text-tokens characters has none to cut',
        );
        continue;
      }
      counts.grown++;
    }
    const before = chunks.at(-1);
    if (before && before.end > next) {
      problems.add(
        line,
        column,
        `span ${shown} would share a token with the one before`,
        '--cut split splits the token there',
      );
      continue;
    }
    chunks.push({ type: span.type, start: next, end: behind });
  }
  const breaks = given ? [] : breaksIn(text, tokens, chunks, options.tokens === 'blanks');
  let done = 0; // chunks of the sentences before
  const inSentence = (to: number): Chunk[] => {
    const from = done;
    while (done < chunks.length && present(chunks[done], 'chunk').start < to) done++;
    return chunks.slice(from, done);
  };
  return [...breaks, tokens.length].flatMap((to, k): Item[] => {
    const from = k === 0 ? 0 : present(breaks[k - 1], 'break');
    const own = tokens.slice(from, to);
    const [begin, end] = [own.at(0)?.start, own.at(-1)?.end];
    if (begin === undefined || end === undefined) return [];
    return [
      {
        tokens: own.map((token) => text.slice(token.start, token.end)),
        text: text.slice(begin, end),
        places: own.map((token) => ({ start: token.start - begin, end: token.end - begin })),
        chunks: inSentence(to).map((chunk) => ({ ...chunk, start: chunk.start - from, end: chunk.end - from })),
        tags: null,
        at: () => ({ line, column }),
      },
    ];
  });
}

/** Spans that do not overlap. */
function apart(
  { text, spans, line, column }: SpanDocument,
  overlap: keyof typeof OVERLAPS,
  counts: Counts,
  problems: Problems,
) {
  const kept: (typeof spans)[number][] = [];
  const byLength = [...spans].sort((a, b) => b.end - b.start - (a.end - a.start) || a.start - b.start);
  for (const span of overlap === 'longest' ? byLength : spans) {
    const other = kept.find(({ start, end }) => start < span.end && end > span.start);
    if (!other) kept.push(span);
    else if (overlap === 'longest') counts.overlapping++;
    else {
      const shown = [other, span].map(({ type, start, end }) => `${type} ${quote(text.slice(start, end))}`);
      problems.add(
        line,
        column,
        `spans ${shown.join(' and ')} overlap: one tag a token cannot say both`,
        '--overlap longest keeps the longest of spans that overlap, and counts the others',
      );
    }
  }
  return kept.sort((a, b) => a.start - b.start);
}

/** Splits tokens, which come in order, where spans begin and end; blanks at the ends of what comes out go. */
function splitter(text: string, borders: readonly number[]): (token: Range) => Range[] {
  const sorted = [...borders].sort((a, b) => a - b);
  let next = 0;
  return ({ start, end }) => {
    while (next < sorted.length && (sorted[next] as number) <= start) next++;
    const parts: Range[] = [];
    for (let from = start; from < end;) {
      const border = sorted[next] ?? end;
      const to = Math.min(border, end);
      const part = text.slice(from, to);
      const at = from + part.length - part.trimStart().length;
      if (part.trim() !== '') parts.push({ start: at, end: at + part.trim().length });
      while (next < sorted.length && (sorted[next] as number) <= to) next++;
      from = to;
    }
    return parts;
  };
}

/**
 * Tokens that begin a sentence, but the first: behind a blank line, at line ends of text that is split at blanks, else by the rules
 * of Unicode; none inside an entity.
 */
function breaksIn(text: string, tokens: readonly Range[], chunks: readonly Chunk[], atLines: boolean): number[] {
  const begins = new Set<number>();
  let at = 0;
  for (const paragraph of text.split(atLines ? /(\r?\n)/ : /(\r?\n[ \t]*\r?\n)/)) {
    const sentences = atLines ? [{ start: 0 }] : sentencesIn(paragraph);
    for (const { start } of sentences) begins.add(at + start);
    at += paragraph.length;
  }
  const starts = [...begins].sort((a, b) => a - b);
  const breaks: number[] = [];
  const isInside = new Uint8Array(tokens.length); // goes on with an entity
  for (const { start, end } of chunks) isInside.fill(1, start + 1, end);
  let next = 0;
  tokens.forEach((token, i) => {
    let isNew = false;
    for (; next < starts.length && (starts[next] as number) <= token.start; next++) isNew = true;
    if (isNew && i > 0 && isInside[i] === 0) breaks.push(i);
  });
  return breaks;
}

/** What of documents is not written, and how many have it. @param kept whether what stands beside text and spans is */
function lostOf(documents: readonly SpanDocument[], kept: boolean): string[] {
  const times = new Map<string, number>();
  for (const { rest, lost } of documents) {
    const { data = {}, ...own } = rest; // of Label Studio
    const beside = kept ? [] : [...Object.keys(own), ...Object.keys(data as object)];
    for (const what of [...beside, ...lost]) times.set(what, (times.get(what) ?? 0) + 1);
  }
  return [...times].map(([what, n]) => `${what} (${count(n, 'document')})`);
}

/** What a file of rows holds beside tokens and tags. */
function besideTags({ columns, format, lines, numbers }: Corpus): string[] {
  const read = [columns.token, columns.key === undefined ? columns.tag : 0, numbers?.column];
  const names: readonly string[] = columns.names ?? FORMATS[format.name as FormatName].names;
  const others = Array.from({ length: columns.count }, (_, i) => i + 1)
    .filter((column) => !read.includes(column))
    .map((column) => `column ${names[column - 1] ?? String(column)}`);
  const { comment, docstart, range, emptyNode } = lines;
  const told: [number, string][] = [
    [comment, comment === 1 ? 'comment' : 'comments'],
    [docstart, docstart === 1 ? 'document start' : 'document starts'],
    [range, range === 1 ? 'range of words' : 'ranges of words'],
    [emptyNode, emptyNode === 1 ? 'empty node' : 'empty nodes'],
  ];
  return [...others, ...told.filter(([n]) => n > 0).map(([n, what]) => `${n} ${what}`)];
}

const leftOut = (path: string, what: readonly string[]): Warning[] =>
  what.length > 0 ? [warning('left-out', { path, what })] : [];

const noScheme = (to: SpanFormatName): UserError =>
  new UserError(`--to-scheme: ${to} holds spans, which have no scheme`, 'leave it out, or take --to conll');

const notSpans = (path: string, to: string, { scheme }: Corpus): UserError =>
  new UserError(
    `${path}: its tags are plain (${scheme.why}): ${to} holds spans of entities`,
    'name the tag column with --tag-column, and the scheme with --scheme, where they are entities',
  );

const sizesOf = (items: readonly Item[]): Pick<ConversionSummary, 'sentences' | 'tokens' | 'types'> => ({
  sentences: items.length,
  tokens: items.reduce((sum, { tokens }) => sum + tokens.length, 0),
  types: countTypes(
    items.flatMap(({ chunks, tags }): { type: string }[] => tags?.map((type) => ({ type })) ?? [...chunks]),
  ),
});

function countTypes(all: readonly { readonly type: string }[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { type } of all) counts.set(type, (counts.get(type) ?? 0) + 1);
  return Object.fromEntries([...counts].sort());
}
