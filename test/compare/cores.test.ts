import { atOnce, shareCores } from '../../src/compare/cores';
import type { Job } from '../../src/compare/job';
import { parseConfig } from '../../src/config';
import { availableParallelism } from 'node:os';

describe('shareCores', () => {
  it.each([
    ['a core a run', 25, 8, 8, { size: 8, threads: 1 }],
    ['fewer runs share the cores', 3, 8, 8, { size: 3, threads: 2 }],
    ['one run has them all', 1, 8, 8, { size: 1, threads: 8 }],
    ['fewer at a time', 25, 2, 8, { size: 2, threads: 4 }],
    ['more than cores', 25, 16, 8, { size: 16, threads: 1 }],
    ['nothing to do', 0, 8, 8, { size: 1, threads: 8 }],
  ])('%s', (_, runs, most, cores, expected) => {
    expect(shareCores(runs, most, cores)).toEqual(expected);
  });
});

describe('atOnce', () => {
  const on = (name: string): Job[] => [
    {
      id: 'ce/1',
      config: { ...parseConfig([{ source: 'test', values: { engine: { name } } }]), out: 'x' },
      analyse: true,
    },
  ];

  it('is one on a GPU, else one a core', async () => {
    expect(await atOnce(on('cuda'))).toBe(1);
    expect(await atOnce(on('native'))).toBe(availableParallelism());
    expect([1, availableParallelism()]).toContain(await atOnce(on('auto')));
  });
});
