import type { TrainEvent } from '../../src/train/events';
import fc from 'fast-check';
import { train, type LoopOptions, type LoopParts, type Told } from '../../src/train/loop';
import { type RunState, startState } from '../../src/train/state';

interface Trace {
  calls: string[];
  events: TrainEvent[];
}

const options = (over: Partial<LoopOptions> = {}): LoopOptions => ({
  epochs: 4,
  learningRate: 1,
  schedule: 'plateau',
  warmupSteps: 0,
  patience: 9,
  decayFactor: 0.5,
  decayPatience: 9,
  stuckEpochs: 2,
  settings: { loss: 'dsc', fades: true, warmupEpochs: 0 },
  signal: new AbortController().signal,
  ...over,
});

/** A loop over two batches (losses 1 and 4, tokens 3 and 1) whose dev scores are given. */
async function trace(scores: readonly number[], over: Partial<LoopOptions> = {}, onlyOutside = false): Promise<Trace> {
  const calls: string[] = [];
  const left = [...scores];
  const parts: LoopParts<{ loss: number; tokens: number }> = {
    batches: () => [
      { loss: 1, tokens: 3 },
      { loss: 4, tokens: 1 },
    ],
    step: ({ loss, tokens }, epoch, learningRate) => {
      calls.push(`step ${epoch} ${learningRate}`);
      return { loss, tokens, gradNorm: 0 };
    },
    evaluate: () => ({ score: left.shift() ?? NaN, onlyOutside }),
    keep: () => calls.push('keep'),
    restore: () => calls.push('restore'),
  };
  const events: TrainEvent[] = [];
  for await (const { event } of train(parts, options(over), startState(options(over)))) events.push(event);
  return { calls, events };
}

const epochs = (events: TrainEvent[]) => events.filter((event) => event.kind === 'epoch');

describe('train', () => {
  it('keeps the weights of every better epoch and restores the best at the end', async () => {
    const { calls, events } = await trace([0.1, 0.3, 0.2, 0.3]);
    expect(calls.filter((call) => !call.startsWith('step'))).toEqual(['keep', 'keep', 'restore']);
    expect(epochs(events).map((event) => event.isBest)).toEqual([true, true, false, false]);
    expect(events.at(-1)).toEqual({ kind: 'end', reason: 'epochs', bestEpoch: 2, bestScore: 0.3 });
  });

  it('averages the training loss over tokens, not over batches', async () => {
    const { events } = await trace([0], { epochs: 1 });
    expect(epochs(events)[0].trainLoss).toBe((1 * 3 + 4 * 1) / 4);
  });

  it('stops when the patience is used up, having decayed the learning rate on the way', async () => {
    const { calls, events } = await trace([0.5, 0.4, 0.4, 0.4], { patience: 2, decayPatience: 1 });
    expect(calls.filter((call) => call.startsWith('step'))).toEqual([
      'step 1 1',
      'step 1 1',
      'step 2 1',
      'step 2 1',
      'step 3 0.5',
      'step 3 0.5',
    ]);
    expect(events.at(-1)).toMatchObject({ kind: 'end', reason: 'patience', bestEpoch: 1 });
  });

  it('tells the rate of every update that the schedule and the warm-up give', async () => {
    const { calls, events } = await trace([0.5, 0.4], { epochs: 2, schedule: 'linear', warmupSteps: 2 });
    const rates = [0.5, 0.755, 0.51, 0.265]; // 1 - 0.98 k/4, half of it at first
    const told = events.flatMap((event) => (event.kind === 'step' ? [event.learningRate] : []));
    told.forEach((rate, i) => expect(rate).toBeCloseTo(rates[i], 12));
    expect(calls.filter((call) => call.startsWith('step'))).toEqual(told.map((r, i) => `step ${i < 2 ? 1 : 2} ${r}`));
    expect(epochs(events).map(({ learningRate }) => learningRate)).toEqual([told[1], told[3]]);
  });

  it('finishes the batch in hand when the signal is raised, and restores the best weights', async () => {
    const controller = new AbortController();
    const seen: TrainEvent[] = [];
    let steps = 0;
    const parts: LoopParts<number> = {
      batches: () => [1, 2, 3],
      step: () => {
        steps++;
        if (steps === 5) controller.abort();
        return { loss: 1, tokens: 1, gradNorm: 1 };
      },
      evaluate: () => ({ score: 0.7, onlyOutside: false }),
      keep: () => undefined,
      restore: () => undefined,
    };
    const told = train(parts, options({ signal: controller.signal }), startState(options()));
    for await (const { event } of told) seen.push(event);
    expect(steps).toBe(5);
    expect(seen.at(-1)).toEqual({ kind: 'end', reason: 'interrupted', bestEpoch: 1, bestScore: 0.7 });
  });

  it('lets a signal handler run between two batches', async () => {
    const controller = new AbortController();
    let steps = 0;
    const parts: LoopParts<number> = {
      batches: () => [1, 2, 3],
      step: () => {
        if (++steps === 1) setImmediate(() => controller.abort());
        return { loss: 1, tokens: 1, gradNorm: 1 };
      },
      evaluate: () => ({ score: 0, onlyOutside: false }),
      keep: () => undefined,
      restore: () => undefined,
    };
    const told = train(parts, options({ signal: controller.signal }), startState(options()));
    for await (const { event } of told) expect(event.kind).not.toBe('epoch');
    expect(steps).toBeLessThan(3);
  });

  it('has nothing to restore where no epoch was finished', async () => {
    const calls: string[] = [];
    const controller = new AbortController();
    const parts: LoopParts<number> = {
      batches: () => [1, 2, 3],
      step: () => {
        controller.abort();
        return { loss: 1, tokens: 1, gradNorm: 1 };
      },
      evaluate: () => ({ score: 0, onlyOutside: false }),
      keep: () => calls.push('keep'),
      restore: () => calls.push('restore'),
    };
    const told = train(parts, options({ signal: controller.signal }), startState(options()));
    const last: Told[] = [];
    for await (const one of told) last.push(one);
    expect(last.at(-1)?.event).toEqual({ kind: 'end', reason: 'interrupted', bestEpoch: 0, bestScore: 0 });
    expect(calls).toEqual([]);
  });

  it.each(['plateau', 'cosine'] as const)('goes on from any state as if it had never stopped: %s', async (schedule) => {
    const scores = [0.1, 0.4, 0.2, 0.3, 0.5, 0.5, 0.1];
    /** What is told after each step, without times, and the state beside it; a system whose loss and dev score depend on the epoch alone. */
    async function collect(from: RunState, over: Partial<LoopOptions>): Promise<{ told: Told[]; steps: string[] }> {
      const steps: string[] = [];
      let evaluated = from.epoch - 1;
      const parts: LoopParts<number> = {
        batches: (epoch) => [1, 2, 3].map((n) => 10 * epoch + n),
        step: (batch, epoch, rate) => {
          steps.push(`${epoch} ${batch} ${rate}`);
          return { loss: Math.sin(batch), tokens: batch, gradNorm: 1 };
        },
        evaluate: () => ({ score: scores[evaluated++], onlyOutside: true }),
        keep: () => undefined,
        restore: () => undefined,
      };
      const told: Told[] = [];
      for await (const { event, state } of train(parts, options(over), from)) {
        told.push({ event: { ...event, seconds: 0, tokensPerSecond: 0 } as TrainEvent, state });
      }
      return { told, steps };
    }
    const over = { epochs: 6, decayPatience: 1, stuckEpochs: 3, schedule, warmupSteps: 4 };
    const whole = await collect(startState(options(over)), over);
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.told.length - 2), async (at) => {
        const from = JSON.parse(JSON.stringify(whole.told[at].state)) as RunState;
        const { told, steps } = await collect(from, over);
        // a warning is told with the state before it, and so again
        const rest = whole.told.slice(whole.told[at].event.kind === 'warning' ? at : at + 1);
        expect(told).toEqual(rest);
        expect(steps).toEqual(whole.steps.slice(whole.steps.length - steps.length));
      }),
    );
    if (schedule !== 'plateau') return;
    const longer = await collect(startState(options()), { ...over, epochs: 7 });
    const onwards = await collect(whole.told[whole.told.length - 1].state, { ...over, epochs: 7 });
    expect(onwards.told).toEqual(longer.told.slice(longer.told.length - onwards.told.length));
  });

  it('warns once when only O is predicted for the given number of epochs, and says what to try', async () => {
    const { events } = await trace([0, 0, 0, 0], {}, true);
    const warnings = events.filter((event) => event.kind === 'warning');
    expect(warnings).toHaveLength(1);
    expect(warnings[0].message).toContain('only O');
    expect(warnings[0].advice).toContain('warmupEpochs');
    expect((await trace([0, 0, 0, 0], {}, false)).events.filter((event) => event.kind === 'warning')).toHaveLength(0);
  });
});
