import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { train } from '../../src/library/train';
import type { RunResult } from '../../src/run/result';
import { setupText } from '../../src/report/setup';
import { conll, corpus } from '../explain/corpus';

const home = mkdtempSync(join(tmpdir(), 'dsc-sampling-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const at = (name: string): string => join(home, name);

/** The result and the weights of a run; `stopAt` ends it after that many steps, to be resumed. */
async function run(
  name: string,
  sampling: 'uniform' | 'rare',
  stopAt = Infinity,
): Promise<{ steps: number; said: string }> {
  writeFileSync(at('train.conll'), conll(corpus(1, 60)));
  writeFileSync(at('dev.conll'), conll(corpus(2, 20)));
  const stop = new AbortController();
  let [steps, said] = [0, ''];
  const config = {
    data: { train: at('train.conll'), dev: at('dev.conll') },
    model: { wordDim: 8, hidden: 4, affixDim: 0 },
    loss: { name: 'ce' },
    train: { epochs: 3, batchTokens: 60, sampling },
    engine: { threads: 1 },
    out: at(name),
  };
  const on: NonNullable<Parameters<typeof train>[1]>['on'] = (event) => {
    if (event.kind === 'begin') said = setupText(event.setup);
    if (event.kind === 'step' && ++steps >= stopAt) stop.abort();
  };
  await train(config, { signal: stop.signal, on });
  const count: typeof on = ({ kind }) => {
    if (kind === 'step') steps++;
  };
  if (stopAt < Infinity) await train({ out: at(name) }, { resume: at(name), on: count });
  return { steps, said };
}

/** What must be the same whatever stopped a run. */
function untimed(name: string): unknown {
  const { history, best, dev, warnings } = JSON.parse(readFileSync(join(at(name), 'result.json'), 'utf8')) as RunResult;
  return { history, best, dev, warnings };
}

describe('train.sampling=rare', () => {
  it('is stated, is another training, and goes on after a stop as if there had been none', async () => {
    const whole = await run('whole', 'rare');
    const { steps } = await run('broken', 'rare', 14);
    expect(steps).toBe(whole.steps);
    expect(untimed('broken')).toEqual(untimed('whole'));
    expect(readFileSync(join(at('broken'), 'best.ckpt')).equals(readFileSync(join(at('whole'), 'best.ckpt')))).toBe(
      true,
    );
    expect(readFileSync(join(at('broken'), 'log.jsonl'), 'utf8')).toBe(
      readFileSync(join(at('whole'), 'log.jsonl'), 'utf8'),
    );
    expect(whole.said).toMatch(
      /\nsampling rare: as many sentences an epoch, drawn by the inverse root frequency of their rarest class; an epoch has a sentence of (ORG|LOC) 1\.\d\d times, .*PER 1\.\d\d times\n/,
    );
    const other = await run('uniform', 'uniform');
    expect(untimed('uniform')).not.toEqual(untimed('whole'));
    expect(other.said).not.toMatch(/^sampling/m);
  });
});
