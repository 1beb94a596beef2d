/** Sequences of tokens, each with a value, found by their beginning: a tree with a token an edge. */
export interface Phrases<V> {
  /** The value of a phrase, made where the phrase is new. */
  of(tokens: readonly string[], start: number, end: number, make: () => V): V;
  /**
   * The longest phrase that starts at a token: the index after its last token and its value. Case counts.
   * @param limit it ends there at the latest: an index after a token
   */
  longestAt(
    tokens: readonly string[],
    start: number,
    limit?: number,
  ): { readonly end: number; readonly value: V } | undefined;
}

interface Node<V> {
  readonly next: Map<string, Node<V>>;
  /** Of the phrase that ends here. */
  value?: V;
}

export function createPhrases<V extends object>(): Phrases<V> {
  const root: Node<V> = { next: new Map() };

  function of(tokens: readonly string[], start: number, end: number, make: () => V): V {
    let node = root;
    for (let i = start; i < end; i++) {
      const token = tokens[i] as string;
      let next = node.next.get(token);
      if (!next) node.next.set(token, (next = { next: new Map() }));
      node = next;
    }
    return (node.value ??= make());
  }

  function longestAt(
    tokens: readonly string[],
    start: number,
    limit = tokens.length,
  ): { end: number; value: V } | undefined {
    let found: { end: number; value: V } | undefined;
    let node = root.next.get(tokens[start] as string);
    for (let end = start + 1; node; end++) {
      if (node.value !== undefined) found = { end, value: node.value };
      node = end < limit ? node.next.get(tokens[end] as string) : undefined;
    }
    return found;
  }

  return { of, longestAt };
}

/** Visits the phrases that stand where no token has a label, from left to right, the longest where several begin; none overlap. */
export function forUnlabelled<V>(
  phrases: Phrases<V>,
  tokens: readonly string[],
  tags: readonly string[],
  visit: (value: V, start: number) => void,
): void {
  let labelled = 0; // the next token with a label, from `i` on
  for (let i = 0; i < tokens.length; i++) {
    if (labelled <= i) for (labelled = i; tags[labelled] === 'O';) labelled++;
    const found = labelled > i ? phrases.longestAt(tokens, i, labelled) : undefined;
    if (!found) continue;
    visit(found.value, i);
    i = found.end - 1;
  }
}
