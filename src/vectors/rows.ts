/** Takes the rows of a file as they are read. */
export interface RowSink {
  /** Told once, before the first row. */
  begin(width: number): void;
  /** A word, `word[start..end)` in UTF-8, and its vector. Both are overwritten once this returns. */
  row(word: Uint8Array, start: number, end: number, vector: Float32Array): void;
}

/** Reads a file piece by piece. @throws UserError saying where the file is damaged */
export interface RowReader {
  push(chunk: Buffer): void;
  end(): void;
}
