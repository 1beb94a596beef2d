import { identity } from '../../src/compare/job';
import { folderOf, makePlan, partsOf, type PlanOptions } from '../../src/compare/plan';
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

  it('keeps no state of a training that is over, unless the config says so; a run is the same with and without', () => {
    const [{ config }] = plan({}).entrants;
    const [{ config: kept }] = plan({}, { train: { keep: ['best', 'last'], saveSeconds: 5 } }).entrants;
    expect([config.train.keep, kept.train.keep]).toEqual([['best'], ['best', 'last']]);
    expect(identity(config)).toEqual(identity(kept));
    expect(identity(config)).not.toEqual(identity(plan({}, { train: { epochs: 7 } }).entrants[0].config));
  });

  it('takes other settings of the run for those of a competitor', () => {
    const losses = 'ce,ce@sampling=rare,dsc:alpha=0.1@ema=0.995@model.dropout=0.3,./my.mjs:a=1@epochs=3';
    const { entrants } = plan({ losses: losses.split(',').slice(0, 3) });
    expect(entrants.map(({ config: { train, model, loss } }) => [loss.name, train.sampling, train.ema, model.dropout])).toEqual([
      ['ce', 'uniform', 0, 0.4],
      ['ce', 'rare', 0, 0.4],
      ['dsc', 'uniform', 0.995, 0.3],
    ]); // prettier-ignore
    expect(entrants[2].config.loss.alpha).toBe(0.1);
    expect(losses.split(',').map(partsOf)).toEqual([
      { name: 'ce', settings: [], others: [] },
      { name: 'ce', settings: [], others: ['sampling=rare'] },
      { name: 'dsc', settings: ['alpha=0.1'], others: ['ema=0.995', 'model.dropout=0.3'] },
      { name: './my.mjs', settings: ['a=1'], others: ['epochs=3'] },
    ]);
    expect(folderOf('dsc:alpha=0.1@ema=0.995')).toBe('dsc,alpha=0.1+ema=0.995');
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
    [{ losses: 'ce,ce@sampling' }, "--losses ce@sampling: expected key=value, found 'sampling'"],
    [{ losses: 'ce,ce@' }, "--losses ce@: expected key=value, found ''"],
    [{ losses: 'ce,ce@sampling=rar' }, 'train.sampling'],
    [{ losses: 'ce,ce@samplin=rare' }, "train.samplin: unknown key; did you mean 'sampling'?"],
    [{ losses: 'ce,ce@data.train=x' }, '--losses ce@data.train=x: data.train cannot be another for one competitor'],
    [{ losses: 'ce,ce@engine.name=js' }, 'engine.name cannot be another'],
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
