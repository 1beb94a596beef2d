/** The simplest tagger there is, and a reader for the bundled files that shares no code with the project's own. */

export type Row = readonly string[];
export interface Entity {
  readonly start: number;
  readonly end: number;
  readonly type: string;
}
export interface Score {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/** Sentences of tab-separated rows. */
export function readRows(text: string): Row[][] {
  const blocks = text.split('\n\n').filter((block) => block !== '');
  return blocks.map((block) => block.split('\n').map((line) => line.split('\t')));
}

/** Entities of IOB2 tags; `end` is exclusive. The bundled files hold no invalid sequence, which a test asserts. */
export function entities(tags: readonly string[]): Entity[] {
  const found: Entity[] = [];
  tags.forEach((tag, start) => {
    if (!tag.startsWith('B-')) return;
    let end = start + 1;
    while (tags[end] === `I-${tag.slice(2)}`) end++;
    found.push({ start, end, type: tag.slice(2) });
  });
  return found;
}

export const surface = (rows: readonly Row[], { start, end }: Entity): string =>
  rows
    .slice(start, end)
    .map(([token]) => token)
    .join(' ');

/** Every entity of the training sentences by its exact surface, with how often it has each type. */
export function lexiconOf(sentences: readonly (readonly Row[])[]): Map<string, Map<string, number>> {
  const lexicon = new Map<string, Map<string, number>>();
  for (const rows of sentences) {
    for (const entity of entities(rows.map(([, tag]) => tag))) {
      const types = lexicon.get(surface(rows, entity)) ?? new Map<string, number>();
      lexicon.set(surface(rows, entity), types.set(entity.type, (types.get(entity.type) ?? 0) + 1));
    }
  }
  return lexicon;
}

/** Marks the longest match of the lexicon from left to right, with its most frequent type (the first seen of equals). */
export function lookUp(rows: readonly Row[], lexicon: ReadonlyMap<string, ReadonlyMap<string, number>>): Entity[] {
  const found: Entity[] = [];
  for (let start = 0; start < rows.length; start++) {
    for (let end = Math.min(start + 6, rows.length); end > start; end--) {
      const types = lexicon.get(surface(rows, { start, end, type: '' }));
      if (types === undefined) continue;
      const [[type]] = [...types].sort((a, b) => b[1] - a[1]);
      found.push({ start, end, type });
      start = end - 1;
      break;
    }
  }
  return found;
}

/** Micro scores over exact matches of span and type, in percent; 0 where nothing was predicted. */
export function score(gold: readonly (readonly Entity[])[], predicted: readonly (readonly Entity[])[]): Score {
  const key = ({ start, end, type }: Entity): string => `${start} ${end} ${type}`;
  const count = (all: readonly (readonly Entity[])[]): number => all.reduce((sum, some) => sum + some.length, 0);
  const right = count(gold.map((some, i) => some.filter((e) => predicted[i].some((p) => key(p) === key(e)))));
  const percent = (n: number): number => (n === 0 ? 0 : (100 * right) / n);
  const [g, p] = [count(gold), count(predicted)];
  return { precision: percent(p), recall: percent(g), f1: percent((g + p) / 2) };
}
