import { UserError } from '../errors';
import { parseJson } from '../files/json';
import { createProblems, type Problems, quote } from '../data/problems';
import { lengthIn, type Offsets, offsetsOf, type OffsetUnit, type Range, type Span } from './text';

/** A text with labelled spans in it. */
export interface SpanDocument {
  readonly text: string;
  /** In order of their start. */
  readonly spans: readonly Span[];
  /** Where the file says that they are. */
  readonly tokens?: readonly Range[];
  /** 1-based line of the file where it begins. */
  readonly line: number;
  readonly column: number;
  /** What else stands beside it: kept on the way to the same format. */
  readonly rest: Readonly<Record<string, unknown>>;
  /** What was read over, in words: it is kept nowhere. */
  readonly lost: readonly string[];
}

/** A document as a format holds it: offsets as they stand in the file, unchecked. */
interface Found {
  readonly text: unknown;
  readonly spans: readonly FoundSpan[];
  readonly tokens?: readonly FoundSpan[];
  readonly rest: Readonly<Record<string, unknown>>;
  /** What is read over, in words. */
  readonly lost?: readonly string[];
  /** What is wrong with it as a whole. */
  readonly fault?: string;
}

interface FoundSpan {
  readonly start: unknown;
  readonly end: unknown;
  /** One label; several, or none, are more than tags can say. */
  readonly labels: readonly unknown[];
  /** What the file says that it covers. */
  readonly text?: unknown;
  /** Other keys that stand beside it. */
  readonly keys?: readonly string[];
}

/** Spans and tokens with offsets in the unit of the file. */
interface Written {
  readonly text: string;
  readonly spans: readonly (Span & { readonly covered: string })[];
  readonly tokens: readonly (Range & { readonly text: string; readonly blank: boolean })[] | null;
  readonly rest: Readonly<Record<string, unknown>>;
}

export interface SpanFormat {
  readonly title: string;
  /** What its offsets count. */
  readonly unit: OffsetUnit;
  /** One JSON value a line, or all of them in one array. */
  readonly layout: 'lines' | 'array';
  /** Can the value be one of it? */
  readonly fits: (value: unknown) => boolean;
  readonly read: (value: unknown) => Found;
  readonly write: (document: Written) => unknown;
}

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

const without = (value: Json, ...keys: readonly string[]): Json =>
  Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)));

/** `[start, end, label]` */
const tripleOf = (value: unknown): FoundSpan => {
  const [start, end, ...labels] = listOf(value);
  return { start, end, labels };
};

/** Keys that say what others say as well. */
const KNOWN_KEYS = ['text', 'token_start', 'token_end'];

/** An object with these keys. */
const objectSpan =
  (startKey: string, endKey: string, labelKey: string) =>
  (value: unknown): FoundSpan => {
    if (!isObject(value)) return { start: undefined, end: undefined, labels: [] };
    const known = [startKey, endKey, labelKey, ...KNOWN_KEYS];
    return {
      ...{ start: value[startKey], end: value[endKey], text: value.text },
      labels: labelKey in value ? [value[labelKey]] : [],
      keys: Object.keys(value).filter((key) => !known.includes(key)),
    };
  };

const tokensOf = (value: unknown, read: (token: unknown) => FoundSpan): Pick<Found, 'tokens'> =>
  Array.isArray(value) ? { tokens: (value as unknown[]).map(read) } : {};

/** Texts whose spans are objects of start, end and label in a list of that name, as their tokens are. */
const objectsIn = (key: 'spans' | 'ents'): Pick<SpanFormat, 'fits' | 'read'> => ({
  fits: (value) => isObject(value) && Array.isArray(value[key]),
  read: (value) => ({
    text: (value as Json).text,
    spans: listOf((value as Json)[key]).map(objectSpan('start', 'end', 'label')),
    ...tokensOf((value as Json).tokens, objectSpan('start', 'end', 'label')),
    rest: without(value as Json, 'text', key, 'tokens'),
  }),
});

const pairs = (tokens: Written['tokens']): object =>
  tokens ? { tokens: tokens.map(({ start, end }) => [start, end]) } : {};

/** Every format of spans. To add one: its line here; detection, help and the round-trip tests follow. */
export const SPAN_FORMATS = {
  labelstudio: {
    title: 'Label Studio: an array of tasks with data.text and annotations, or its JSON_MIN (written: tasks)',
    unit: 'utf16',
    layout: 'array',
    fits: (value) =>
      isObject(value) &&
      (isObject(value.data) ||
        (Array.isArray(value.label) &&
          value.label.length > 0 &&
          value.label.every((one) => isObject(one) && 'labels' in one))),
    read: readTask,
    write: ({ text, spans, tokens, rest }) => ({
      ...rest,
      data: { ...(isObject(rest.data) ? rest.data : {}), text, ...pairs(tokens) },
      annotations: [
        {
          result: spans.map(({ start, end, type, covered }, i) => ({
            ...{ id: `span-${i + 1}`, from_name: 'label', to_name: 'text', type: 'labels' },
            value: { start, end, text: covered, labels: [type] },
          })),
        },
      ],
    }),
  },
  prodigy: {
    title: 'Prodigy: {"text", "tokens": [{"text", "start", "end", "id", "ws"}], "spans": [{"start", "end", "label"}]}',
    unit: 'codepoints',
    layout: 'lines',
    ...objectsIn('spans'),
    write: ({ text, spans, tokens, rest }) => ({
      ...rest,
      text,
      ...(tokens && {
        tokens: tokens.map(({ start, end, text: own, blank }, id) => ({ text: own, start, end, id, ws: blank })),
      }),
      spans: spans.map(({ start, end, type }) => ({ start, end, label: type })),
    }),
  },
  spacy: {
    title: 'spaCy: {"text", "ents": [{"start", "end", "label"}], "tokens": [{"id", "start", "end"}]}, as Doc.to_json',
    unit: 'codepoints',
    layout: 'lines',
    ...objectsIn('ents'),
    write: ({ text, spans, tokens, rest }) => ({
      ...rest,
      text,
      ents: spans.map(({ start, end, type }) => ({ start, end, label: type })),
      ...(tokens && { tokens: tokens.map(({ start, end }, id) => ({ id, start, end })) }),
    }),
  },
  entities: {
    title: 'training data of spaCy: ["text", {"entities": [[start, end, "TYPE"]]}]',
    unit: 'codepoints',
    layout: 'lines',
    fits: (value) =>
      Array.isArray(value)
        ? value.length === 2 && typeof value[0] === 'string' && isObject(value[1])
        : isObject(value) && listOf(value.entities).every(Array.isArray) && Array.isArray(value.entities),
    read: (value) => {
      const [text, more] = isObject(value) ? [value.text, value] : (value as readonly [unknown, Json]);
      return {
        text,
        spans: listOf(more.entities).map(tripleOf),
        ...tokensOf(more.tokens, tripleOf),
        rest: without(more, 'text', 'entities', 'tokens'),
      };
    },
    write: ({ text, spans, tokens, rest }) => [
      text,
      { ...rest, entities: spans.map(({ start, end, type }) => [start, end, type]), ...pairs(tokens) },
    ],
  },
  doccano: {
    title: 'doccano: {"text", "label": [[start, end, "TYPE"]]}; also "labels", and "entities" of objects',
    unit: 'codepoints',
    layout: 'lines',
    fits: (value) => isObject(value) && ('label' in value || 'labels' in value || 'entities' in value),
    read: (value) => {
      const { text, label, labels, entities, tokens } = value as Json;
      const objects = listOf(entities).map(objectSpan('start_offset', 'end_offset', 'label'));
      return {
        text,
        spans: [...listOf(label ?? labels).map(tripleOf), ...objects],
        ...tokensOf(tokens, tripleOf),
        rest: without(value as Json, 'text', 'label', 'labels', 'entities', 'tokens'),
      };
    },
    write: ({ text, spans, tokens, rest }) => ({
      ...rest,
      text,
      label: spans.map(({ start, end, type }) => [start, end, type]),
      ...pairs(tokens),
    }),
  },
} as const satisfies Record<string, SpanFormat>;

export type SpanFormatName = keyof typeof SPAN_FORMATS;

function readTask(value: unknown): Found {
  const task = value as Json;
  if (!isObject(task.data)) {
    const spans = listOf(task.label).map(labelledOf);
    return {
      text: task.text,
      spans,
      ...tokensOf(task.tokens, tripleOf),
      rest: without(task, 'text', 'label', 'tokens'),
    };
  }
  const { data } = task;
  const texts = Object.keys(data).filter((key) => typeof data[key] === 'string');
  const key = 'text' in data ? 'text' : texts.length === 1 ? texts[0] : undefined;
  const done = listOf(task.annotations).filter((one) => isObject(one) && one.was_cancelled !== true) as readonly Json[];
  const results = done.flatMap(({ result }) => listOf(result));
  const isLabel = (one: unknown): boolean => isObject(one) && isObject(one.value) && 'labels' in one.value;
  const others = results.filter((one) => !isLabel(one)).map((one) => (isObject(one) ? String(one.type) : typeof one));
  const names = (all: readonly Json[], known: readonly string[]): string[] =>
    all.flatMap((one) => Object.keys(one).filter((name) => !known.includes(name)));
  const labels = results.filter(isLabel) as readonly Json[];
  return {
    text: key === undefined ? undefined : data[key],
    spans: labels.map(({ value: own }) => labelledOf(own)),
    ...tokensOf(data.tokens, tripleOf),
    rest: { ...without(task, 'data', 'annotations'), data: without(data, key ?? 'text', 'tokens') },
    lost: [
      ...others.map((type) => `results of type ${type}`),
      ...(done.length < listOf(task.annotations).length ? ['annotations that were cancelled'] : []),
      ...names(done, ['result', 'was_cancelled']).map((name) => `${name} of annotations`),
      ...names(labels, ['value', 'type', 'id', 'from_name', 'to_name']).map((name) => `${name} of results`),
      ...(key === undefined || key === 'text' ? [] : [`that the text is called ${key}`]),
    ],
    ...(done.length > 1 && {
      fault: `${done.length} annotations of one text, as of several people: which of them holds is not said`,
    }),
  };
}

const labelledOf = (value: unknown): FoundSpan =>
  isObject(value)
    ? { start: value.start, end: value.end, labels: listOf(value.labels), text: value.text }
    : { start: undefined, end: undefined, labels: [] };

/** A value of a file and where it begins. */
interface Element {
  readonly value: unknown;
  readonly line: number;
  readonly column: number;
}

/** The documents of a file, as JSON lines or as one array of JSON. @throws UserError where it is no such file */
function elementsOf(text: string, path: string): Element[] {
  const expected = 'one JSON object a line, or one array of them';
  const first = text.search(/\S/);
  if (first < 0) throw new UserError(`${path}:1:1: the file is empty`, `expected ${expected}`);
  if (text[first] === '[' && !isTuple(text.slice(first).split('\n', 1)[0] ?? '')) {
    parseJson(text, path, `expected ${expected}`); // its own message tells where it is broken
    return arrayElements(text);
  }
  return text.split('\n').flatMap((line, i) => {
    if (line.trim() === '') return [];
    const column = line.search(/\S/) + 1;
    return [{ value: parseJson(line, `${path}:${i + 1}`, `expected ${expected}`), line: i + 1, column }];
  });
}

/** Is the line `["text", {...}]` as a whole? */
function isTuple(line: string): boolean {
  try {
    const value = JSON.parse(line) as unknown;
    return Array.isArray(value) && typeof value[0] === 'string';
  } catch {
    return false;
  }
}

/** The values of an array and where they begin. @param text JSON that was parsed as a whole */
function arrayElements(text: string): Element[] {
  const found: Element[] = [];
  let [depth, at, last] = [0, -1, -1]; // `last` is that of the value so far
  let [line, feed] = [1, -1]; // the line, and the line feed before it
  let place = { line: 1, column: 1 };
  for (let i = 0; i < text.length; i++) {
    const c = text.charAt(i);
    if (c === '\n') [line, feed] = [line + 1, i];
    if (/\s/.test(c)) continue;
    if (depth === 1 && (c === ',' || c === ']')) {
      if (at >= 0) found.push({ value: JSON.parse(text.slice(at, last + 1)) as unknown, ...place });
      at = -1;
      if (c === ']') break;
      continue;
    }
    if (depth === 1 && at < 0) {
      at = i;
      place = { line, column: Array.from(text.slice(feed + 1, i)).length + 1 };
    }
    if (c === '"') for (i++; text[i] !== '"'; i++) if (text[i] === '\\') i++;
    if (c === '[' || c === '{') depth++;
    if (c === ']' || c === '}') depth--;
    last = i;
  }
  return found;
}

/** The first row of the table that every value fits. @throws UserError where none does */
function detect(elements: readonly Element[], path: string): SpanFormatName {
  const names = Object.keys(SPAN_FORMATS) as SpanFormatName[];
  const name = names.find((one) => elements.every(({ value }) => SPAN_FORMATS[one].fits(value)));
  if (name) return name;
  const odd = elements.find(({ value }) => !names.some((one) => SPAN_FORMATS[one].fits(value))) ?? elements[0];
  throw new UserError(
    `${path}:${odd?.line ?? 1}:${odd?.column ?? 1}: ${quote(JSON.stringify(odd?.value))} is no document of ${names.join(', ')}`,
    `--from says which it is:\n${names.map((one) => `${one}: ${SPAN_FORMATS[one].title}`).join('\n')}`,
  );
}

export interface ReadDocuments {
  readonly format: SpanFormatName;
  readonly unit: OffsetUnit;
  readonly documents: readonly SpanDocument[];
}

/**
 * Reads a file of documents with spans.
 * @param from a format, or `auto`
 * @param unit what its offsets count; null finds it where the file says what its spans cover, else takes the format's own
 * @throws UserError for whatever is no document, and spans that are none, have not one label, or do not cover what the file says
 */
export function readDocuments(
  text: string,
  path: string,
  from: SpanFormatName | 'auto',
  unit: OffsetUnit | null = null,
): ReadDocuments {
  const elements = elementsOf(text, path);
  if (elements.length === 0)
    throw new UserError(`${path}:1:1: the file holds no document`, 'expected a text and its spans');
  const format = from === 'auto' ? detect(elements, path) : from;
  const row: SpanFormat = SPAN_FORMATS[format];
  const problems = createProblems(path);
  const found = elements.map(({ value, line, column }) => {
    if (row.fits(value) || from === 'auto') return { ...row.read(value), line, column };
    problems.add(line, column, `${quote(JSON.stringify(value))} is no document of ${format}`, row.title);
    return null;
  });
  problems.throwIfAny();
  const all = found.filter((one) => one !== null);
  const own = unit ?? unitOf(all, row.unit);
  const documents = all.map((document) => checked(document, own, problems)).filter((one) => one !== null);
  problems.throwIfAny();
  return { format, unit: own, documents };
}

type Placed = Found & { readonly line: number; readonly column: number };

/** The format's unit, unless the texts that stand beside the spans show that it is the other. */
function unitOf(documents: readonly Placed[], usual: OffsetUnit): OffsetUnit {
  const other = usual === 'utf16' ? 'codepoints' : 'utf16';
  const wrong = (unit: OffsetUnit): boolean =>
    documents.some(({ text, spans, tokens = [] }) => {
      if (typeof text !== 'string' || lengthIn(text, 'codepoints') === text.length) return false;
      const offsets = offsetsOf(text, unit);
      return [...spans, ...tokens].some((span) => {
        const [start, end] = [offsets.at(Number(span.start)), offsets.at(Number(span.end))];
        if (start === undefined || end === undefined) return true;
        return typeof span.text === 'string' && text.slice(start, end) !== span.text;
      });
    });
  return wrong(usual) && !wrong(other) ? other : usual;
}

function checked(
  { text, spans, tokens, rest, lost = [], fault, line, column }: Placed,
  unit: OffsetUnit,
  problems: Problems,
): SpanDocument | null {
  const refuse = (message: string, note: string): null => {
    problems.add(line, column, message, note);
    return null;
  };
  if (typeof text !== 'string') return refuse('the document has no text', 'a document is a text and its spans');
  if (fault !== undefined) return refuse(fault, 'keep one annotation of each text in the file');
  const offsets = offsetsOf(text, unit);
  const placed = spans.map((span) => {
    const { labels } = span;
    const [type] = labels;
    const shown = quote(JSON.stringify([span.start, span.end, ...labels]));
    if (labels.length !== 1 || typeof type !== 'string') {
      const found = labels.length > 1 ? `${labels.length} labels` : 'no label that is a text';
      return refuse(`span ${shown} has ${found}`, 'a span has one label: tags of tokens can say no more');
    }
    const place = placeOf(span, text, offsets, shown, refuse);
    return place && { ...place, type };
  });
  const places = tokens?.map((token) =>
    placeOf(token, text, offsets, quote(JSON.stringify([token.start, token.end])), refuse),
  );
  const ordered = places?.every((place, i) => place && place.start >= (places[i - 1]?.end ?? 0));
  if (places && ordered === false && places.every((place) => place !== null))
    refuse('its tokens overlap, or are not in order', 'leave "tokens" out, or write them again');
  return {
    text,
    spans: placed.filter((span) => span !== null).sort((a, b) => a.start - b.start || b.end - a.end),
    ...(places && { tokens: places.filter((place) => place !== null) }),
    line,
    column,
    rest,
    lost: [...new Set([...lost, ...spans.flatMap(({ keys = [] }) => keys.map((key) => `${key} of spans`))])],
  };
}

function placeOf(
  { start: from, end: to, text: said }: FoundSpan,
  text: string,
  offsets: Offsets,
  shown: string,
  refuse: (message: string, note: string) => null,
): Range | null {
  const [start, end] = [from, to].map((offset) => (typeof offset === 'number' ? offsets.at(offset) : undefined));
  if (start === undefined || end === undefined || start >= end) {
    return refuse(
      `span ${shown} is no part of its text of ${offsets.length} characters`,
      'a span is start and end, from 0 on, the end not included; --from-offsets says what they count',
    );
  }
  const covered = text.slice(start, end);
  if (typeof said === 'string' && said !== covered) {
    return refuse(
      `span ${shown} covers ${quote(covered)}, the file says ${quote(said)}`,
      'its offsets count something else: --from-offsets codepoints or utf16',
    );
  }
  return { start, end };
}

/** Documents as a file. @param unit what offsets count; null for the format's own */
export function writeDocuments(
  documents: readonly Omit<SpanDocument, 'line' | 'column' | 'lost'>[],
  format: SpanFormatName,
  unit: OffsetUnit | null = null,
): string {
  const row: SpanFormat = SPAN_FORMATS[format];
  const lines = documents.map(({ text, spans, tokens, rest }) => {
    const offsets = offsetsOf(text, unit ?? row.unit);
    const inUnit = <T extends Range>(range: T): T => ({
      ...range,
      start: offsets.of(range.start),
      end: offsets.of(range.end),
    });
    return JSON.stringify(
      row.write({
        text,
        rest,
        spans: spans.map((span) => ({ ...inUnit(span), covered: text.slice(span.start, span.end) })),
        tokens:
          tokens?.map((token) => ({
            ...inUnit(token),
            text: text.slice(token.start, token.end),
            blank: /\s/.test(text.charAt(token.end)),
          })) ?? null,
      }),
    );
  });
  return row.layout === 'array' ? `[\n${lines.join(',\n')}\n]\n` : lines.map((line) => `${line}\n`).join('');
}
