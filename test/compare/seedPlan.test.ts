import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { claimOf } from '../../src/compare/seedPlan';

it('says of a claimed power what the bench measured of such claims', () => {
  const measured = readFileSync(join(__dirname, '../bench/README.md'), 'utf8');
  const bands = [...measured.matchAll(/^\| (?:(under) |)(\d+)(?: to (\d+)| and more|) +\| ([\d., ]+?) +\| ([\d., ]+?) +\| ([\d., ]+?) +\|$/gm)]; // prettier-ignore
  const rows = bands.map(([, under, first, second, ...cells]) => {
    const [low, high] = under ? [0, Number(first)] : [Number(first), Number(second || 100)];
    return { low, high, off: cells.map((cell) => cell.split(', ').map(Number)).map(([claimed, met]) => (claimed - met) / 100) }; // prettier-ignore
  });
  expect(rows.map(({ low }) => low)).toEqual([0, 20, 40, 60, 80]);
  for (const { low, high, off } of rows) {
    const { usual, half, twice, ...band } = claimOf(low / 100);
    expect(band).toEqual({ low: low / 100, high: high / 100 });
    [usual, half, twice].forEach((told, k) => expect(Math.abs(told - off[k])).toBeLessThan(0.0051));
  }
  expect(claimOf(0.79)).toMatchObject({ low: 0.6 });
  expect(claimOf(1)).toMatchObject({ low: 0.8 });
});
