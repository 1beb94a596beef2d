import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Comparison } from '../../src/compare/comparison';
import { joinComparisons } from '../../src/compare/joint';
import { jointText, saveJoint } from '../../src/report/joint';
import { madeUpComparison } from '../report/comparison';

const folder = mkdtempSync(join(tmpdir(), 'dsc-joint-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Anna and Bonn are entities of training; of the predictions Anna is found, Bonn and Carl are not. */
const TRAIN = 'Anna B-PER\nis O\n\nBonn B-LOC\nis O\n\n';
const PREDICTED = 'Anna B-PER B-PER\nis O O\n\nBonn B-LOC O\nCarl B-PER O\n\n';

function onDisk(name: string, outside: number, gain: number): Comparison {
  const made = madeUpComparison();
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  const train = join(path, 'train.conll');
  writeFileSync(train, TRAIN);
  const losses = made.losses.map((loss) => ({
    ...loss,
    config: { ...loss.config, data: { ...loss.config.data, train } },
    runs: loss.runs.map((run) => {
      const at = join(path, loss.label, String(run.seed));
      mkdirSync(at, { recursive: true });
      writeFileSync(join(at, 'test.pred.conll'), PREDICTED);
      return { ...run, folder: at };
    }),
  }));
  const data = { ...made.data, train: { ...made.data.train, labels: { O: outside, 'B-PER': 10 } } };
  const decodings = made.decodings.map((decoding) => ({
    ...decoding,
    tests: decoding.tests.map((test) => ({ ...test, difference: gain })),
  }));
  return { ...made, losses, data, decodings };
}

describe('joinComparisons', () => {
  const NAMED = [
    { name: 'mild', comparison: onDisk('mild', 50, -0.02) },
    { name: 'strong', comparison: onDisk('strong', 900, 0.04) },
    { name: 'middle', comparison: onDisk('middle', 300, 0.01) },
    { name: 'weak', comparison: onDisk('weak', 20, -0.03) },
  ];
  const joined = joinComparisons(NAMED);
  /** By one decoding, which is quicker. */
  const BRIEF = NAMED.map(({ name, comparison }) => ({
    name,
    comparison: { ...comparison, decodings: comparison.decodings.slice(0, 1) },
  }));

  it('has the most imbalanced corpus first, with what it is like', async () => {
    const { corpora, labels } = await joined;
    expect(labels).toEqual(['ce', 'dsc']);
    expect(corpora.map(({ name }) => name)).toEqual(['strong', 'middle', 'mild', 'weak']);
    expect(corpora[0].facts).toMatchObject({ outsideRatio: 90, mentions: 120, classes: 2, rarest: 30 });
    expect(corpora[0].facts.unseen).toBeCloseTo(1 / 3, 12); // Carl, of Anna, Bonn, Carl
  });

  it('names the decoding of the config, where there are entities of theirs', async () => {
    const { comparison } = NAMED[0];
    const decodings = ['argmax', 'valid', 'valid+bias'].map((name) => ({ ...comparison.decodings[0], name }));
    const of = async (decode: object, task: Comparison['task'] = 'chunks') => {
      const losses = comparison.losses.map((loss) => ({ ...loss, config: { ...loss.config, decode: { method: 'auto' as const, outsideBias: null, ...decode } } })); // prettier-ignore
      const plain = { ...comparison.data.train.tagging, scheme: 'plain' as const };
      const ofTags = { ...comparison.data, train: { ...comparison.data.train, tagging: plain } };
      const one = { ...comparison, losses, decodings, task, ...(task === 'tags' && { data: ofTags }) };
      const tags = { ...one, task: 'tags' as const, losses: comparison.losses };
      return (
        await joinComparisons([
          { name: 'tags', comparison: tags },
          { name: 'mild', comparison: one },
        ])
      ).decodes;
    };
    expect(await of({})).toBe('valid');
    expect(await of({ method: 'argmax' })).toBe('argmax');
    expect(await of({ outsideBias: 'dev' })).toBe('valid+bias');
    expect(await of({}, 'tags')).toBe('argmax');
  });

  it('counts no mentions where tags are plain, and says what stands for what beside entities', async () => {
    const tags = { ...NAMED[0].comparison, task: 'tags' as const };
    const joint = await joinComparisons([{ name: 'pos', comparison: tags }, NAMED[1]]);
    expect(joint.corpora.map(({ name, task, facts }) => [name, task, facts.mentions])).toEqual([
      ['strong', 'chunks', 120],
      ['pos', 'tags', null],
    ]);
    expect(jointText(joint)).toContain(
      'plain tags: pos; their first average is accuracy over tokens, decoded by argmax',
    );
    expect(jointText(await joined)).not.toContain('plain tags');
  });

  it('says what each loss finds of seen and unseen entities', async () => {
    const [{ behaviour }] = (await joined).corpora;
    expect(behaviour[0]).toMatchObject({ label: 'ce', precision: 1, seenRecall: 0.5, unseenRecall: 0, bestEpoch: 2, reaches: 2 }); // prettier-ignore
    expect(behaviour[0].recall).toBeCloseTo(1 / 3, 12);
  });

  it('ties the gain to the imbalance that it goes with, and is not sure of it by four corpora', async () => {
    const [argmax] = (await joined).decodings;
    const link = argmax.links.find(({ fact }) => fact === 'outsideRatio');
    expect(link).toMatchObject({ label: 'dsc', rho: 1 });
    expect(link?.p).toBeCloseTo(2 / 24, 12); // of 24 orders, this one and its mirror
    expect(argmax.cells.strong.dsc.test?.difference).toBe(0.04);
    expect(argmax.cells.strong.ce.test).toBeNull();
    expect((await joined).decodings.map(({ name, metric }) => [name, metric])).toEqual([['argmax', 'micro-F1'], ['argmax', 'macro-F1'], ['valid', 'micro-F1'], ['valid', 'macro-F1']]); // prettier-ignore
    const { worse, equal, better } = argmax.signedRank.dsc;
    expect(worse + equal + better).toBeCloseTo(1, 12);
  });

  it('is printed, and saved as JSON, Markdown and one page', async () => {
    const joint = await joined;
    const text = jointText(joint);
    expect(text).toContain('micro-F1 with valid sequences: ce, and the difference from it');
    expect(text).not.toContain('is judged');
    const few = { ...joint, corpora: joint.corpora.map((corpus, i) => (i > 1 ? corpus : { ...corpus, seeds: 2 })) };
    expect(jointText(few)).toContain('no difference is judged on strong, middle: 5 seeds are needed');
    expect(text).toMatch(/^strong +test +5 +90 : 1 +120 +120 +33\.33 +2 +30$/m);
    expect(text).toContain('+4.00 (');
    const paths = await saveJoint(folder, joint);
    expect(JSON.parse(readFileSync(paths[0], 'utf8'))).toEqual(JSON.parse(JSON.stringify(joint)));
    const page = readFileSync(paths[2], 'utf8');
    expect([...page.matchAll(/<svg/g)]).toHaveLength(joint.decodings.length);
    const forests = page.match(/<table class="draws"/g);
    expect(forests).toHaveLength(joint.decodings.length * joint.corpora.length);
    expect(readFileSync(paths[1], 'utf8')).toContain('| strong | ');
  });

  it('takes a corpus on which no loss gets anything right for no rank, and for no gain of 0', async () => {
    const [first, second, third] = BRIEF;
    const decodings = second.comparison.decodings.map((one) => ({
      ...one,
      scores: Object.fromEntries(
        Object.entries(one.scores).map(([label, scores]) => [
          label,
          Object.fromEntries(Object.entries(scores).map(([metric, score]) => [metric, { ...score, mean: 0 }])),
        ]),
      ),
      tests: one.tests.map((test) => ({ ...test, difference: 0, verdict: 'nothing' as const })),
    }));
    const silent = { name: 'strong', comparison: { ...second.comparison, decodings } };
    const joint = await joinComparisons([first, silent, third]);
    const [found] = joint.decodings;
    const [without] = (await joinComparisons([first, third])).decodings;
    expect(found.silent).toEqual(['strong']);
    expect([found.ranking, found.signedRank]).toEqual([without.ranking, without.signedRank]);
    expect(jointText(joint)).toMatch(
      /left out of the ranks: strong, where no loss gets anything right\nmean ranks over 2 corpora: /,
    );
  });

  it('asks within corpora of one kind what a gain goes with', async () => {
    const tags = (name: string, n: number) => {
      const { comparison } = BRIEF[n];
      const classes = { NOUN: 9000, VERB: 2000 + n };
      const data = { ...comparison.data, train: { ...comparison.data.train, classes } };
      return { name, comparison: { ...comparison, data, task: 'tags' as const } };
    };
    const both = await joinComparisons([...BRIEF, tags('pos', 0)]);
    expect(both.decodings[0].links).toEqual((await joined).decodings[0].links);
    expect(jointText(both)).toContain('1 corpus of plain tags left out: 4 of a kind are needed');
    const eight = await joinComparisons([...BRIEF, ...[0, 1, 2, 3].map((n) => tags(`pos${n}`, n))]);
    const rarest = eight.decodings[0].links.filter(({ fact }) => fact === 'rarest');
    expect(rarest.map(({ task, corpora }) => [task, corpora])).toEqual([['tags', 4]]); // the others' are all 30
    expect(eight.decodings[0].links.filter(({ task }) => task === 'tags').map(({ fact }) => fact)).toEqual(['rarest']);
  });

  it('leaves out a loss that one corpus lacks, and a corpus without the reference, and says so', async () => {
    const [first, second, third] = BRIEF;
    const lacks = (label: string): Comparison => ({
      ...second.comparison,
      losses: second.comparison.losses.map((loss) => (loss.label === label ? { ...loss, scores: {} } : loss)),
    });
    const alone = await joinComparisons([first, { name: 'strong', comparison: lacks('dsc') }]);
    expect(alone.labels).toEqual(['ce']);
    expect(alone.decodings[0].ranking).toBeNull();
    expect(jointText(alone)).toContain('left out: dsc, of which no run finished on some corpus\n');
    const rest = await joinComparisons([first, { name: 'strong', comparison: lacks('ce') }, third]);
    expect(rest.decodings).toEqual((await joinComparisons([first, third])).decodings);
    expect(jointText(rest)).toContain('left out: strong, where no run of ce finished\n');
    await expect(joinComparisons([{ name: 'strong', comparison: lacks('ce') }])).rejects.toThrow(
      'ce: no run of the reference finished on any corpus',
    );
  });

  it('has the interval over all looks of a comparison that grew', async () => {
    const [first, second] = BRIEF;
    const decodings = second.comparison.decodings.map((one) => ({
      ...one,
      tests: one.tests.map((test) => ({
        ...test,
        overLooks: { state: 'open' as const, seeds: null, level: 0.01, p: 0.2, low: -0.5, high: 0.75 },
      })),
    }));
    const { cells } = (await joinComparisons([first, { name: 'strong', comparison: { ...second.comparison, decodings } }])).decodings[0]; // prettier-ignore
    expect(cells.strong.dsc.test).toMatchObject({ low: -0.5, high: 0.75 });
    expect(Object.keys(cells.strong.dsc.test ?? {})).toEqual(['difference', 'low', 'high', 'verdict']);
  });

  it('tells two losses apart by the sign test, and says of what it is sure', async () => {
    const text = jointText(await joined);
    // dsc has the higher mean on every corpus here; 4 of 4 are no rarer than 1 in 8
    expect(text).toContain('ce and dsc are ahead on 0 and 4 of 4 corpora, p = 0.125 (sign test, exact)\n');
    expect(text).toContain('by ranks, Holm-corrected, no loss is shown to differ from ce\n');
    expect(text).toMatch(
      /how sure it is, in per cent, that over corpora like these the typical difference from ce is worse \/ within 1 point \/ better \(Bayesian signed ranks\): dsc \d+\/\d+\/\d+\n/,
    );
    expect(text).not.toContain('Nemenyi');
  });
});
