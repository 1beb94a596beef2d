import { lineOf } from '../data/corpus';
import { FORMATS, type Format, type FormatName } from '../data/formats';
import { isColumnHeader } from '../data/lines';
import type { Corpus } from '../data/types';
import { present } from '../errors';

/** The bytes of a file that belong to one sentence or, where nothing but a document start parts them, to several. */
export interface Unit {
  readonly bytes: Buffer;
  /** Lines in `bytes`. */
  readonly lines: number;
  /** Index of its first sentence in the corpus, and after its last. */
  readonly from: number;
  readonly to: number;
}

/**
 * Cuts a file into units that join to it again, byte for byte. A sentence owns the comments and document starts before it and the
 * blank lines after it, so that units in any selection, in the order of the file, are a file of the same format.
 */
export function cutUnits(bytes: Buffer, corpus: Corpus): Unit[] {
  const starts = lineStarts(bytes); // (lines + 1)
  const { sentences } = corpus;
  const wordNumbers = corpus.numbers?.strict === true; // then no row is a document start
  const line = (i: number): Buffer => bytes.subarray(starts[i], starts[i + 1]);
  const units: Unit[] = [];
  let first = 0; // first line of the open unit, 0-based
  let from = 0; // its first sentence
  for (const [s, sentence] of sentences.entries()) {
    const next = sentences.at(s + 1);
    const until = next ? next.line - 1 : starts.length - 1;
    let end = lineOf(sentence, sentence.tokens.length - 1); // after the line of the last token, 0-based
    while (end < until && !isBlank(line(end)) && (wordNumbers || !isDocstart(line(end)))) end++;
    const separated = end < until && isBlank(line(end));
    while (end < until && isBlank(line(end))) end++;
    if (!next) end = until;
    else if (!separated) continue; // without its document start the next sentence would run into this one
    units.push({ bytes: bytes.subarray(starts[first], starts[end]), lines: end - first, from, to: s + 1 });
    first = end;
    from = s + 1;
  }
  return units;
}

/** The line that names the columns of CoNLL-U Plus: no part can be read without it. Empty where a file has none. */
export function headerOf(bytes: Buffer, { format }: Corpus): Buffer {
  const { header }: Format = FORMATS[format.name as FormatName];
  if (!header) return Buffer.alloc(0);
  const starts = lineStarts(bytes);
  const lines = starts.slice(1).map((end, i) => bytes.subarray(starts[i], end));
  return lines.find((line) => isColumnHeader(line.toString())) ?? Buffer.alloc(0);
}

/** Where each line starts, and the end of the file: as many lines as the reader counts. */
function lineStarts(bytes: Buffer): number[] {
  const starts = [0];
  for (let lf = bytes.indexOf(10); lf >= 0; lf = bytes.indexOf(10, lf + 1)) starts.push(lf + 1);
  if (present(starts.at(-1), 'line') < bytes.length) starts.push(bytes.length);
  return starts;
}

function isBlank(line: Buffer): boolean {
  return line.every((byte) => byte === 32 || byte === 9 || byte === 10 || byte === 13);
}

function isDocstart(line: Buffer): boolean {
  return /^-DOCSTART-(\s|$)/.test(line.toString('latin1'));
}
