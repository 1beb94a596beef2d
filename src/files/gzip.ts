import { pipeline, Readable } from 'node:stream';
import { createGunzip, gunzipSync, gzipSync } from 'node:zlib';
import { UserError } from '../errors';
import { CHUNK_BYTES } from './system';

/** A gzip file by its first bytes, whatever it is called. */
const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/**
 * The same bytes, unpacked where they are gzip (one member or several), at the pace of whoever takes them.
 * @param path names them in messages
 * @throws UserError when the gzip data is damaged, cut off, or followed by something else
 */
export async function* unpack(chunks: AsyncIterable<Buffer>, path: string): AsyncGenerator<Buffer, void> {
  const source = chunks[Symbol.asyncIterator]();
  let head: Buffer = Buffer.alloc(0);
  let done = false;
  while (head.length < 2 && !done) {
    const next = await source.next();
    if (next.done) done = true;
    else head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
  }
  let packed = 0;
  let filled = 0; // packed bytes up to the last that is not zero
  async function* rest(): AsyncGenerator<Buffer, void> {
    try {
      for (let chunk = head; ;) {
        let end = chunk.length;
        while (end > 0 && chunk[end - 1] === 0) end--;
        if (end > 0) filled = packed + end;
        packed += chunk.length;
        if (chunk.length > 0) yield chunk;
        const next = await source.next();
        if (next.done) return;
        chunk = next.value;
      }
    } finally {
      await source.return?.();
    }
  }
  if (!isGzip(head)) return yield* rest();
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  let fault: unknown; // of the source: it says more than what zlib makes of it
  pipeline(Readable.from(rest()), gunzip, (error) => (fault = error));
  try {
    for await (const chunk of gunzip) yield chunk as Buffer;
  } catch (error) {
    throw explainGzip(fault ?? error, path);
  }
  // zlib stops at a zero byte after a member: padding may follow, nothing else
  if (gunzip.bytesWritten < filled) throw damagedGzip(path, 'the data is followed by something else');
}

/** `unpack` for bytes at hand. @throws UserError as `unpack` */
export function unpackBytes(bytes: Buffer, path: string): Buffer {
  if (!isGzip(bytes)) return bytes;
  try {
    // with `info` the type is of what `Buffer` alone would be
    const { buffer, engine } = gunzipSync(bytes, { info: true }) as unknown as Unpacked;
    if (bytes.subarray(engine.bytesWritten).some((byte) => byte !== 0)) {
      throw damagedGzip(path, 'the data is followed by something else');
    }
    return buffer;
  } catch (error) {
    throw explainGzip(error, path);
  }
}

/** A text as a gzip file, always the same bytes. */
export const pack = (text: string): Buffer => gzipSync(text);

interface Unpacked {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

const damagedGzip = (path: string, what: string): UserError =>
  new UserError(`${path}: damaged gzip file: ${what}`, 'gzip -t checks a file; fetch or pack it again');

function explainGzip(error: unknown, path: string): unknown {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  if (code === 'Z_BUF_ERROR') return damagedGzip(path, 'it ends too early');
  if (code.startsWith('Z_')) return damagedGzip(path, (error as Error).message);
  if (code === 'ERR_BUFFER_TOO_LARGE') return new UserError(`${path}: too large to unpack at once`, 'unpack it first');
  return error;
}
