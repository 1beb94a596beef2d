import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Comparison } from '../../src/compare/comparison';
import { compareArguments, dsc, writeCorpora } from './binary';

const folder = mkdtempSync(join(tmpdir(), 'dsc-until-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const read = (...path: string[]): unknown => JSON.parse(readFileSync(join(...path), 'utf8'));

describe('dsc-train compare --until-decided', () => {
  it('adds seeds until verdicts are safe, no more than are allowed, and goes by what it spent before', () => {
    const until = join(folder, 'until');
    const flags = [...compareArguments(writeCorpora(folder), until).filter((one) => !one.startsWith('--seeds')), '--until-decided', '--epochs=12', '--set=train.learningRate=0.02', '--effect=0.01', '--jobs=2']; // prettier-ignore
    // nothing of five seeds fits into this, and five are made all the same
    const brief = dsc([...flags, '--budget=0.001', `--out=${until}`]);
    expect(brief.code).toBe(0);
    const stopped = read(until, 'compare.json') as Comparison;
    expect(stopped.seeds).toEqual([1, 2, 3, 4, 5]);
    expect(stopped.until).toMatchObject({ looks: [5], most: 5, step: 1, budget: 0.001 });
    const { decisions = [] } = stopped.until ?? {};
    expect(decisions.map(({ metric }) => metric)).toEqual(stopped.metrics.filter(({ support }) => support !== 0).map(({ name }) => name)); // prettier-ignore
    expect(decisions.slice(0, 2).some(({ state }) => state === 'open')).toBe(true);
    expect(stopped.verdicts.at(-1)).toContain(
      'stopped at 5: no more fit into the budget of 0.001 minutes; of 2 questions',
    );
    // the limits of what is under way stay
    const more = dsc([...flags, '--most-seeds=6']);
    expect([more.code, more.stderr]).toEqual([1, expect.stringContaining('budget')]);
    const again = dsc([...flags, '--most-seeds=6', '--overwrite']);
    expect(again.code).toBe(0);
    const ended = read(until, 'compare.json') as Comparison;
    expect(ended.seeds).toHaveLength(ended.until?.looks.at(-1) ?? 0);
    expect(ended.until).toMatchObject({ most: 6, budget: null });
    expect(ended.verdicts.at(-1)).toMatch(/^looked (once|2 times) while seeds were added, and stopped at [56]: (no more were allowed than 6|every question is settled)/); // prettier-ignore
    expect(dsc(['compare', '--collect', until]).stdout).toBe(again.stdout);
    expect(dsc([...flags.filter((flag) => flag !== '--until-decided'), '--budget=1']).stderr).toContain('--budget: it is for --until-decided'); // prettier-ignore
  });
});
