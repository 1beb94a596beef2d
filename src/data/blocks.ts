import { MAX_LINE_BYTES } from './lines';

/** Lines are handed on in blocks of about this size. */
const BLOCK_BYTES = 1 << 18;

/** Whole lines (the last of a file may lack its line feed), or a line that was too long to keep. */
export type Block =
  { readonly kind: 'lines'; readonly bytes: Buffer; readonly offset: number } | { readonly kind: 'long' };

/** Cuts a stream of bytes at line feeds. Holds one block and one line at the most. */
export function createBlocks() {
  let pieces: Buffer[] = [];
  let held = 0; // bytes in pieces
  let offset = 0; // in the file, of the first held byte
  let dropping = false;

  function push(chunk: Buffer): Block[] {
    const blocks: Block[] = [];
    let rest = chunk;
    if (dropping) {
      const lf = rest.indexOf(10);
      const skipped = lf < 0 ? rest.length : lf + 1;
      offset += skipped;
      rest = rest.subarray(skipped);
      if (lf < 0) return blocks;
      dropping = false;
    }
    const cut = rest.lastIndexOf(10) + 1;
    if (cut > 0 && held + cut >= BLOCK_BYTES) {
      pieces.push(rest.subarray(0, cut));
      blocks.push(take());
      rest = rest.subarray(cut);
    }
    pieces.push(rest);
    held += rest.length;
    if (held > MAX_LINE_BYTES + BLOCK_BYTES) blocks.push(...dropLongLine());
    return blocks;
  }

  /** The whole lines that are held, however few. */
  function flush(): Block[] {
    const bytes = Buffer.concat(pieces);
    const cut = bytes.lastIndexOf(10) + 1;
    if (cut === 0) return [];
    pieces = [bytes.subarray(0, cut)];
    const block = take();
    pieces = [bytes.subarray(cut)];
    held = bytes.length - cut;
    return [block];
  }

  function end(): Block[] {
    pieces = pieces.filter((piece) => piece.length > 0);
    return pieces.length > 0 ? [take()] : [];
  }

  function take(): Block {
    const first = pieces.at(0);
    const bytes = first && pieces.length === 1 ? first : Buffer.concat(pieces);
    const block: Block = { kind: 'lines', bytes, offset };
    offset += bytes.length;
    pieces = [];
    held = 0;
    return block;
  }

  /** What is held has grown past a block: hand on its whole lines, and drop the last one if it is too long already. */
  function dropLongLine(): Block[] {
    const bytes = Buffer.concat(pieces);
    const cut = bytes.lastIndexOf(10) + 1;
    const blocks: Block[] = [];
    pieces = [bytes.subarray(0, cut)];
    if (cut > 0) blocks.push(take());
    pieces = [bytes.subarray(cut)];
    held = bytes.length - cut;
    if (held > MAX_LINE_BYTES) {
      blocks.push({ kind: 'long' });
      offset += held;
      pieces = [];
      held = 0;
      dropping = true;
    }
    return blocks;
  }

  return { push, flush, end };
}
