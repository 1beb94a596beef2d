import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Words with their vectors, as a file of vectors holds them. */
export type Rows = readonly (readonly [word: string, numbers: readonly number[]])[];

/** The same rows in every format. */
export const WRITERS: Readonly<Record<string, (rows: Rows) => Buffer>> = {
  glove: (rows) => Buffer.from(rows.map(([word, numbers]) => `${word} ${numbers.join(' ')}\n`).join('')),
  'word2vec text': (rows) => Buffer.concat([header(rows), present(WRITERS.glove)(rows)]),
  'fastText text': (rows) =>
    Buffer.from(`${header(rows).toString()}${rows.map(([w, n]) => `${w} ${n.join(' ')} \n`).join('')}`),
  'word2vec binary': (rows) =>
    Buffer.concat([header(rows), ...rows.flatMap((row) => [binary(row), Buffer.from('\n')])]),
  'gensim binary': (rows) => Buffer.concat([header(rows), ...rows.map(binary)]),
  'wink JSON': (rows) =>
    Buffer.from(
      JSON.stringify({
        precision: 8,
        l2NormIndex: widthOf(rows),
        wordIndex: widthOf(rows) + 1,
        size: rows.length,
        dimensions: widthOf(rows),
        words: rows.map(([word]) => word),
        vectors: Object.fromEntries(rows.map(([word, numbers], i) => [word, [...numbers, Math.hypot(...numbers), i]])),
        unkVector: [0, 0],
      }),
    ),
};

const present = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('missing');
  return value;
};
const widthOf = (rows: Rows): number => rows[0]?.[1].length ?? 0;
const header = (rows: Rows): Buffer => Buffer.from(`${rows.length} ${widthOf(rows)}\n`);

function binary([word, numbers]: Rows[number]): Buffer {
  const values = Buffer.alloc(4 * numbers.length);
  numbers.forEach((number, i) => values.writeFloatLE(number, 4 * i));
  return Buffer.concat([Buffer.from(`${word} `), values]);
}

export const folder = (): string => mkdtempSync(join(tmpdir(), 'vectors-'));

/** A file in a folder of its own. */
export function fileOf(data: Buffer | string, name = 'vectors.txt'): string {
  const path = join(folder(), name);
  writeFileSync(path, data);
  return path;
}
