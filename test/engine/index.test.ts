import { availableParallelism } from 'node:os';
import * as tf from '@tensorflow/tfjs-core';
import { ENGINES, openEngine } from '../../src/engine';
import { UserError } from '../../src/errors';
import { eachEngine, refusals, testRefusals } from './each';

describe('openEngine', () => {
  it('names the engines there are when asked for one there is not', async () => {
    const error: unknown = await openEngine('gpu').catch((e: unknown) => e);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toContain("'gpu'");
    for (const name of Object.keys(ENGINES)) expect((error as UserError).note).toContain(name);
    await expect(openEngine('toString')).rejects.toThrow(UserError);
  });

  it('takes, by auto, the first engine of the table that opens, and says why', async () => {
    const engine = await openEngine('auto');
    expect(Object.keys(ENGINES)).toContain(engine.name);
    expect(engine.why).toMatch(/^first that opens/);
    for (const passed of Object.keys(ENGINES).slice(0, Object.keys(ENGINES).indexOf(engine.name)))
      expect(engine.why).toContain(`${passed}: `);
    engine.dispose();
  });

  it('says when the engine uses fewer threads than asked for, and when there are more than cores', async () => {
    const cores = availableParallelism();
    const js = await openEngine('js', { threads: 4 });
    expect(js.warnings).toEqual([
      { code: 'fewer-threads', message: 'engine js uses 1 thread, not the 4 asked for', advice: '' },
    ]);
    js.dispose();
    const one = await openEngine('js');
    expect(one.warnings).toEqual([]);
    one.dispose();
    if ('native' in refusals) return;
    const most = await openEngine('native', { threads: 300 });
    expect(most).toMatchObject({ threads: 255 });
    expect(most.warnings[0].message).toBe('engine native uses 255 threads, not the 300 asked for');
    expect(most.warnings[1].message).toMatch(RegExp(`^255 threads on ${cores} cores? wait for each other$`));
    expect(most.warnings[1].advice).toContain(`--threads ${cores} `);
    most.dispose();
    const fitting = await openEngine('auto', { threads: cores });
    expect(fitting.warnings).toEqual([]);
    fitting.dispose();
  });

  testRefusals();
});

eachEngine('an engine', (test, name) => {
  test('is the current backend, describes itself, computes and prints nothing', () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation();
    const log = jest.spyOn(console, 'log').mockImplementation();
    expect(tf.sum(tf.square(tf.tensor1d([1, 2, 3]))).dataSync()[0]).toBe(14);
    expect(warn).not.toHaveBeenCalled();
    expect(log).not.toHaveBeenCalled();
    jest.restoreAllMocks();
  });

  test('opens again after it was disposed of', async () => {
    const engine = await openEngine(name);
    engine.dispose();
    const again = await openEngine(name, { threads: 1 });
    expect(again).toMatchObject({ name, backend: tf.getBackend(), why: 'asked for by name' });
    expect(again.threads).toBeGreaterThan(0);
    expect(again.device).not.toBe('');
    expect(Object.values(again.versions).every((version) => /^\d+\.\d+/.test(version))).toBe(true);
    expect(tf.square(tf.scalar(2)).dataSync()[0]).toBe(4);
  });
});
