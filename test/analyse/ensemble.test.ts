import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCounts } from '../../src/analyse/counts';
import {
  dropVoice,
  type GoldLabels,
  leaveVoice,
  scoreEnsemble,
  type Voice,
  type VoiceOf,
} from '../../src/analyse/ensemble';
import { type Config, parseConfig } from '../../src/config';
import { sentenceCounts } from '../../src/metrics/bootstrap';

const folder = mkdtempSync(join(tmpdir(), 'dsc-ensemble-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const CONFIG: Config = parseConfig([]);
const LABELS = ['O', 'B-X', 'I-X'];
const GOLD: GoldLabels = { gold: [['B-X', 'I-X'], ['O']], inner: 'iob2', task: 'chunks' };
const never = (): never => {
  throw new Error('the corpora are not to be read');
};

let runs = 0;
/** What a run in a folder of its own has left. @param rows of the three tokens */
async function left(rows: readonly (readonly number[])[], changes: Partial<Voice> = {}, weights = 9): Promise<VoiceOf> {
  const of: VoiceOf = { folder: mkdtempSync(join(folder, 'run-')), started: String(runs++), split: 'test' };
  const voice = { labels: LABELS, decoding: { method: 'argmax', outsideBias: 0 }, probabilities: Float32Array.from(rows.flat()) } as const; // prettier-ignore
  await leaveVoice(of, { ...voice, ...changes }, weights);
  return of;
}
const scored = (...of: readonly VoiceOf[]) => scoreEnsemble(CONFIG, of, GOLD, never);
const counted = (...predicted: string[][]) => sentenceCounts(GOLD.gold, predicted);

// the second token is I-X by the mean, 0.45 to 0.4; by one alone it is O
const SURE = [[0.1, 0.8, 0.1], [0.7, 0, 0.3], [0.9, 0.1, 0]]; // prettier-ignore
const OTHER = [[0.4, 0.5, 0.1], [0.1, 0.3, 0.6], [0.2, 0.8, 0]]; // prettier-ignore

describe('scoreEnsemble', () => {
  it('decodes the mean of what runs have left, without their corpora and checkpoints', async () => {
    const [one, two] = [await left(SURE), await left(OTHER)];
    expect(readCounts((await scored(one, two)) ?? never())).toEqual(counted(['B-X', 'I-X'], ['O']));
    expect(readCounts((await scored(one)) ?? never())).toEqual(counted(['B-X', 'O'], ['O']));
    expect(readCounts((await scored(two)) ?? never())).toEqual(counted(['B-X', 'I-X'], ['B-X']));
  });

  it('adds the mean of their biases', async () => {
    const bias = (outsideBias: number) => ({ decoding: { method: 'argmax', outsideBias } }) as const;
    const [one, two] = [await left(SURE, bias(0)), await left(OTHER, bias(0.4))];
    expect(readCounts((await scored(one, two)) ?? never())).toEqual(counted(['B-X', 'O'], ['O'])); // 0.4 e^0.2 > 0.45
  });

  it.each<[string, (of: VoiceOf) => VoiceOf]>([
    ['is damaged', (of) => {
      const path = join(of.folder, 'probabilities.bin');
      const bytes = readFileSync(path);
      bytes[bytes.length - 40] ^= 1;
      writeFileSync(path, bytes);
      return of;
    }],
    ['is of another run', (of) => ({ ...of, started: 'later' })],
    ['is of another split', (of) => ({ ...of, split: 'dev' })],
  ])('takes nothing that %s', async (_, spoilt) => {
    const one = await left(SURE);
    expect(await scored(one)).not.toBeNull();
    expect(await scored(spoilt(one))).toBeNull();
  }); // prettier-ignore

  it('takes nothing that is of other sentences', async () => {
    expect(await scored(await left(SURE.slice(1)))).toBeNull();
  });

  it('refuses taggers with other labels', async () => {
    const [one, two] = [await left(SURE), await left(OTHER, { labels: ['O', 'B-Y', 'I-Y'] })];
    await expect(scored(one, two)).rejects.toThrow(`${two.folder}: its labels are not those of`);
  });
});

describe('leaveVoice', () => {
  it('leaves no more than the tagger itself takes', async () => {
    expect(await scored(await left(SURE, {}, 8))).toBeNull();
  });

  it('is dropped where the checkpoint can tell it again, and there alone', async () => {
    const of = await left(SURE);
    const path = join(of.folder, 'probabilities.bin');
    await dropVoice(of);
    expect(existsSync(path)).toBe(true);
    writeFileSync(join(of.folder, 'best.ckpt'), '');
    await dropVoice(of);
    expect(existsSync(path)).toBe(false);
  });
});
