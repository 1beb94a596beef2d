import { candidatesOf, MOST_CANDIDATES } from '../../src/compare/candidates';
import type { Entrant } from '../../src/compare/plan';
import { parseConfig } from '../../src/config';
import { LOSSES, lossSpec, parseLossParams } from '../../src/losses';
import { createRng } from '../../src/rng';

const entrant = (label: string): Entrant => {
  const [name, ...settings] = label.split(':');
  const params = Object.fromEntries(settings.map((setting) => setting.split('=')).map(([k, v]) => [k, Number(v)]));
  const model = { head: lossSpec(name).ofSentences ? 'crf' : 'softmax' };
  return { label, config: parseConfig([{ source: 'test', values: { loss: { name, ...params }, model } }]) };
};

describe('candidatesOf', () => {
  it.each(Object.keys(LOSSES))(
    'gives %s as many candidates as any other loss, the given config first, all valid and different',
    (name) => {
      for (const budget of [1, 2, 8, MOST_CANDIDATES]) {
        const candidates = candidatesOf(entrant(name), budget, createRng(1));
        expect(candidates).toHaveLength(budget);
        expect(candidates[0].changes).toEqual({});
        expect(candidates[0].config).toEqual(entrant(name).config);
        expect(new Set(candidates.map(({ config }) => JSON.stringify(config))).size).toBe(budget);
        for (const { config, changes } of candidates) {
          const { name: same, ...params } = config.loss;
          expect(parseLossParams(same, params)).toEqual(params);
          for (const [key, value] of Object.entries(changes)) {
            const [part, leaf] = key.split('.');
            expect((config as unknown as Record<string, Record<string, unknown>>)[part][leaf]).toEqual(value);
          }
        }
      }
    },
  );

  it('tries the values that a parameter declares, and never one that the label fixes', () => {
    const alphas = (label: string) =>
      new Set(candidatesOf(entrant(label), 40, createRng(1)).map(({ config }) => config.loss.alpha));
    expect([...alphas('dsc')].sort()).toEqual([0.001, 0.01, 0.1]);
    expect([...alphas('dsc:alpha=0.5')]).toEqual([0.5]);
  });

  it('tries learning rates alone where a loss has no parameters to try', () => {
    const candidates = candidatesOf(entrant('ce'), 8, createRng(1));
    expect(candidates.slice(1).every(({ changes }) => Object.keys(changes).join() === 'train.learningRate')).toBe(true);
    expect(candidates.map(({ config }) => config.train.learningRate)).toContain(0.01);
  });

  it.each(['learningRate', 'train.learningRate'])('keeps the learning rate that a label fixes by %s', (key) => {
    const of = (label: string) => candidatesOf({ ...entrant(label.split('@')[0]), label }, 8, createRng(1));
    const rates = (label: string) => new Set(of(label).map(({ config }) => config.train.learningRate));
    expect(rates(`dsc@${key}=0.005`)).toEqual(new Set([0.005]));
    expect(new Set(of(`dsc@${key}=0.005`).map(({ config }) => JSON.stringify(config.loss))).size).toBeGreaterThan(1);
    expect(of(`ce@${key}=0.005`).map(({ changes }) => changes)).toEqual([{}]); // there is nothing else to try
    expect(rates('dsc@ema=0.9').size).toBeGreaterThan(1);
  });

  it('repeats for a seed', () => {
    expect(candidatesOf(entrant('tl'), 8, createRng(3))).toEqual(candidatesOf(entrant('tl'), 8, createRng(3)));
  });
});
