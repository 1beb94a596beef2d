import type { Job } from '../../src/compare/job';
import type { JobResult, RunStage } from '../../src/compare/launch';
import { makePlan } from '../../src/compare/plan';
import { earlierSeeds, rungEpochs, smoothedScore, tuneEntrants, tuningSeeds } from '../../src/compare/tune';
import { createRng } from '../../src/rng';
import { UserError } from '../../src/errors';

const plan = makePlan([{ source: 'test', values: { train: { epochs: 24 } } }], {
  out: 'out',
  losses: 'ce,dsc,fl',
  seeds: '3,9',
  reference: 'ce',
  tune: true,
  candidates: 8,
  resamples: 10,
});

/** Runs that score by their config alone, and a note of each. */
function pretend(scoreOf: (job: Job) => number | null): { stage: RunStage; jobs: Job[]; titles: string[] } {
  const seen: Job[] = [];
  const titles: string[] = [];
  const stage: RunStage = (title, jobs) => {
    titles.push(title);
    seen.push(...jobs);
    const results = jobs.map((job): JobResult => {
      const score = scoreOf(job);
      if (score === null) return { job, run: null, outcome: { status: 'failed', message: 'NaN' } };
      return {
        job,
        run: { result: { history: [{ devScore: score }] }, analysis: null } as unknown as JobResult['run'],
        outcome: { status: 'done' },
      };
    });
    return Promise.resolve(results);
  };
  return { stage, jobs: seen, titles };
}

/** Best at a learning rate of 0.01, then at an alpha of 0.1. */
const peak = ({ config }: Job): number =>
  0.5 - Math.abs(config.train.learningRate - 0.01) + (config.loss.alpha === 0.1 ? 0.001 : 0);

describe('tuneEntrants', () => {
  it('halves by dev score, with the same runs, epochs and seeds for every loss', async () => {
    const { stage, jobs, titles } = pretend(peak);
    const tuned = (await tuneEntrants(plan, new Map(), stage)) ?? [];
    expect(titles).toEqual(['tuning 1 of 3', 'tuning 2 of 3', 'tuning 3 of 3']);
    for (const { runs, epochs, rungs, entrant, changes } of tuned) {
      expect([runs, epochs]).toEqual([8 + 4 * 2 + 2 * 3, 8 * 3 + 4 * 6 * 2 + 2 * 12 * 3]);
      expect(rungs.map((rung) => [rung.epochs, rung.candidates.length, rung.seeds])).toEqual([[3, 8, [13]], [6, 4, [13, 14]], [12, 2, [10, 11, 12]]]); // prettier-ignore
      for (const { candidates } of rungs) {
        const scores = candidates.map(({ score }) => score ?? -1);
        expect(scores).toEqual(scores.toSorted((a, b) => b - a));
      }
      expect(changes).toEqual(rungs[2].candidates[0].changes);
      expect(rungs[2].candidates[0].score).toBeCloseTo(rungs[0].candidates[0].score ?? NaN, 12); // the best of all is never lost
      expect(entrant.config.train.epochs).toBe(24); // the final runs are whole ones, and see the test file again
      expect(entrant.config.analysis.gradientShare).toBe(true);
    }
    expect(tuned[0].entrant.config.train.learningRate).toBe(0.01);
    expect(tuned[0].changes).toEqual({ 'train.learningRate': 0.01 });
    expect(new Set(jobs.map(({ config }) => config.out)).size).toBe(3 * 22);
    expect(new Set(jobs.map(({ id }) => id)).size).toBe(3 * 22);
    for (const { config } of jobs) {
      expect(config.data.test).toBeNull();
      expect([...tuningSeeds(plan), ...earlierSeeds(plan)]).toContain(config.seed);
      expect(plan.seeds).not.toContain(config.seed);
    }
  });

  it('takes what was quick or lucky only where it is better than the config as given, over all seeds', async () => {
    const isGiven = ({ config }: Job): boolean => config.train.learningRate === 0.005 && config.loss.alpha !== 0.1;
    const quick = pretend((job) => {
      if (isGiven(job)) return 0.3 + job.config.train.epochs / 100; // last of all in the first rounds
      const short = job.config.train.epochs < 12 ? 0.5 + job.config.train.learningRate : 0.4;
      return job.config.seed > 12 ? short : 0.4;
    });
    const [ce] = (await tuneEntrants(plan, new Map(), quick.stage)) ?? [];
    expect(ce.rungs[0].candidates.at(-1)?.changes).toEqual({});
    expect(ce.rungs[1].candidates.map(({ changes }) => changes)).not.toContainEqual({});
    const [first, second] = ce.rungs[2].candidates;
    expect([first.changes, second.changes]).toEqual([{}, { 'train.learningRate': 0.02 }]);
    expect(first.score).toBeCloseTo(0.42, 12);
    expect(second.score).toBeCloseTo(0.4, 12);
    expect(ce.changes).toEqual({});
  });

  it('drops a finalist that fails with one of the seeds', async () => {
    const fails = pretend((job) =>
      job.config.seed === 12 && job.config.train.learningRate === 0.01 ? null : peak(job),
    );
    const [ce] = (await tuneEntrants(plan, new Map(), fails.stage)) ?? [];
    expect(ce.rungs[2].candidates.map(({ changes, score }) => [changes, score === null])).toEqual([[{}, false], [{ 'train.learningRate': 0.01 }, true]]); // prettier-ignore
    expect(ce.changes).toEqual({});
  });

  it('goes on with the others where a candidate fails, and says so where all do', async () => {
    const lowest = pretend((job) => (job.config.train.learningRate > 0.006 ? null : peak(job)));
    const tuned = await tuneEntrants(plan, new Map(), lowest.stage);
    expect(tuned?.[0].entrant.config.train.learningRate).toBe(0.005);
    expect(tuned?.[0].rungs[0].candidates.some(({ score }) => score === null)).toBe(true);
    const none = pretend((job) => (job.config.loss.name === 'dsc' ? null : 0.1));
    await expect(tuneEntrants(plan, new Map(), none.stage)).rejects.toThrow(UserError);
    await expect(tuneEntrants(plan, new Map(), none.stage)).rejects.toThrow('tuning dsc: none of its 8 candidates');
  });

  it('answers null where the runs are not there yet', async () => {
    expect(await tuneEntrants(plan, new Map(), () => Promise.resolve(null))).toBeNull();
  });

  it('keeps the config as given where there is one candidate', async () => {
    const one = { ...plan, tune: { candidates: 1 } };
    const { stage, jobs } = pretend(peak);
    const tuned = await tuneEntrants(one, new Map(), stage);
    expect(tuned?.map(({ entrant, runs }) => [entrant.config, runs])).toEqual(
      plan.entrants.map(({ config }) => [config, 0]),
    );
    expect(jobs).toEqual([]);
  });
});

describe('smoothedScore', () => {
  it('is the median of the last third, of three epochs at least: no single epoch makes it', () => {
    expect(smoothedScore([0.189, 0.305, 0.17])).toBe(0.189);
    expect(smoothedScore([0.2])).toBe(0.2);
    expect(smoothedScore([0.1, 0.3])).toBeCloseTo(0.2, 12);
    expect(smoothedScore([0.9, 0.9, 0.1, 0.2, 0.3])).toBe(0.2);
    expect(smoothedScore(Array.from({ length: 12 }, (_, i) => i))).toBe(9.5); // 8, 9, 10, 11
  });
});

describe('a choice on dev', () => {
  const alone = makePlan([{ source: 'test', values: {} }], { out: 'out', losses: 'ce,fl', seeds: '1', reference: 'ce', tune: true, candidates: 8, resamples: 10 }); // prettier-ignore
  const one = { ...alone, entrants: alone.entrants.slice(0, 1) };
  /** Changed settings, of so many tunings whose dev scores have a standard deviation of 0.01 and a gain where it is to be. */
  async function changed(times: number, gainOf: (job: Job) => number): Promise<number> {
    const rng = createRng(1);
    let n = 0;
    for (let i = 0; i < times; i++) {
      const { stage } = pretend((job) => 0.5 + gainOf(job) + 0.01 * rng.normal());
      const [tuned] = (await tuneEntrants(one, new Map(), stage)) ?? [];
      if (Object.keys(tuned.changes).length > 0) n++;
    }
    return n / times;
  }

  it('changes nothing in nine of ten tunings where no candidate is better', async () => {
    expect(await changed(400, () => 0)).toBeLessThan(0.13);
  });

  it('takes a candidate that is better by four standard deviations nearly always', async () => {
    expect(await changed(100, ({ config }) => (config.train.learningRate === 0.01 ? 0.04 : 0))).toBeGreaterThan(0.9);
  });
});

describe('rungEpochs', () => {
  it.each([
    [30, 1, 3, 4],
    [30, 2, 3, 8],
    [30, 3, 3, 15],
    [2, 1, 4, 1],
  ])('%d epochs, round %d of %d: %d', (epochs, round, rounds, expected) => {
    expect(rungEpochs(epochs, round, rounds)).toBe(expected);
  });
});
