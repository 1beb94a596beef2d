import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { collectFolder, finalJobs } from '../../src/compare';
import { analysisPath, resultPath } from '../../src/compare/job';
import { makePlan } from '../../src/compare/plan';
import { openFolder } from '../../src/compare/planFile';
import { UserError } from '../../src/errors';
import { checkGates } from '../../src/gates';
import { readBaseline } from '../../src/gates/baseline';
import { sealed } from '../../src/files/json';
import { calibration } from '../../src/metrics/calibration';
import { score } from '../../src/metrics/scores';
import { createRng, type Rng } from '../../src/rng';
import { VERSION } from '../../src/package';

/** By hand: MUTATIONS=5000 npx jest test/compare/damage */
const MUTATIONS = Number(process.env.MUTATIONS ?? 300);

const folder = mkdtempSync(join(tmpdir(), 'dsc-damage-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const data = { train: 'a.conll', dev: 'b.conll', test: 'c.conll' };
const plan = makePlan([{ source: 'test', values: { data } }], {
  out: folder,
  losses: 'ce,dsc',
  seeds: '1',
  reference: 'ce',
  tune: false,
  candidates: 1,
  resamples: 5,
});
const hashes = new Map(Object.values(data).map((path) => [path, `hash of ${path}`]));
const write = (path: string, value: object): void => writeFileSync(path, `${JSON.stringify(sealed(value), null, 2)}\n`);

/** A finished comparison, as `compare` leaves it; no run is needed for what reads it again. */
async function makeComparison(): Promise<string[]> {
  await openFolder({ plan, hashes }, false);
  const gold = [['B-PER', 'O', 'B-LOC'], ['O', 'B-PER'], ['B-LOC']];
  for (const [i, { config }] of finalJobs(plan, plan.entrants).entries()) {
    const predicted = [['B-PER', 'O', i === 0 ? 'O' : 'B-LOC'], ['O', 'B-LOC'], ['B-LOC']];
    const report = score(gold, predicted, { scheme: 'iob2', version: VERSION });
    const labels = { O: 4, 'B-PER': 3, 'B-LOC': 2 };
    const tagging = { scheme: 'iob2', spelling: 'standard', outside: 'O' };
    const summaries = Object.entries(data).map(
      ([split, path]) =>
        [split, { path, sha256: hashes.get(path), labels, classes: { PER: 2, LOC: 2 }, tagging }] as const,
    );
    const timing = { started: `2026-01-0${i + 1}`, seconds: 3.25, epochs: [{ seconds: 1, tokensPerSecond: 100 }] };
    const run = { history: [{ epoch: 1, trainLoss: 0.5, devScore: 0.25, learningRate: 0.005 }], best: { epoch: 1, score: 0.25 }, learned: true }; // prettier-ignore
    const engine = { name: 'js', why: 'asked for', device: 'CPU', threads: 1, versions: {} };
    mkdirSync(config.out, { recursive: true });
    write(resultPath(config.out), { version: VERSION, config, engine, data: Object.fromEntries(summaries), ...run, dev: report, test: report, warnings: [], timing }); // prettier-ignore
    const split = { calibration: { all: calibration([0.5, 0.9], [1, 1]), entities: null }, curves: [], sweep: [] };
    write(analysisPath(config.out), { started: timing.started, analysis: { dev: split, test: split, metric: 'micro-f1' } }); // prettier-ignore
    const rows = gold.map((tags, s) => tags.map((tag, t) => `w\t${tag}\t${predicted[s][t]}\n`).join(''));
    writeFileSync(join(config.out, 'test.pred.conll'), `${rows.join('\n')}\n`);
  }
  const runs = ['ce/1', 'dsc/1'].flatMap((run) => ['result.json', 'analysis.json'].map((name) => join(run, name)));
  return ['plan.json', ...runs];
}

const parsed = (bytes: Buffer): unknown => JSON.parse(bytes.toString());

const DEEP = '['.repeat(100_000) + ']'.repeat(100_000);

/** One damage of a text file: of its bytes, or of a value in its JSON. */
function damage(bytes: Buffer, rng: Rng): Buffer {
  const at = rng.int(bytes.length);
  const end = Math.min(bytes.length, at + 1 + rng.int(40));
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  const kinds: (() => Buffer)[] = [
    () => Buffer.concat([before, Buffer.of(bytes[at] ^ (1 << rng.int(8))), bytes.subarray(at + 1)]),
    () => Buffer.from(before),
    () => Buffer.concat([before, bytes.subarray(end)]),
    () => Buffer.concat([bytes.subarray(0, end), after]),
    () => Buffer.concat([before, Buffer.of(rng.int(256)), after]),
    () => Buffer.from(`${JSON.stringify(withOtherValue(parsed(bytes), rng))}\n`),
    () => Buffer.from(JSON.stringify(withOtherValue(parsed(bytes), rng, 'DEEP')).replace('"DEEP"', DEEP)),
    () => Buffer.from(rng.int(2) === 0 ? DEEP : ''),
  ];
  return kinds[rng.int(kinds.length - 1 + (rng.int(20) === 0 ? 1 : 0))]();
}

const OTHERS = [null, true, -1, 1e308, 0.5, '', 'x', [], {}, [[]], { __proto__: null }, '__proto__', 2 ** 53];

/** A value of the tree, whichever, replaced, removed or renamed. */
function withOtherValue(root: unknown, rng: Rng, value: unknown = OTHERS[rng.int(OTHERS.length)]): unknown {
  const places: [Record<string, unknown>, string][] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const [key, item] of Object.entries(node)) {
      places.push([node as Record<string, unknown>, key]);
      visit(item);
    }
  };
  visit(root);
  if (places.length === 0) return value;
  const [parent, key] = places[rng.int(places.length)];
  const old: unknown = parent[key];
  if (value !== 'DEEP' && rng.int(4) === 0) Reflect.deleteProperty(parent, key);
  else parent[key] = value;
  if (value !== 'DEEP' && rng.int(6) === 0 && !Array.isArray(parent)) parent[`${key}x`] = old;
  return root;
}

/** What came of each damage: `same` output, `refused` with the path, or what should never be. */
async function tryAll(path: string, times: number, read: () => Promise<string>): Promise<Record<string, number>> {
  const [whole, right] = [readFileSync(path), await read()];
  const rng = createRng(7).split(path.slice(folder.length));
  const counts: Record<string, number> = { same: 0, refused: 0 };
  for (let i = 0; i < times; i++) {
    const bytes = damage(whole, rng);
    writeFileSync(path, bytes);
    const outcome = await read().then(
      (text) => (text === right ? 'same' : `other output: ${bytes.toString().slice(0, 2000)}`),
      (error: unknown) => {
        if (error instanceof UserError) return error.message.includes(path) ? 'refused' : `no path: ${error.message}`;
        return `exception: ${String(error)}: ${bytes.toString().slice(0, 2000)}`;
      },
    );
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  writeFileSync(path, whole);
  return counts;
}

const expectWhole = (counts: Record<string, number>): void => {
  expect(Object.keys(counts)).toEqual(['same', 'refused']);
  expect(counts.refused).toBeGreaterThan(0);
};

let files: string[];
beforeAll(async () => (files = await makeComparison()));
const collected = async (): Promise<string> => JSON.stringify(await collectFolder(folder));

describe('a damaged file of a comparison', () => {
  it('is refused with its path, or changes nothing', async () => {
    expect(JSON.parse(await collected())).toMatchObject({ comparison: { reference: 'ce', seeds: [1] } });
    for (const file of files) expectWhole(await tryAll(join(folder, file), Math.ceil(MUTATIONS / files.length), collected)); // prettier-ignore
  });

  it.each(['result.json', 'analysis.json'])('is refused where its numbers were changed: %s', async (name) => {
    const path = join(folder, 'ce/1', name);
    const text = readFileSync(path, 'utf8');
    for (const [number] of text.matchAll(/(?<=: )0\.\d+/g)) {
      writeFileSync(path, text.replace(number, '0.123'));
      await expect(collected()).rejects.toThrow(`${path}: is damaged`);
    }
    writeFileSync(path, text.replace(/,?\s*"checksum": "[^"]*"\n}/, '}'));
    await expect(collected()).rejects.toThrow(`${path}: has no checksum`);
    writeFileSync(path, text);
  });
});

describe('a damaged baseline', () => {
  const gates = { floors: [], baselineMetrics: ['micro-f1', 'PER.f1'], strict: false, otherCorpus: false };
  const check = (path: string) => async (): Promise<string> => {
    const baseline = await readBaseline(path);
    return JSON.stringify(checkGates({ ...gates, baseline }, { name: 'test', reports: [withIntervals] }));
  };
  const tags = [['B-PER', 'O', 'B-LOC'], ['O', 'B-PER']]; // prettier-ignore
  const one = score(tags, tags, { scheme: 'iob2', version: VERSION, dataHash: 'abc' });
  const interval = { f1: 1, low: 0.5, high: 1 };
  const result = { resamples: 9, level: 0.95, micro: interval, macro: interval, classes: [{ name: 'PER', ...interval }] }; // prettier-ignore
  const withIntervals = { ...one, intervals: { entities: result, tags: result } };

  it('is refused with its path, or changes nothing, where it has a checksum', async () => {
    const path = join(folder, 'baseline.json');
    write(path, { dev: withIntervals, test: null, timing: { seconds: 1 } });
    expectWhole(await tryAll(path, Math.ceil(MUTATIONS / 4), check(path)));
  });

  it('never ends the program where it has none', async () => {
    const path = join(folder, 'evaluated.json');
    writeFileSync(path, JSON.stringify({ report: withIntervals }, null, 2));
    const counts = await tryAll(path, Math.ceil(MUTATIONS / 4), check(path));
    // a number that is another valid one is another baseline; a class or an average may be gone
    const wrong = Object.keys(counts).filter((outcome) => outcome.startsWith('exception'));
    expect(wrong).toEqual([]);
  });
});
