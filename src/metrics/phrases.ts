/** Sequences of tokens, each with a value, found by their beginning: a tree with a token an edge. */
export interface Phrases<V> {
  /** The value of a phrase, made where the phrase is new. */
  of(tokens: readonly string[], start: number, end: number, make: () => V): V;
  /** The longest phrase that starts at a token: the index after its last token and its value. Case counts. */
  longestAt(tokens: readonly string[], start: number): { readonly end: number; readonly value: V } | undefined;
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

  function longestAt(tokens: readonly string[], start: number): { end: number; value: V } | undefined {
    let found: { end: number; value: V } | undefined;
    let node = root.next.get(tokens[start] as string);
    for (let end = start + 1; node; end++) {
      if (node.value !== undefined) found = { end, value: node.value };
      node = end < tokens.length ? node.next.get(tokens[end] as string) : undefined;
    }
    return found;
  }

  return { of, longestAt };
}
