import { present, UserError } from '../errors';
import type { Chunk } from '../schemes';
import { type Offsets, offsetsOf, type OffsetUnit, type Range } from '../spans/text';

/** A tag and its probability. */
export type Likely = readonly [tag: string, probability: number];

/** A sentence with what the tagger answers. */
export interface TaggedSentence {
  readonly tokens: readonly string[];
  /** As the training file writes them. */
  readonly tags: readonly string[];
  /** In order; null for plain tags. */
  readonly entities: readonly (Chunk & { readonly probability?: number })[] | null;
  /** Of each token's tag, where they were asked for. */
  readonly probabilities?: readonly number[];
  /** The likeliest labels of each token, likeliest first, where they were asked for. */
  readonly top?: readonly (readonly Likely[])[];
}

/** A piece of text: a paragraph of running text, or one sentence of rows. */
export interface Passage {
  readonly text: string;
  /** Where it begins in the file, in the unit of offsets; null where the file is no running text. */
  readonly start: number | null;
  readonly sentences: readonly (TaggedSentence & { readonly places: readonly Range[] })[];
}

export interface OutputFormat {
  readonly title: string;
  /** Of files in a folder; null keeps that of the input. */
  readonly extension: string | null;
  /** Every line of a file of rows comes back with its tag; `write` is for running text alone. */
  readonly keepsLines?: true;
  /** Holds the probability of every token. */
  readonly tokenwise: boolean;
  readonly write: (passage: Passage, unit: OffsetUnit) => string;
}

/** What `tag` can answer in. Adding one is a row here. */
export const OUTPUT_FORMATS = {
  conll: {
    title: 'every line as it was, a row with its tag',
    extension: null,
    keepsLines: true,
    tokenwise: true,
    write: ({ sentences }) => sentences.map(rowsOf).join(''),
  },
  jsonl: {
    title: 'one JSON object a sentence: tokens, tags, entities',
    extension: '.jsonl',
    tokenwise: true,
    write: (passage, unit) => {
      const offsets = passage.start === null ? null : offsetsOf(passage.text, unit);
      return passage.sentences.map((sentence) => `${JSON.stringify(objectOf(passage, sentence, offsets))}\n`).join('');
    },
  },
  spans: {
    title:
      'one JSON object a sentence, or a paragraph of running text: {"text": ..., "label": [[start, end, "TYPE"], ...]}',
    extension: '.jsonl',
    tokenwise: false,
    write: (passage, unit) => `${JSON.stringify(spansOf(passage, unit))}\n`,
  },
} as const satisfies Record<string, OutputFormat>;

export type OutputName = keyof typeof OUTPUT_FORMATS;

/** What stands behind a row: the tag, and what else was asked for, each in a column of its own. */
export function columnsOf(sentence: TaggedSentence): string[][] {
  const { tags, entities, probabilities, top } = sentence;
  const ofEntity = new Array<string>(tags.length).fill('_');
  for (const { start, end, probability } of entities ?? [])
    if (probability !== undefined) ofEntity.fill(decimals(probability), start, end);
  return tags.map((tag, i) => [
    tag,
    ...(probabilities ? [decimals(present(probabilities[i], 'probability'))] : []),
    ...(probabilities && entities ? [present(ofEntity[i], 'probability')] : []),
    ...(top?.[i] ?? []).flatMap(([name, p]) => [name, decimals(p)]),
  ]);
}

function rowsOf(sentence: TaggedSentence): string {
  const columns = columnsOf(sentence);
  return `${sentence.tokens.map((token, i) => `${[token, ...(columns[i] ?? [])].join('\t')}\n`).join('')}\n`;
}

const decimals = (p: number): string => p.toFixed(4);

/** Six digits are what single precision knows. */
const digits = (p: number): number => Number(p.toPrecision(6));

function objectOf(
  { text, start }: Passage,
  { tokens, tags, entities, probabilities, top, places }: Passage['sentences'][number],
  offsets: Offsets | null,
): object {
  const from = start ?? 0;
  const characters = (first: number, last: number): [number, number] => [
    from + (offsets?.of(present(places[first], 'place').start) ?? 0),
    from + (offsets?.of(present(places[last], 'place').end) ?? 0),
  ];
  return {
    ...(offsets && { text: text.slice(places.at(0)?.start, places.at(-1)?.end) }),
    ...(offsets && { start: characters(0, 0)[0], end: characters(tokens.length - 1, tokens.length - 1)[1] }),
    tokens,
    ...(offsets && { offsets: tokens.map((_, i) => characters(i, i)) }),
    tags,
    ...(probabilities && { probabilities: probabilities.map(digits) }),
    ...(top && { top: top.map((some) => some.map(([tag, p]) => [tag, digits(p)])) }),
    ...(entities && {
      entities: entities.map(({ type, start: first, end, probability }) => ({
        ...{ type, start: first, end },
        text: offsets
          ? text.slice(present(places[first], 'place').start, present(places[end - 1], 'place').end)
          : tokens.slice(first, end).join(' '),
        ...(offsets && { offsets: characters(first, end - 1) }),
        ...(probability !== undefined && { probability: digits(probability) }),
      })),
    }),
  };
}

function spansOf({ text, start, sentences }: Passage, unit: OffsetUnit): object {
  const offsets = offsetsOf(text, unit);
  const found = sentences.flatMap(({ entities, places }) =>
    (entities ?? []).map(({ type, start: first, end, probability }) => ({
      label: [
        offsets.of(present(places[first], 'place').start),
        offsets.of(present(places[end - 1], 'place').end),
        type,
      ],
      probability,
    })),
  );
  const isSure = sentences.some(({ probabilities }) => probabilities !== undefined);
  return {
    text,
    label: found.map(({ label }) => label),
    ...(isSure && { probabilities: found.map(({ probability = 0 }) => digits(probability)) }),
    ...(start !== null && { start }),
  };
}

/** @throws UserError where the format cannot hold what is asked for */
export function checkOutput(name: OutputName, asked: { readonly top: number; readonly plain: boolean }): void {
  const { tokenwise } = OUTPUT_FORMATS[name];
  if (!tokenwise && asked.plain) {
    throw new UserError(
      `--format ${name}: the tagger gives plain tags (part of speech), which are no spans of entities`,
      'take --format jsonl',
    );
  }
  if (!tokenwise && asked.top > 0) {
    throw new UserError(`--top ${asked.top}: --format ${name} has no place for tags of tokens`, 'take --format jsonl');
  }
}
