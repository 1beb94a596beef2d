import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** What an expression over the module gives, in a process of its own: it is a module that only Node itself imports. */
function evaluated(expression: string): unknown {
  const module = pathToFileURL(join(__dirname, 'rounds.mjs')).href;
  const script = `const r = await import(${JSON.stringify(module)}); console.log(JSON.stringify(await (${expression})))`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

describe('rounds', () => {
  it('take turns, each round starting with another', () => {
    const order = evaluated(`(async () => {
      const said = [];
      const work = (name) => () => { said.push(name); return { ms: said.length }; };
      const times = await r.inRounds({ a: work('a'), b: work('b'), c: work('c') }, 3);
      return [said.join(''), times];
    })()`);
    expect(order).toEqual(['abcbcacab', { a: [1, 6, 8], b: [2, 4, 9], c: [3, 5, 7] }]);
  });

  it('have a ratio by round, with the interval of the sign test', () => {
    // of 9 values the 2nd and the 8th hold the median with 1 - 2 (1 + 9) / 512 = 96.1 %, of 6 the 1st and the 6th with 96.9 %
    const found = evaluated(`[
      r.ratioOf([2, 4, 6, 8, 10, 12, 14, 16, 18], Array(9).fill(2)),
      r.ratioOf([1, 2, 3, 4, 5, 6], Array(6).fill(1)),
      r.ratioOf([1, 2, 3, 4, 5], Array(5).fill(1)),
    ]`);
    expect(found).toEqual([
      { median: 5, interval: [2, 8] },
      { median: 3.5, interval: [1, 6] },
      { median: 3, interval: null },
    ]);
  });

  it('tell no ratio that may be 1', () => {
    const found = evaluated(`[
      r.ratioText({ median: 1.2, interval: [0.97, 1.31] }, 'ours'),
      r.ratioText({ median: 1.2, interval: [1.11, 1.31] }, 'ours'),
      r.ratioText({ median: 1.2, interval: null }, 'ours'),
    ]`);
    expect(found).toEqual([
      'no difference shown (0.97 to 1.31 times ours)',
      '1.20 times ours (1.11 to 1.31)',
      'too few rounds for a ratio',
    ]);
  });

  it('have a least, a median, and a spread as a share of it', () => {
    expect(evaluated('r.spreadOf([4, 1, 3, 2, 5])')).toEqual({ least: 1, median: 3, spread: 2 / 3 });
  });
});
