/** What there is to say of a head without its tensors. */
export interface HeadKind {
  /** One line: what it is. */
  readonly title: string;
  /** It gives whole sentences a probability, which losses of sentences need: it hands `target.nll` to a loss. */
  readonly ofSentences?: true;
}

/** Every head by its name. To add one: its line here, its file, and its line in HEADS; the config and its checks follow from this. */
export const HEAD_KINDS = {
  softmax: { title: 'each token for itself' },
  crf: { title: 'a sentence as a whole, by scores of neighbouring tags', ofSentences: true },
} as const satisfies Record<string, HeadKind>;

export type HeadName = keyof typeof HEAD_KINDS;
