import { createHash } from 'node:crypto';
import { decodeCheckpoint } from '../../src/checkpoint';
import { openEngine, type OpenEngine } from '../../src/engine';
import { UserError } from '../../src/errors';
import type { TaggerSpec } from '../../src/model/spec';
import { createRng, type Rng } from '../../src/rng';
import type { Corpora } from '../../src/run/corpora';
import { taggerOf } from '../../src/run/saved';
import { predictTags } from '../../src/train/predict';
import { toyRun } from '../run/toy';

/** How many mutations of each version; `npm run test:fuzz` asks for many more than the suite. */
const MUTATIONS = Number(process.env.DSC_TRAIN_FUZZ ?? 300);
const PRELUDE = 12;

let engine: OpenEngine;
let corpora: Corpora;
let good: Readonly<Record<1 | 2, Buffer>>;
let expected: string;

beforeAll(async () => {
  const toy = await toyRun('Anna B-PER\nsaw O\nNew B-LOC\nYork I-LOC\n. O\n\nBerlin B-LOC\nslept O\n\n');
  corpora = toy.corpora;
  good = { 1: asVersion1(toy.checkpoint), 2: toy.checkpoint };
  engine = await openEngine('js');
  expected = await outcome(toy.checkpoint);
});
afterAll(() => engine.dispose());

/** What a file says: its tags, or that it is refused. Anything but that is thrown on. */
async function outcome(bytes: Buffer): Promise<string> {
  try {
    const { tagger, vocab, decoding } = taggerOf(await decodeCheckpoint([bytes], bytes.length, 'x'), 'x');
    const tags = JSON.stringify(predictTags(tagger, corpora.train.encoded, vocab.labels, decoding));
    tagger.dispose();
    return tags;
  } catch (error) {
    if (error instanceof UserError && error.exitCode === 1) return 'refused';
    throw error;
  }
}

type Header = Record<string, unknown>;
const headerOf = (bytes: Buffer): Header =>
  JSON.parse(bytes.toString('utf8', PRELUDE, PRELUDE + bytes.readUInt32LE(8))) as Header;

/** The file with another header and, in version 2, the checksum that goes with it: only the header's sense can give it away. */
function withHeader(bytes: Buffer, header: string, version: 1 | 2): Buffer {
  const end = version === 2 ? bytes.length - 32 : bytes.length;
  const json = Buffer.from(header);
  const head = Buffer.alloc(Math.ceil((PRELUDE + json.length) / 8) * 8, ' ');
  bytes.copy(head, 0, 0, 8);
  head.writeUInt32LE(head.length - PRELUDE, 8);
  json.copy(head, PRELUDE);
  const body = Buffer.concat([head, bytes.subarray(PRELUDE + bytes.readUInt32LE(8), end)]);
  return version === 1 ? body : Buffer.concat([body, createHash('sha256').update(body).digest()]);
}

/** The same tagger as version 1 wrote it. */
function asVersion1(two: Buffer): Buffer {
  const { sections, meta } = headerOf(two) as { sections: { name: string; shape: number[] }[]; meta: Header };
  let [from, offset] = [PRELUDE + two.readUInt32LE(8), 0];
  const parts: Buffer[] = [];
  const weights = sections.map(({ name, shape }) => {
    const bytes = 4 * shape.reduce((a, b) => a * b, 1);
    parts.push(two.subarray(from, from + bytes));
    from += Math.ceil(bytes / 8) * 8;
    const entry = { name: name.replace('weights/', ''), shape, offset };
    offset += bytes;
    return entry;
  });
  const payload = Buffer.concat(parts);
  const sha256 = createHash('sha256').update(payload).digest('hex');
  const newer = ['reading', 'rows', 'features'];
  const old = Object.fromEntries(Object.entries(meta).filter(([key]) => !newer.includes(key)));
  const { tables, labels, hidden, layers, dropout } = meta.spec as TaggerSpec;
  const [words, shapes] = tables;
  const network = { labels, hidden, layers, dropout };
  old.spec = { words: words.rows, shapes: shapes.rows, wordDim: words.width, shapeDim: shapes.width, ...network };
  const empty = Buffer.concat([Buffer.from('DSCTRAIN'), Buffer.alloc(4), payload]);
  return withHeader(empty, JSON.stringify({ version: 1, sha256, weights, meta: old }), 1);
}

const HOSTILE: readonly unknown[] = [
  null, true, '', '__proto__', 'constructor', 'weights/words', 0, -1, 0.5, 1e308, 2147483648, 2 ** 53, [], {}, [[]],
  [2147483648], { length: 5 }, { __proto__: null },
]; // prettier-ignore

interface Node {
  readonly parent: Record<string, unknown>;
  readonly key: string;
  readonly path: string;
}

/** Every place of a JSON tree. */
function places(value: unknown, path = ''): Node[] {
  if (typeof value !== 'object' || value === null) return [];
  const parent = value as Record<string, unknown>;
  return Object.keys(parent).flatMap((key) => [
    { parent, key, path: `${path}.${key}` },
    ...places(parent[key], `${path}.${key}`),
  ]);
}

/** Another word or label is another tagger, not a lie: nothing in the file can tell. */
const ANOTHER = /^\.meta\.vocab\.(words\.\d+\.0|labels\.\d+\.label)$/;

/** One change of the header's sense. */
function lie(bytes: Buffer, rng: Rng, version: 1 | 2): Buffer {
  const header = headerOf(bytes);
  const all = places(header);
  const { parent, key, path } = all[rng.int(all.length)];
  const kind = rng.int(4);
  if (kind === 0) {
    if (Array.isArray(parent)) parent.splice(Number(key), 1);
    else Reflect.deleteProperty(parent, key);
  } else if (kind === 1 && Array.isArray(parent)) parent.push(structuredClone(parent[Number(key)]));
  else if (kind === 2) parent[`${key}x`] = parent[key];
  else {
    const value = HOSTILE[rng.int(HOSTILE.length)];
    if (!(ANOTHER.test(path) && typeof value === 'string')) parent[key] = value;
  }
  return withHeader(bytes, JSON.stringify(header), version);
}

const MUTATE: Readonly<Record<string, (bytes: Buffer, rng: Rng, version: 1 | 2) => Buffer>> = {
  bit(bytes, rng) {
    const copy = Buffer.from(bytes);
    copy[rng.int(copy.length)] ^= 1 << rng.int(8);
    return copy;
  },
  bytes(bytes, rng) {
    const copy = Buffer.from(bytes);
    for (let n = rng.int(8); n >= 0; n--) copy[rng.int(copy.length)] = rng.int(256);
    return copy;
  },
  cut: (bytes, rng) => bytes.subarray(0, rng.int(bytes.length)),
  insert(bytes, rng) {
    const at = rng.int(bytes.length + 1);
    const more = Buffer.from(Array.from({ length: 1 + rng.int(64) }, () => rng.int(256)));
    return Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)]);
  },
  remove(bytes, rng) {
    const at = rng.int(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + rng.int(64))]);
  },
  headerLength(bytes, rng) {
    const copy = Buffer.from(bytes);
    copy.writeUInt32LE(rng.uint32() >>> rng.int(32), 8);
    return copy;
  },
  headerText(bytes, rng, version) {
    const text = JSON.stringify(headerOf(bytes));
    const at = rng.int(text.length);
    const put = ['"', '{', '[', ',', '9', '-', ''][rng.int(7)];
    const changed = text.slice(0, at) + put + text.slice(at + rng.int(3));
    // A word or label spelled otherwise is another tagger.
    return isSameVocab(changed, headerOf(bytes)) ? withHeader(bytes, changed, version) : bytes;
  },
  lie,
  lie2: (bytes, rng, version) => lie(lie(bytes, rng, version), rng, version),
};

function isSameVocab(text: string, { meta }: Header): boolean {
  try {
    const names = (vocab: unknown): unknown => {
      const { words, labels } = vocab as { words: unknown[][]; labels: Header[] };
      return [words.map(([word]) => word), labels.map(({ label }) => label)];
    };
    const changed = JSON.parse(text) as { meta: Header };
    return JSON.stringify(names(changed.meta.vocab)) === JSON.stringify(names((meta as Header).vocab));
  } catch {
    return true;
  }
}

describe('a checkpoint that was changed', () => {
  it.each([1, 2] as const)('of version %d still tags where it was not', async (version) => {
    expect(expected).toMatch(/^\[\[.*"B-/);
    expect(await outcome(good[version])).toBe(expected);
  });

  it('of version 2 is refused, or tags as before', async () => {
    const counts = { refused: 0, same: 0 };
    const rng = createRng(Number(process.env.DSC_TRAIN_FUZZ_SEED ?? 1));
    const kinds = Object.keys(MUTATE);
    let slowest = 0;
    for (let i = 0; i < MUTATIONS; i++) {
      const kind = kinds[i % kinds.length];
      const bytes = MUTATE[kind](good[2], rng.split(String(i)), 2);
      const start = performance.now();
      const found = await outcome(bytes);
      slowest = Math.max(slowest, performance.now() - start);
      if (found !== 'refused') expect({ i, kind, found }).toEqual({ i, kind, found: expected });
      counts[found === 'refused' ? 'refused' : 'same']++;
    }
    if (process.env.DSC_TRAIN_FUZZ) process.stdout.write(`${JSON.stringify({ ...counts, slowest })}\n`);
    expect(slowest).toBeLessThan(2000);
    expect(counts.refused).toBeGreaterThan(MUTATIONS / 2);
  }, 600_000);

  it('of version 1 is refused or opens: never an exception, never a hang', async () => {
    const rng = createRng(2);
    const kinds = Object.keys(MUTATE);
    for (let i = 0; i < MUTATIONS; i++) {
      const bytes = MUTATE[kinds[i % kinds.length]](good[1], rng.split(String(i)), 1);
      const start = performance.now();
      expect(typeof (await outcome(bytes))).toBe('string');
      expect(performance.now() - start).toBeLessThan(2000);
    }
  }, 600_000);
});
