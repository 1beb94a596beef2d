import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chiSquareTail, fTail, normalShare, normalTwoSided, rangeQuantile } from '../../src/metrics/distributions';
import { bayesianSignedRank, rankSystems, ranksOf, spearman } from '../../src/metrics/ranks';
import { createRng } from '../../src/rng';

/** What scipy says, by ranks.reference.py. */
const reference = JSON.parse(readFileSync(join(__dirname, 'ranks.reference.json'), 'utf8')) as {
  scores: number[][];
  ranks: number[];
  friedman: [chiSquare: number, p: number];
  imanDavenport: [f: number, p: number];
  criticalDifference: number;
  z: number[];
  p: number[];
  pHolm: number[];
  signs: [first: number, second: number, p: number][];
  baycomp: [worse: number, equal: number, better: number];
  signedRank: [worse: number, equal: number, better: number];
  chiSquare: [x: number, df: number, tail: number][];
  f: [x: number, df1: number, df2: number, tail: number][];
  normal: [z: number, p: number][];
  range: [k: number, q: number][];
  spearman: [a: number[], b: number[], rho: number][];
};

describe('distributions', () => {
  it('has the tails of scipy', () => {
    for (const [x, df, tail] of reference.chiSquare) expect(chiSquareTail(x, df) / tail).toBeCloseTo(1, 10);
    for (const [x, df1, df2, tail] of reference.f) expect(fTail(x, df1, df2) / tail).toBeCloseTo(1, 10);
    for (const [z, p] of reference.normal) expect(normalTwoSided(z) / p).toBeCloseTo(1, 10);
    for (const [k, q] of reference.range) expect(rangeQuantile(0.95, k)).toBeCloseTo(q, 10);
    expect(normalShare(-1.3) + normalShare(1.3)).toBeCloseTo(1, 14);
  });
});

describe('rankSystems', () => {
  const { scores } = reference;
  const ranking = rankSystems(scores, 0);

  it('has the ranks, the tests and the critical difference of scipy', () => {
    ranking.ranks.forEach((rank, j) => expect(rank).toBeCloseTo(reference.ranks[j], 12));
    expect(ranking.friedman.chiSquare).toBeCloseTo(reference.friedman[0], 9);
    expect(ranking.friedman.p).toBeCloseTo(reference.friedman[1], 9);
    expect(ranking.imanDavenport.f).toBeCloseTo(reference.imanDavenport[0], 9);
    expect(ranking.imanDavenport.p).toBeCloseTo(reference.imanDavenport[1], 9);
    expect(ranking.criticalDifference).toBeCloseTo(reference.criticalDifference, 9);
    expect(ranking.against[0]).toBeNull();
    reference.z.forEach((z, j) => {
      expect(ranking.against[j + 1]?.z).toBeCloseTo(z, 9);
      expect(ranking.against[j + 1]?.p).toBeCloseTo(reference.p[j], 9);
      expect(ranking.against[j + 1]?.pHolm).toBeCloseTo(reference.pHolm[j], 9);
    });
  });

  it('shows nothing where all systems are equal, and does not fail there', () => {
    const { friedman, ranks } = rankSystems([[1, 1, 1], [0, 0, 0]], 1); // prettier-ignore
    expect(friedman.p).toBe(1);
    expect(ranks).toEqual([2, 2, 2]);
  });

  it('tells two systems apart by the exact sign test of scipy, and joins them in the diagram where that does not', () => {
    for (const [first, second, p] of reference.signs) {
      const rows = [...Array<number[]>(first).fill([2, 1]), ...Array<number[]>(second).fill([1, 2]), [3, 3]];
      const { against, signs, criticalDifference, ranks } = rankSystems(rows, 0);
      expect(signs).toEqual({ ahead: [first, second], p: expect.closeTo(p, 12) as number });
      expect(against[1]?.p).toBeCloseTo(p, 12);
      expect(against[1]?.pHolm).toBeCloseTo(p, 12);
      expect(Math.abs(ranks[0] - ranks[1]) > criticalDifference).toBe(p <= 0.05);
    }
    expect(ranking.signs).toBeNull();
    expect(rankSystems([[1, 1], [0, 0]], 0)).toMatchObject({ signs: { ahead: [0, 0], p: 1 }, ranks: [1.5, 1.5] }); // prettier-ignore
  });

  it('shares ranks among equal values', () => {
    expect(ranksOf([3, 1, 3, 2])).toEqual([1.5, 4, 1.5, 3]);
  });
});

describe('bayesianSignedRank', () => {
  it('is as sure as numpy is by the definition', () => {
    const differences = reference.scores.map((row) => row[3] - row[0]);
    const { worse, equal, better } = bayesianSignedRank(differences, 0.01, createRng(1));
    expect(worse).toBeCloseTo(reference.signedRank[0], 2);
    expect(Math.abs(equal - reference.signedRank[1])).toBeLessThan(0.006);
    expect(Math.abs(better - reference.signedRank[2])).toBeLessThan(0.006);
    expect(worse + equal + better).toBeCloseTo(1, 12);
  });

  it('is as sure as baycomp is', () => {
    const differences = reference.scores.map((row) => row[3] - row[0]);
    const sure = bayesianSignedRank(differences, 0.01, createRng(2));
    [sure.worse, sure.equal, sure.better].forEach((p, i) => expect(Math.abs(p - reference.baycomp[i])).toBeLessThan(0.01)); // prettier-ignore
  });
});

describe('spearman', () => {
  it('has the correlation of scipy', () => {
    for (const [a, b, rho] of reference.spearman) expect(spearman(a, b, createRng(1)).rho).toBeCloseTo(rho, 10);
  });

  it('counts all orders: three of a kind cannot be less likely than 1 in 3', () => {
    expect(spearman([1, 2, 3], [10, 20, 30], createRng(1))).toEqual({ rho: 1, p: 2 / 6 });
    expect(spearman([1, 2, 3, 4, 5], [1, 2, 3, 4, 5], createRng(1)).p).toBeCloseTo(2 / 120, 12);
  });
});

const python = spawnSync('python3', ['-c', 'import scipy, numpy']).status === 0 ? it : it.skip;

python('is what the program beside it writes', () => {
  const path = join(__dirname, 'ranks.reference.json');
  const before = readFileSync(path, 'utf8');
  const { status, stdout } = spawnSync('python3', [join(__dirname, 'ranks.reference.py'), '-'], { encoding: 'utf8' });
  expect(status).toBe(0);
  const again = JSON.parse(stdout) as typeof reference;
  expect(again.friedman[0]).toBeCloseTo(reference.friedman[0], 9);
  expect(again.criticalDifference).toBeCloseTo(reference.criticalDifference, 6);
  expect(readFileSync(path, 'utf8')).toBe(before);
});
