import { op } from './op';

/**
 * The largest of each column over the rows of each word, then word after word as tokens ask for it: words (U) follow one another in
 * the rows of h, `lengths` rows each; token n is word `words[n]`. On a tie the earlier row counts. `at` is the row of each largest, (U, F).
 * The gradient of a word, that of all its tokens, goes to these rows alone.
 */
export const maxPool = op({
  name: 'DscMaxPool',
  inputs: { h: 'P F', lengths: 'int32 U', words: 'int32 N' },
  attributes: {},
  outputs: { y: 'N F', at: '?' },
  body({ h, lengths, words }, { P: rows, F: width, U: count, N: tokens }) {
    const at = new Float32Array(count * width);
    let row = 0;
    for (let u = 0; u < count; u++) {
      const end = row + (lengths[u] as number);
      if (end <= row || end > rows)
        throw new RangeError(`maxPool: ${end - row} rows of word ${u}, which has ${rows - row}`);
      const to = u * width;
      at.fill(row, to, to + width);
      while (++row < end)
        for (let f = 0; f < width; f++)
          if ((h[row * width + f] as number) > (h[(at[to + f] as number) * width + f] as number)) at[to + f] = row;
    }
    if (row !== rows) throw new RangeError(`maxPool: ${rows} rows, and words of ${row}`);
    const y = new Float32Array(tokens * width);
    for (let n = 0; n < tokens; n++) {
      const word = words[n] as number;
      if (word < 0 || word >= count) throw new RangeError(`maxPool: ${word} is no word`);
      for (let f = 0; f < width; f++) y[n * width + f] = h[(at[word * width + f] as number) * width + f] as number;
    }
    return { y, at };
  },
  tolerance: 0,
  gradient: {
    needs: ['h', 'words', 'at'],
    of: ['h'],
    body({ words, at, dy }, { P: rows, F: width, N: tokens }) {
      const dh = new Float32Array(rows * width);
      for (let n = 0; n < tokens; n++)
        for (let f = 0; f < width; f++) {
          const to = (at[(words[n] as number) * width + f] as number) * width + f;
          dh[to] = (dh[to] as number) + (dy[n * width + f] as number);
        }
      return { dh };
    },
    tolerance: 1e-6,
  },
  example: {
    dims: { P: 12, F: 5, U: 4, N: 9 },
    draw: {
      lengths: () => Int32Array.of(5, 1, 2, 4),
      words: (rng, length) => Int32Array.from({ length }, () => rng.int(4)),
    },
  },
});
