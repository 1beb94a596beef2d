import { Reader, Writer } from 'protobufjs/minimal';
import type { TrainEvent } from './events';
import type { LogWriter, Settings } from './logWriter';

/**
 * TensorBoard's event files: records of TFRecord, each a message `Event` of tensorboard/compat/proto/event.proto. Field numbers are
 * those of event.proto, summary.proto and, for the table of settings, plugins/hparams/plugin_data.proto.
 */

/** CRC-32C (Castagnoli), polynomial 0x1edc6f41 reflected, as in RFC 3720, appendix B.4. */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (CRC_TABLE[(crc ^ byte) & 0xff] as number) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let value = n;
  for (let k = 0; k < 8; k++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value;
});

/** As tensorflow/core/lib/hash/crc32c.h masks it, so that the CRC of bytes that hold their own CRC is not always the same. */
export const maskedCrc = (bytes: Uint8Array): number => {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
};

const [LENGTH, CRC] = [8, 4];

/** Length of the data (8 bytes), its CRC (4), the data, its CRC (4); all little-endian. */
export function framed(data: Uint8Array): Uint8Array {
  const record = new Uint8Array(LENGTH + CRC + data.length + CRC);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(LENGTH, maskedCrc(record.subarray(0, LENGTH)), true);
  record.set(data, LENGTH + CRC);
  view.setUint32(LENGTH + CRC + data.length, maskedCrc(data), true);
  return record;
}

/** Tags of protobuf: field number and wire type. */
const [VARINT, DOUBLE, BYTES, FLOAT] = [0, 1, 2, 5] as const;
const tag = (field: number, wire: 0 | 1 | 2 | 5): number => (field << 3) | wire;

/** Event: wall_time 1, step 2, file_version 3, summary 5. */
function eventOf(now: number, step: number, field: 3 | 5, content: Uint8Array): Uint8Array {
  const event = Writer.create().uint32(tag(1, DOUBLE)).double(now);
  if (step !== 0) event.uint32(tag(2, VARINT)).int64(step);
  return framed(event.uint32(tag(field, BYTES)).bytes(content).finish());
}

/** Summary: value 1, of which each is tag 1 and simple_value 2. */
function scalars(values: readonly (readonly [name: string, value: number])[]): Uint8Array {
  const summary = Writer.create();
  for (const [name, value] of values)
    summary.uint32(tag(1, BYTES)).fork().uint32(tag(1, BYTES)).string(name).uint32(tag(2, FLOAT)).float(value).ldelim();
  return summary.finish();
}

/** A summary of the plugin hparams: value.metadata 9, plugin_data 1, plugin_name 1, content 2: HParamsPluginData. */
function hparams(name: 'session_start_info' | 'session_end_info', field: 3 | 4, info: Uint8Array): Uint8Array {
  const data = Writer.create().uint32(tag(field, BYTES)).bytes(info).finish();
  const plugin = Writer.create().uint32(tag(1, BYTES)).string('hparams').uint32(tag(2, BYTES)).bytes(data).finish();
  const metadata = Writer.create().uint32(tag(1, BYTES)).bytes(plugin).finish();
  return Writer.create()
    .uint32(tag(1, BYTES))
    .fork()
    .uint32(tag(1, BYTES))
    .string(`_hparams_/${name}`)
    .uint32(tag(9, BYTES))
    .bytes(metadata)
    .ldelim()
    .finish();
}

/** SessionStartInfo: hparams 1 (a map, its entries key 1 and value 2), start_time_secs 5. google.protobuf.Value: number 2, string 3, bool 4. */
function startInfo(settings: Settings, now: number): Uint8Array {
  const info = Writer.create();
  for (const [key, setting] of Object.entries(settings)) {
    const value = Writer.create();
    if (typeof setting === 'number') value.uint32(tag(2, DOUBLE)).double(setting);
    else if (typeof setting === 'string') value.uint32(tag(3, BYTES)).string(setting);
    else value.uint32(tag(4, VARINT)).bool(setting);
    info
      .uint32(tag(1, BYTES))
      .fork()
      .uint32(tag(1, BYTES))
      .string(key)
      .uint32(tag(2, BYTES))
      .bytes(value.finish())
      .ldelim();
  }
  return info.uint32(tag(5, DOUBLE)).double(now).finish();
}

/** SessionEndInfo: status 1, of which 1 is success, end_time_secs 2. */
const endInfo = (now: number): Uint8Array =>
  Writer.create().uint32(tag(1, VARINT)).int32(1).uint32(tag(2, DOUBLE)).double(now).finish();

const join = (...parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts);

/** What an event has to say, by the names that TensorBoard groups its charts by. */
function scalarsOf(event: TrainEvent): (readonly [string, number])[] {
  switch (event.kind) {
    case 'step':
      return [
        ['train/loss', event.loss],
        ['train/gradient_norm', event.gradNorm],
        ['train/learning_rate', event.learningRate],
        ['train/tokens_per_second', event.tokensPerSecond],
      ];
    case 'epoch':
      return [
        ['epoch', event.epoch],
        ['epoch/train_loss', event.trainLoss],
        ['dev/score', event.devScore],
        ...Object.entries(event.classes ?? {}).map(([name, f1]) => [`dev/f1/${name}`, f1] as const),
      ];
    default:
      return [];
  }
}

export const tensorboard: LogWriter = {
  begin: (settings, now) =>
    join(
      eventOf(now, 0, 3, Buffer.from('brain.Event:2')),
      eventOf(now, 0, 5, hparams('session_start_info', 3, startInfo(settings, now))),
    ),
  event(event, update, now) {
    const values = scalarsOf(event);
    return values.length === 0 ? null : eventOf(now, update, 5, scalars(values));
  },
  end: (scores, update, now) =>
    join(
      eventOf(now, update, 5, scalars(Object.entries(scores))),
      eventOf(now, update, 5, hparams('session_end_info', 4, endInfo(now))),
    ),
  kept(bytes, update) {
    let at = 0;
    for (;;) {
      const record = recordAt(bytes, at);
      if (!record || stepOf(record.data) > update) return at;
      at = record.end;
    }
  },
};

/** Null at the end, and where what follows is no whole record. */
function recordAt(bytes: Uint8Array, at: number): { readonly data: Uint8Array; readonly end: number } | null {
  if (at + LENGTH + CRC > bytes.length) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(at + LENGTH, true) !== maskedCrc(bytes.subarray(at, at + LENGTH))) return null;
  const from = at + LENGTH + CRC;
  const to = from + Number(view.getBigUint64(at, true));
  if (to + CRC > bytes.length) return null;
  const data = bytes.subarray(from, to);
  return view.getUint32(to, true) === maskedCrc(data) ? { data, end: to + CRC } : null;
}

function stepOf(event: Uint8Array): number {
  const reader = Reader.create(event);
  while (reader.pos < reader.len) {
    const field = reader.uint32();
    if (field === tag(2, VARINT)) return Number(reader.int64());
    reader.skipType(field & 7);
  }
  return 0;
}
