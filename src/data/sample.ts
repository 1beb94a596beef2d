import type { Sample } from './formats';

const SAMPLE_BYTES = 1 << 16;

/** Looks at the whole lines among a file's first 64 KiB: which separator, how many columns, what the first column holds. */
export function takeSample(block: Buffer): Sample {
  const within = block.lastIndexOf(10, SAMPLE_BYTES - 1) + 1;
  const firstLine = block.indexOf(10) + 1;
  // Latin-1 keeps every byte as one character, so that a broken file can be sampled too.
  const text = block
    .subarray(0, block.length <= SAMPLE_BYTES ? block.length : within || firstLine || block.length)
    .toString('latin1');
  const rows = text.split(/\r?\n/).filter((line) => !/^[ \t]*$|^# |^-DOCSTART-/.test(line));
  const tabbed = rows.filter((row) => row.includes('\t')).length;
  const separator = rows.length > 0 && tabbed * 2 >= rows.length ? 'tab' : 'blank';
  const split = rows.map((row) => (separator === 'tab' ? row.split('\t') : row.split(/[ \t]+/).filter(Boolean)));
  return {
    separator,
    columns: commonest(split.map((fields) => fields.length)),
    first: split.map((fields) => fields[0]),
  };
}

/** The commonest value, of equals the one seen first; 0 of nothing. */
function commonest(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  let best = 0;
  for (const [value, count] of counts) if (count > (counts.get(best) ?? 0)) best = value;
  return best;
}
