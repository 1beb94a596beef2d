import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { present } from '../../src/errors';
import { train } from '../../src/library/train';
import type { RunResult } from '../../src/run/result';
import { LOGS } from '../../src/train/logs';
import { crc32c, framed, maskedCrc, tensorboard } from '../../src/train/tensorboard';
import { conll, corpus } from '../explain/corpus';

const hex = (value: number): string => value.toString(16).padStart(8, '0');

/** Bit by bit, by the polynomial as it is printed. */
function slowCrc(bytes: Uint8Array): number {
  let crc = 0xffffffffn;
  for (const byte of bytes)
    for (let bit = 0; bit < 8; bit++) {
      const top = (crc & 1n) ^ ((BigInt(byte) >> BigInt(bit)) & 1n);
      crc = (crc >> 1n) ^ (top === 1n ? 0x82f63b78n : 0n);
    }
  return Number(crc ^ 0xffffffffn);
}

describe('crc32c', () => {
  it.each([
    ['32 zeros', new Uint8Array(32), '8a9136aa'],
    ['32 times ff', new Uint8Array(32).fill(0xff), '62a8ab43'],
    ['0 to 31', Uint8Array.from({ length: 32 }, (_, i) => i), '46dd794e'],
    ['31 to 0', Uint8Array.from({ length: 32 }, (_, i) => 31 - i), '113fdb5c'],
    ['an iSCSI command', Uint8Array.from([1, 0xc0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x14, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0x14, 0, 0, 0, 0x18, 0x28, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0]), 'd9963a56'], // prettier-ignore
    ['123456789', Buffer.from('123456789'), 'e3069283'],
  ])('is the published one of %s', (_, bytes, published) => {
    expect(hex(crc32c(bytes))).toBe(published);
    expect(hex(slowCrc(bytes))).toBe(published);
  });

  it('is masked as TensorFlow does: unmasked it is itself, and masking twice is something else', () => {
    const bytes = Buffer.from('foo');
    const rotated = (maskedCrc(bytes) - 0xa282ead8) >>> 0;
    expect(((rotated >>> 17) | (rotated << 15)) >>> 0).toBe(crc32c(bytes));
    expect(maskedCrc(bytes)).not.toBe(crc32c(bytes));
  });
});

interface Field {
  readonly number: number;
  readonly value: number | Buffer;
}

/** A message of protobuf in its fields: a reader that shares nothing with the writer. */
function fieldsOf(bytes: Buffer): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): number => {
    let [value, shift] = [0n, 0n];
    for (;;) {
      const byte = bytes[at++];
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return Number(BigInt.asIntN(64, value));
      shift += 7n;
    }
  };
  while (at < bytes.length) {
    const key = varint();
    const [number, wire] = [Math.floor(key / 8), key % 8];
    if (wire === 0) fields.push({ number, value: varint() });
    else if (wire === 1) fields.push({ number, value: bytes.readDoubleLE((at += 8) - 8) });
    else if (wire === 5) fields.push({ number, value: bytes.readFloatLE((at += 4) - 4) });
    else if (wire === 2) {
      const length = varint();
      fields.push({ number, value: bytes.subarray(at, (at += length)) });
    } else throw new Error(`wire type ${wire}`);
  }
  return fields;
}
const all = (bytes: Buffer, number: number): Buffer[] =>
  fieldsOf(bytes).flatMap((field) => (field.number === number ? [field.value as Buffer] : []));
const one = (bytes: Buffer, number: number) => fieldsOf(bytes).find((field) => field.number === number)?.value;

interface Read {
  readonly wall: number;
  readonly step: number;
  readonly version?: string;
  readonly scalars: Record<string, number>;
  /** Of the plugin hparams, by tag. */
  readonly plugins: Record<string, Buffer>;
}

function readEvents(bytes: Buffer): Read[] {
  const events: Read[] = [];
  const unmask = (crc: number): number => {
    const rotated = (crc - 0xa282ead8) >>> 0;
    return ((rotated >>> 17) | (rotated << 15)) >>> 0;
  };
  for (let at = 0; at < bytes.length;) {
    const length = Number(bytes.readBigUInt64LE(at));
    expect(unmask(bytes.readUInt32LE(at + 8))).toBe(slowCrc(bytes.subarray(at, at + 8)));
    const data = bytes.subarray(at + 12, at + 12 + length);
    expect(unmask(bytes.readUInt32LE(at + 12 + length))).toBe(slowCrc(data));
    at += 16 + length;
    const scalars: Record<string, number> = {};
    const plugins: Record<string, Buffer> = {};
    for (const value of all(data, 5).flatMap((summary) => all(summary, 1))) {
      const tag = String(one(value, 1));
      const simple = one(value, 2);
      if (typeof simple === 'number') scalars[tag] = simple;
      else {
        const plugin = one(one(value, 9) as Buffer, 1) as Buffer;
        expect(String(one(plugin, 1))).toBe('hparams');
        plugins[tag] = one(plugin, 2) as Buffer;
      }
    }
    const version = one(data, 3);
    events.push({
      wall: one(data, 1) as number,
      step: (one(data, 2) as number | undefined) ?? 0,
      ...(version !== undefined && { version: String(version) }),
      scalars,
      plugins,
    });
  }
  return events;
}

const step = { kind: 'step', epoch: 1, batch: 1, batches: 2, loss: 0.5, gradNorm: 2, learningRate: 0.25, tokens: 10, tokensPerSecond: 1000 } as const; // prettier-ignore
const epoch = { kind: 'epoch', epoch: 1, trainLoss: 0.5, devScore: 0.75, classes: { PER: 1, 'a b': 0.5 }, learningRate: 0.25, isBest: true, seconds: 1, tokensPerSecond: 1000 } as const; // prettier-ignore
const bytesOf = (...events: readonly [object, number][]): Buffer =>
  Buffer.concat([
    tensorboard.begin({ 'loss.name': 'ce', seed: 3, 'a.b': true }, 1.5),
    ...events.map(([event, update]) => tensorboard.event(event as typeof step, update, 2.5) ?? Buffer.alloc(0)),
  ]);

describe('the event file', () => {
  it('says its version first, then the settings as hparams', () => {
    const [first, second, ...rest] = readEvents(bytesOf());
    expect([first.version, first.wall, first.step, rest]).toEqual(['brain.Event:2', 1.5, 0, []]);
    const start = one(second.plugins['_hparams_/session_start_info'], 3) as Buffer;
    const settings = all(start, 1).map((entry) => {
      const [{ number, value }] = fieldsOf(one(entry, 2) as Buffer) as [Field];
      return [String(one(entry, 1)), number, typeof value === 'number' ? value : String(value)];
    });
    expect(settings).toEqual([['loss.name', 3, 'ce'], ['seed', 2, 3], ['a.b', 4, 1]]); // prettier-ignore
    expect(one(start, 5)).toBe(1.5);
  });

  it('has the numbers of updates and epochs at the updates so far', () => {
    const large = 2 ** 33 + 1; // steps are 64 bits
    const read = readEvents(bytesOf([step, 7], [epoch, large], [{ kind: 'warning' }, 8])).slice(2);
    expect(read.map(({ step: at, scalars, wall }) => [at, wall, scalars])).toEqual([
      [7, 2.5, { 'train/loss': 0.5, 'train/gradient_norm': 2, 'train/learning_rate': 0.25, 'train/tokens_per_second': 1000 }], // prettier-ignore
      [large, 2.5, { epoch: 1, 'epoch/train_loss': 0.5, 'dev/score': 0.75, 'dev/f1/PER': 1, 'dev/f1/a b': 0.5 }],
    ]);
  });

  it('ends with scores and a session that came to its end', () => {
    const [scores, end] = readEvents(Buffer.from(tensorboard.end({ 'test/micro-f1': 0.25 }, 9, 3)));
    expect([scores.step, scores.scalars]).toEqual([9, { 'test/micro-f1': 0.25 }]);
    const info = one(end.plugins['_hparams_/session_end_info'], 4) as Buffer;
    expect([one(info, 1), one(info, 2)]).toEqual([1, 3]);
  });

  it('is cut for a resumed run behind the last whole record of its updates', () => {
    const [short, long] = [bytesOf([step, 1], [step, 2]), bytesOf([step, 1], [step, 2], [step, 3])];
    expect(tensorboard.kept(long, 2)).toBe(short.length);
    expect(tensorboard.kept(long, 9)).toBe(long.length);
    for (const cut of [1, 5, 13, long.length - short.length - 1])
      expect(tensorboard.kept(long.subarray(0, long.length - cut), 9)).toBe(short.length);
    const broken = Buffer.from(long);
    broken[short.length + 20] ^= 1;
    expect(tensorboard.kept(broken, 9)).toBe(short.length);
    expect(tensorboard.kept(new Uint8Array(0), 9)).toBe(0);
    expect(tensorboard.kept(framed(Buffer.from('')), 0)).toBe(16);
  });
});

describe('--log tensorboard', () => {
  const home = mkdtempSync(join(tmpdir(), 'dsc-tensorboard-'));
  afterAll(() => rmSync(home, { recursive: true, force: true }));
  const path = (name: string): string => join(home, name, LOGS.tensorboard.file);
  let found: RunResult | null = null;
  const whole = (): RunResult => present(found ?? undefined, 'result');

  beforeAll(async () => {
    writeFileSync(join(home, 'train.conll'), conll(corpus(1, 60)));
    writeFileSync(join(home, 'dev.conll'), conll(corpus(2, 20)));
    for (const stopAt of [Infinity, 5]) {
      const out = join(home, stopAt === 5 ? 'broken' : 'whole');
      const stop = new AbortController();
      let steps = 0;
      const config = {
        data: { train: join(home, 'train.conll'), dev: join(home, 'dev.conll') },
        model: { wordDim: 8, hidden: 4, affixDim: 0 },
        train: { epochs: 2, batchTokens: 120 },
        engine: { threads: 1 },
        log: 'tensorboard' as const,
        out,
      };
      const on = ({ kind }: { kind: string }): void => {
        if (kind === 'step' && ++steps >= stopAt) stop.abort();
      };
      const { result } = await train(config, { signal: stop.signal, on });
      found ??= result;
      if (stopAt === 5) await train({ out }, { resume: out });
    }
  });

  it('leaves what log.jsonl holds, and the scores of the end', () => {
    const events = readEvents(readFileSync(path('whole')));
    const logged = readFileSync(join(home, 'whole', 'log.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as Record<string, never>); // prettier-ignore
    const of = (kind: string): Record<string, number>[] => logged.filter((entry) => entry.kind === kind);
    expect(events.flatMap(({ scalars }) => scalars['train/loss'] ?? [])).toEqual(of('step').map(({ loss }) => Math.fround(loss))); // prettier-ignore
    const dev = events.flatMap(({ scalars }) => ('dev/score' in scalars ? [scalars] : []));
    expect(dev.map((scalars) => scalars['dev/score'])).toEqual(
      of('epoch').map(({ devScore }) => Math.fround(devScore)),
    );
    expect(dev.map((scalars) => scalars['dev/f1/PER'])).toEqual(whole().history.map(({ classes }) => Math.fround(classes?.PER ?? NaN))); // prettier-ignore
    expect(events.map((event) => event.step)).toEqual([...events.map((event) => event.step)].sort((a, b) => a - b));
    expect(events.at(-2)?.scalars['dev/micro-f1']).toBe(
      Math.fround(present(whole().dev.entities ?? undefined, 'entities').micro.f1),
    );
    expect(present(whole().dev.entities ?? undefined, 'entities').classes.map(({ name }) => `dev/f1/${name}`).every((tag) => tag in present(events.at(-2), 'event').scalars)).toBe(true); // prettier-ignore
  });

  it('is, after a stop and a resume, that of a run without', () => {
    const untimed = (name: string) =>
      readEvents(readFileSync(path(name)))
        .slice(2)
        .map(({ step: at, scalars }) => [at, { ...scalars, 'train/tokens_per_second': 0 }]);
    expect(untimed('broken')).toEqual(untimed('whole'));
  });

  const READER =
    'import json, sys\n' +
    'from tensorboard.backend.event_processing.event_accumulator import EventAccumulator\n' +
    'log = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0})\n' +
    'log.Reload()\n' +
    'print(json.dumps({tag: [[e.step, e.value] for e in log.Scalars(tag)] for tag in log.Tags()["scalars"]}))\n';
  const hasTensorboard = spawnSync('python3', ['-c', 'import tensorboard'], { encoding: 'utf8' }).status === 0;

  (hasTensorboard ? it : it.skip)("is read by tensorboard's own reader (where python3 has it)", () => {
    const { stdout, stderr } = spawnSync('python3', ['-c', READER, path('whole')], { encoding: 'utf8' });
    expect(stderr.includes('Traceback')).toBe(false);
    const read = JSON.parse(stdout) as Record<string, [number, number][]>;
    const own: Record<string, [number, number][]> = {};
    for (const { step: at, scalars } of readEvents(readFileSync(path('whole'))))
      for (const [tag, value] of Object.entries(scalars)) (own[tag] ??= []).push([at, value]);
    expect(read).toEqual(own);
  });
});
