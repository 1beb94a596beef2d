import type { Corpus, LabelCount } from './types';
import { UNKNOWN_LABEL, UNKNOWN_WORD, type Vocab } from './vocab';

/** Makes one input of a token: the id of a row of an embedding table. It depends on the token's string alone. */
export interface Encoder {
  readonly name: string;
  readonly encode: (token: string) => number;
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
  /** Label ids, -1 where training had no such label. (N) */
  readonly labels: Int32Array;
  /** Labels that training never saw, with their tokens here. No model can predict them; a scorer still counts them. */
  readonly unknownLabels: readonly LabelCount[];
  /** Tokens whose word is unknown. */
  readonly unknownWords: number;
}

/** @param encoders one an input; each is asked once for each distinct token string */
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
  const inputs = new Map(encoders.map(({ name, encode: idOf }) => [name, Int32Array.from(distinct, idOf)]));
  return { size: sentences.length, offsets, longest, types, inputs, labels, unknownLabels, unknownWords };
}
