import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { explain } from '../../src/evaluate/explain';
import { train } from '../../src/library/train';
import { explanationText } from '../../src/report/explain';
import type { RunResult } from '../../src/run/result';
import { conll, corpus, retag } from '../explain/corpus';

const home = mkdtempSync(join(tmpdir(), 'dsc-why-'));
const run = join(home, 'run');
const [own, dev, test] = ['train', 'dev', 'test'].map((name) => join(home, `${name}.conll`)) as [
  string,
  string,
  string,
];
let result: RunResult | null = null;

beforeAll(async () => {
  // seven of eight labels of ORG are forgotten in training: it is never predicted
  writeFileSync(own, conll(retag(corpus(1, 160), 'ORG', (tag, s) => (s % 8 > 0 ? 'O' : tag))));
  writeFileSync(dev, conll(corpus(2, 40)));
  writeFileSync(test, conll(corpus(3, 40)));
  const model = { wordDim: 24, hidden: 12, affixDim: 0 };
  const settings = { epochs: 6, batchTokens: 100, learningRate: 0.01 };
  const config = { data: { train: own, dev, test }, model, loss: { name: 'ce' }, train: settings, out: run };
  ({ result } = await train({ ...config, engine: { threads: 1 } }));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** The run, with something done to it. */
async function after(change: (folder: string) => void, options = {}) {
  const folder = mkdtempSync(join(home, 'copy-'));
  cpSync(run, folder, { recursive: true });
  const config = JSON.parse(readFileSync(join(run, 'config.json'), 'utf8')) as { data: Record<string, string> };
  writeFileSync(
    join(folder, 'config.json'),
    JSON.stringify({ ...config, data: { ...config.data, train: own, dev, test } }),
  );
  const kept = [own, dev, test].map((path) => [path, readFileSync(path)] as const);
  change(folder);
  try {
    return await explain(folder, options);
  } finally {
    for (const [path, content] of kept) writeFileSync(path, content);
  }
}
const causes = ({ classes }: Awaited<ReturnType<typeof explain>>): string[] =>
  classes.map(({ name, answers }) => `${name} ${answers[0]?.cause ?? 'none'}`);

describe('explain', () => {
  it('explains what is at 0 or weak, by the sentence that stands in the warnings of the run', async () => {
    const found = await explain(run);
    expect([found.weak, found.notes, causes(found)]).toEqual([['ORG'], [], ['ORG unlabelled']]);
    const [{ sentence }] = found.classes;
    expect(sentence).toMatch(/^ORG is without a label in \d\d\.\d\d % of the places in training where its texts stand/);
    const told = result?.warnings.filter(({ code }) => code === 'never-predicted');
    expect(told).toEqual([
      expect.objectContaining({
        message: 'never predicted on dev and test, though in training: ORG',
        advice: `${sentence}; dsc-train explain RUN says what would change it`,
      }),
    ]);
  });

  it('measures what it tells', async () => {
    const [found] = (await explain(run, { classes: ['ORG'] })).classes;
    const trained = result?.data.train.classes.ORG;
    expect(found.evidence.training.mentions).toBe(trained);
    const { conflicts, p, learned, errors, unseen } = found.evidence;
    expect(conflicts?.unlabelled).toBeGreaterThan(0.6);
    expect(conflicts?.other).toBe(0);
    expect(p?.low).toBeLessThanOrEqual(p?.median ?? 0);
    expect(p?.median).toBeLessThan(0.5);
    expect(learned).toEqual({ recall: 0, mentions: trained });
    const org = result?.test?.entities?.classes.find(({ name }) => name === 'ORG');
    const { missed = 0, type = 0, boundary = 0, both = 0 } = errors ?? {};
    expect(missed + type + boundary + both).toBe(org?.support);
    expect(unseen?.recallSeen).toBe(0);
  });

  it('says which files are gone or changed, and answers from the folder', async () => {
    const gone = await after(() => [own, dev].forEach((path) => rmSync(path)), { classes: ['ORG'] });
    expect(gone.notes.map((note) => note.replaceAll(home, ''))).toEqual([
      expect.stringMatching(
        /^the train file cannot be read as it was: .*no such file or folder; nothing is told of its texts/,
      ),
      expect.stringMatching(/^the dev file cannot be read as it was: .*; answered from dev.pred.conll in the folder$/),
    ]);
    const [{ evidence, answers, scored }] = gone.classes;
    expect([evidence.conflicts, evidence.unseen, evidence.forecast]).toEqual([null, null, null]);
    expect(evidence.p?.median).toBeLessThan(0.5);
    expect(evidence.ways?.length).toBeGreaterThan(5); // dev as it stands in the folder
    expect(scored.f1).toBe(0);
    expect(answers.length).toBeGreaterThan(0);

    const changed = await after(() => appendFileSync(test, '\nAnna\tB-PER\n'), { classes: ['ORG'] });
    expect(changed.notes).toEqual([
      expect.stringMatching(
        /test\.conll: is not the test file as it was when the run was trained; answered from test\.pred\.conll/,
      ),
    ]);
    expect(causes(changed)).toEqual(['ORG unlabelled']);
    expect(changed.classes[0]?.evidence.errors).toEqual((await explain(run)).classes[0]?.evidence.errors);
  });

  it('does without a checkpoint, and without predictions', async () => {
    const bare = await after((folder) => rmSync(join(folder, 'best.ckpt')));
    expect(bare.notes).toEqual([expect.stringMatching(/holds no best\.ckpt: nothing is told of probabilities/)]);
    expect(causes(bare)).toEqual(['ORG unlabelled']);
    const nothing = await after((folder) => {
      for (const name of ['best.ckpt', 'test.pred.conll']) rmSync(join(folder, name));
      writeFileSync(join(folder, 'dev.pred.conll'), 'Anna B-PER B-PER\n');
      for (const path of [own, dev, test]) rmSync(path);
    });
    expect(nothing.notes.filter((note) => note.includes('.pred.conll: '))).toEqual([
      expect.stringMatching(/dev\.pred\.conll: is not what the run wrote; nothing is told of the sentences of dev/),
      expect.stringMatching(/test\.pred\.conll: cannot be read/),
    ]);
    expect(nothing.classes[0]?.scored.support).toBeGreaterThan(0);
  });

  it('refuses a folder without a finished run, a damaged result, and a class that there is not', async () => {
    await expect(explain(home)).rejects.toThrow(/holds no result\.json/);
    await expect(after((folder) => appendFileSync(join(folder, 'result.json'), 'x'))).rejects.toThrow(
      /result\.json:\d+:1/,
    );
    await expect(explain(run, { classes: ['ORC'] })).rejects.toThrow("--class ORC: no such class; did you mean 'ORG'?");
  });

  it('is printed class by class, answers with their numbers and commands', async () => {
    const found = await explain(run, { classes: ['PER', 'ORG'] });
    const text = explanationText(found, true);
    expect(text).toMatch(
      /^PER: F1 \d+\.\d\d on test \(\d+ right of \d+ in gold and \d+ predicted\)\n {2}PER is neither at 0 nor weak: /,
    );
    expect(text).toMatch(
      /\nORG: F1 0\.00 on test .*\n {2}1\. ORG is without a label in .*\n {5}evidence: share without a label 0\.\d+, .* \(weight 0\.\d\d\)\n {5}try: dsc-train inspect /,
    );
    expect(explanationText({ ...found, weak: [], classes: [] })).toMatch(
      /: no class is at 0 or weak \(F1 below 50, or below/,
    );
  });
});
