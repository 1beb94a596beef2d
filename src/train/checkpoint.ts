import { createHash } from 'node:crypto';
import { UserError } from '../errors';
import type { Weight } from '../model/spec';

/**
 * One file: the 8 bytes `DSCTRAIN`, a little-endian uint32 header length, the header as JSON padded with spaces to a multiple of
 * 8 bytes, then the weights as little-endian float32 in the header's order. The header holds each weight's name, shape and byte
 * offset into the payload, the payload's SHA-256, and `meta`: whatever is needed to use the weights.
 */
const MAGIC = 'DSCTRAIN';
const PRELUDE = 12;
export const CHECKPOINT_VERSION = 1;

interface Header {
  version: number;
  sha256: string;
  weights: { name: string; shape: number[]; offset: number }[];
  meta: unknown;
}

export function encodeCheckpoint(weights: readonly Weight[], meta: unknown): Buffer {
  const entries: Header['weights'] = [];
  let offset = 0;
  for (const { name, shape, values } of weights) {
    entries.push({ name, shape: [...shape], offset });
    offset += values.byteLength;
  }
  const payload = Buffer.concat(weights.map(({ values }) => littleEndian(values)));
  const header: Header = { version: CHECKPOINT_VERSION, sha256: sha256(payload), weights: entries, meta };
  const json = Buffer.from(JSON.stringify(header));
  const padded = Buffer.alloc(Math.ceil((PRELUDE + json.length) / 8) * 8, ' ');
  padded.write(MAGIC, 'latin1');
  padded.writeUInt32LE(padded.length - PRELUDE, MAGIC.length);
  json.copy(padded, PRELUDE);
  return Buffer.concat([padded, payload]);
}

/**
 * @param source the file's name, for messages
 * @throws UserError when the bytes are no checkpoint, are cut short or were changed
 */
export function decodeCheckpoint(bytes: Buffer, source: string): { weights: Weight[]; meta: unknown } {
  const broken = (what: string): UserError =>
    new UserError(
      `${source}: ${what}`,
      'a checkpoint is the file best.ckpt or last.ckpt of a run folder, as dsc-train wrote it',
    );

  if (bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) throw broken('is not a dsc-train checkpoint');
  const start = bytes.length < PRELUDE ? Infinity : PRELUDE + bytes.readUInt32LE(MAGIC.length);
  if (start > bytes.length) throw broken(`is cut short: ${bytes.length} bytes`);
  const header = parseHeader(bytes.toString('utf8', PRELUDE, start));
  if (!header) throw broken('has a damaged header');
  if (header.version !== CHECKPOINT_VERSION)
    throw broken(`has format version ${header.version}, expected ${CHECKPOINT_VERSION}`);

  const payload = bytes.subarray(start);
  const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
  const expected = header.weights.reduce((sum, { shape }) => sum + 4 * size(shape), 0);
  if (payload.length !== expected)
    throw broken(`is cut short: ${payload.length} bytes of weights, expected ${expected}`);
  if (sha256(payload) !== header.sha256) throw broken('was changed after it was written: its checksum does not match');

  const weights = header.weights.map(({ name, shape, offset }) => {
    const values = new Float32Array(size(shape));
    for (let i = 0; i < values.length; i++) values[i] = payload.readFloatLE(offset + 4 * i);
    return { name, shape, values };
  });
  return { weights, meta: header.meta };
}

function parseHeader(json: string): Header | undefined {
  try {
    return JSON.parse(json) as Header;
  } catch {
    return undefined;
  }
}

function littleEndian(values: Float32Array): Buffer {
  const bytes = Buffer.alloc(values.byteLength);
  for (let i = 0; i < values.length; i++) bytes.writeFloatLE(values[i], 4 * i);
  return bytes;
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
