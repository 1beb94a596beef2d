import type { Corpus, LabelCount } from './types';
import { UNKNOWN_LABEL, UNKNOWN_WORD, type Vocab } from './vocab';

/** Makes one input of a token: a row of an embedding table, or several whose sum counts. */
export type Encoder = { readonly name: string } & (StringEncoder | SentenceEncoder | Speller);

interface StringEncoder {
  /** The row of a token. It depends on the token's string alone. */
  readonly encode: (token: string) => number;
  readonly rowsOf?: undefined;
  readonly spell?: undefined;
}

interface SentenceEncoder {
  readonly encode?: undefined;
  /** The rows of every token of a sentence: at least one, and none twice. */
  readonly rowsOf: (tokens: readonly string[]) => readonly ReadonlySet<number>[];
  readonly spell?: undefined;
}

interface Speller {
  readonly encode?: undefined;
  readonly rowsOf?: undefined;
  /** A row for each character of a token, at least one. It depends on the token's string alone. */
  readonly spell: (token: string) => readonly number[];
}

/** Several rows a token: those of token i stand from `starts[i]` to before `starts[i + 1]`. */
export interface Bags {
  /** (N + 1) */
  readonly starts: Int32Array;
  /** (K) */
  readonly rows: Int32Array;
}

/** A corpus as flat arrays, encoded once: token i of sentence s stands at `offsets[s] + i`. */
export interface Encoded {
  /** S: sentences. */
  readonly size: number;
  /** Where each sentence starts, and the end of the last. (S + 1) */
  readonly offsets: Int32Array;
  /** Tokens of the longest sentence. */
  readonly longest: number;
  /** Which of the distinct token strings each token is. (N) */
  readonly types: Int32Array;
  /** Ids of the distinct token strings, by the name of the input. (U) each */
  readonly inputs: ReadonlyMap<string, Int32Array>;
  /** What depends on the sentence, by the name of the input; absent where nothing does. */
  readonly bags?: ReadonlyMap<string, Bags>;
  /** Characters of the distinct token strings (U in place of N), by the name of the input; absent where nothing asks for them. */
  readonly spellings?: ReadonlyMap<string, Bags>;
  /** Label ids, -1 where training had no such label. (N) */
  readonly labels: Int32Array;
  /** Labels that training never saw, with their tokens here. No model can predict them; a scorer still counts them. */
  readonly unknownLabels: readonly LabelCount[];
  /** Tokens whose word is unknown. */
  readonly unknownWords: number;
}

/** @param encoders one an input; each is asked once for each distinct token string, or once for each sentence */
export function encode(
  corpus: Pick<Corpus, 'sentences'>,
  vocab: Pick<Vocab, 'wordId' | 'labelId'>,
  encoders: readonly Encoder[],
): Encoded {
  const { sentences } = corpus;
  const offsets = new Int32Array(sentences.length + 1);
  let longest = 0;
  let n = 0;
  sentences.forEach(({ tokens: { length } }, s) => {
    offsets[s + 1] = n += length;
    if (length > longest) longest = length;
  });

  const types = new Int32Array(n);
  const labels = new Int32Array(n);
  const typeOf = new Map<string, number>();
  const known: boolean[] = []; // by type: whether the vocabulary holds its word
  const labelIds = new Map<string, number>();
  const unknown = new Map<string, number>();
  let unknownWords = 0;

  let row = 0;
  for (const { tokens, tags } of sentences) {
    for (let i = 0; i < tokens.length; i++, row++) {
      const token = tokens[i] as string;
      const tag = tags[i] as string;
      let type = typeOf.get(token);
      if (type === undefined) {
        typeOf.set(token, (type = known.length));
        known.push(vocab.wordId(token) !== UNKNOWN_WORD);
      }
      let label = labelIds.get(tag);
      if (label === undefined) labelIds.set(tag, (label = vocab.labelId(tag)));
      if (label === UNKNOWN_LABEL) unknown.set(tag, (unknown.get(tag) ?? 0) + 1);
      if (!known[type]) unknownWords++;
      types[row] = type;
      labels[row] = label;
    }
  }
  const unknownLabels = [...unknown].map(([label, count]) => ({ label, count }));
  const distinct = [...typeOf.keys()];
  const inputs = new Map<string, Int32Array>();
  const [bags, spellings] = [new Map<string, Bags>(), new Map<string, Bags>()];
  for (const encoder of encoders)
    if (encoder.rowsOf) bags.set(encoder.name, bagsOf(tokenRows(sentences, encoder.rowsOf), n));
    else if (encoder.spell) spellings.set(encoder.name, bagsOf(distinct.map(encoder.spell), distinct.length));
    else inputs.set(encoder.name, Int32Array.from(distinct, encoder.encode));
  const counts = { unknownLabels, unknownWords };
  return {
    size: sentences.length,
    offsets,
    longest,
    types,
    inputs,
    ...(bags.size > 0 && { bags }),
    ...(spellings.size > 0 && { spellings }),
    labels,
    ...counts,
  };
}

function* tokenRows(sentences: Corpus['sentences'], rowsOf: SentenceEncoder['rowsOf']): Generator<Iterable<number>> {
  for (const { tokens } of sentences) yield* rowsOf(tokens);
}

/** @param n of them */
function bagsOf(all: Iterable<Iterable<number>>, n: number): Bags {
  const starts = new Int32Array(n + 1);
  const rows: number[] = [];
  let i = 0;
  for (const own of all) {
    for (const row of own) rows.push(row);
    starts[++i] = rows.length;
  }
  return { starts, rows: Int32Array.from(rows) };
}
