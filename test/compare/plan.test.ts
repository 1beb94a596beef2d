import { folderOf, makePlan, type PlanOptions } from '../../src/compare/plan';
import { UserError } from '../../src/errors';

const OPTIONS: PlanOptions = {
  out: 'runs/compare',
  losses: 'ce,dsc',
  seeds: '3',
  reference: 'ce',
  tune: false,
  candidates: 8,
  resamples: 100,
};
const plan = (changes: Partial<PlanOptions>, values: unknown = {}) =>
  makePlan([{ source: 'test', values }], { ...OPTIONS, ...changes });

describe('makePlan', () => {
  it('gives every loss its own parameters and all else in common', () => {
    const { entrants } = plan(
      { losses: 'ce, dsc ,dsc:alpha=0.1:form=gold:square=false' },
      { loss: { name: 'dsc', alpha: 0.5 }, train: { epochs: 7 } },
    );
    expect(entrants.map(({ label }) => label)).toEqual(['ce', 'dsc', 'dsc:alpha=0.1:form=gold:square=false']);
    expect(entrants.map(({ config }) => config.loss.alpha)).toEqual([undefined, 0.5, 0.1]);
    expect(entrants[2].config.loss).toMatchObject({ name: 'dsc', form: 'gold', square: false });
    expect(new Set(entrants.map(({ config }) => JSON.stringify({ ...config, loss: null }))).size).toBe(1);
    expect(entrants[0].config).toMatchObject({ train: { epochs: 7 }, analysis: { gradientShare: true } });
  });

  it('takes presets for losses', () => {
    const { entrants } = plan({ losses: 'ce,paper-ner,paper-text:alpha=0.5' });
    expect(entrants.map(({ label }) => label)).toEqual(['ce', 'paper-ner', 'paper-text:alpha=0.5']);
    expect(entrants[1].config.loss).toMatchObject({ name: 'dsc', form: 'pooled', square: true });
    expect(entrants[2].config.loss).toMatchObject({ name: 'dsc', form: 'gold', alpha: 0.5, square: false });
  });

  it('counts seeds from the one of the config, or takes a list', () => {
    expect(plan({ seeds: '3' }, { seed: 7 }).seeds).toEqual([7, 8, 9]);
    expect(plan({ seeds: '3, 11' }, { seed: 7 }).seeds).toEqual([3, 11]);
    expect(plan({ seeds: '4,' }).seeds).toEqual([4]);
  });

  it.each<[Partial<PlanOptions>, string]>([
    [{ losses: 'ce,dcs' }, "--losses: no loss 'dcs'; did you mean 'dsc'?"],
    [{ losses: 'ce,dsc:alpha' }, "--losses dsc:alpha: expected key=value, found 'alpha'"],
    [{ losses: 'ce,dsc:alpa=1' }, "loss.alpa: loss dsc has no such parameter; did you mean 'alpha'?"],
    [{ losses: 'ce,dsc:alpha=99' }, 'loss.alpha: 99 is not valid'],
    [{ losses: 'ce,ce' }, '--losses: ce is named twice'],
    [{ losses: 'ce' }, '--losses: a comparison needs two losses or more, found 1'],
    [{ losses: '' }, '--losses: a comparison needs two losses or more, found 0'],
    [{ reference: 'fl' }, "--reference: 'fl' is not compared"],
    [{ seeds: '0' }, '--seeds 0: expected'],
    [{ seeds: '-1' }, '--seeds -1: expected'],
    [{ seeds: '1.5' }, '--seeds 1.5: expected'],
    [{ seeds: '2,2' }, '--seeds 2,2: expected'],
    [{ seeds: 'five' }, '--seeds five: expected'],
    [{ seeds: '' }, '--seeds : expected'],
  ])('refuses %j', (changes, message) => {
    expect(() => plan(changes)).toThrow(UserError);
    expect(() => plan(changes)).toThrow(message);
  });
});

describe('folderOf', () => {
  it.each([
    ['ce+dsc', 'ce+dsc'],
    ['dsc:alpha=0.1:form=one-vs-rest', 'dsc,alpha=0.1,form=one-vs-rest'],
    ['a/../b c', 'a_.._b_c'],
  ])('%s: %s', (label, folder) => {
    expect(folderOf(label)).toBe(folder);
  });
});
