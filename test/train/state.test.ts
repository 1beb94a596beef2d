import fc from 'fast-check';
import { afterBatch, afterEpoch, type Keep, keptAs, type RunState, startState, whyStop } from '../../src/train/state';

const options = { schedule: 'plateau', learningRate: 1, patience: 4, decayFactor: 0.5, decayPatience: 2 } as const;

/** The states after each of these dev scores. */
function after(scores: readonly number[]): RunState[] {
  const states: RunState[] = [];
  let state = startState(options);
  for (const score of scores) states.push((state = afterEpoch(state, { score, onlyOutside: false }, options)));
  return states;
}

describe('afterEpoch', () => {
  it('decays after every second epoch without a better score', () => {
    const states = after([0.5, 0.4, 0.5, 0.3, 0.2]);
    expect(states.map(({ best }) => best.epoch)).toEqual([1, 1, 1, 1, 1]);
    expect(states.map(({ plateau }) => plateau.learningRate)).toEqual([1, 1, 0.5, 0.5, 0.25]);
    expect(states.map(({ plateau }) => plateau.since)).toEqual([0, 1, 2, 3, 4]);
  });

  it('starts counting again at a better score and keeps the decayed rate', () => {
    const states = after([0, 0, 0, 0.1, 0.1]);
    expect(states.map(({ plateau }) => plateau.learningRate)).toEqual([1, 1, 0.5, 0.5, 0.5]);
    expect(states.map(({ best }) => best)).toEqual(
      [1, 1, 1, 4, 4].map((epoch) => ({ epoch, score: epoch === 1 ? 0 : 0.1 })),
    );
  });

  it('leaves the rate as it is where the schedule does not follow dev', () => {
    let state = startState(options);
    for (const score of [0.5, 0, 0, 0, 0])
      state = afterEpoch(state, { score, onlyOutside: false }, { ...options, schedule: 'linear' });
    expect(state.plateau).toEqual({ learningRate: 1, since: 4 });
  });

  it('counts epochs of the outside label alone in a row', () => {
    let state = startState(options);
    const counts = [true, true, false, true].map((onlyOutside) => {
      state = afterEpoch(state, { score: 0, onlyOutside }, options);
      return state.outsideEpochs;
    });
    expect(counts).toEqual([1, 2, 0, 1]);
  });

  it('begins an epoch with nothing summed up, and numbers updates on', () => {
    const middle = afterBatch(afterBatch(startState(options), { loss: 2, tokens: 3 }), { loss: 1, tokens: 1 });
    expect(middle).toMatchObject({ epoch: 1, batch: 2, update: 2, sums: { tokens: 4, loss: 7 } });
    expect(afterEpoch(middle, { score: 1, onlyOutside: false }, options)).toMatchObject({
      epoch: 2,
      batch: 0,
      update: 2,
      sums: { tokens: 0, loss: 0 },
    });
  });

  it('is a plain value: through JSON and back nothing is lost', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true })), (scores) => {
        for (const state of after(scores)) {
          const again = JSON.parse(JSON.stringify(state)) as RunState;
          expect(afterEpoch(again, { score: 0.5, onlyOutside: true }, options)).toEqual(
            afterEpoch(state, { score: 0.5, onlyOutside: true }, options),
          );
        }
      }),
    );
  });
});

describe('whyStop', () => {
  const at = (epoch: number, since: number, batch = 0): RunState => ({
    ...startState(options),
    epoch,
    batch,
    plateau: { learningRate: 1, since },
  });
  it.each([
    [at(1, 0), { epochs: 3, patience: 2 }, null],
    [at(3, 1), { epochs: 3, patience: 2 }, null],
    [at(4, 1), { epochs: 3, patience: 2 }, 'epochs'],
    [at(4, 1), { epochs: 4, patience: 2 }, null], // a finished run goes on where it may have more epochs
    [at(3, 2), { epochs: 3, patience: 2 }, 'patience'],
    [at(3, 2), { epochs: 3, patience: 3 }, null], // or more patience
    [at(4, 2), { epochs: 3, patience: 2 }, 'patience'],
    [at(4, 0, 1), { epochs: 3, patience: 2 }, null], // an epoch that was begun is ended
  ])('%j within %j: %j', (state, limits, reason) => {
    expect(whyStop(state, limits)).toBe(reason);
  });
});

describe('keptAs', () => {
  it.each<[Keep[], number, boolean, string[]]>([
    [['best', 'last'], 1, true, ['best', 'last']],
    [['best', 'last'], 2, false, ['last']],
    [['best'], 2, false, []],
    [['last'], 2, true, ['last']],
    [['every 2'], 3, true, []],
    [['every 2'], 4, false, ['epoch-4']],
    [['best', 'every 3', 'last'], 6, true, ['best', 'epoch-6', 'last']],
    [['every 2', 'every 3'], 6, false, ['epoch-6']],
    [[], 1, true, []],
  ])('%j, epoch %d, best %j: %j', (keep, epoch, isBest, names) => {
    expect(keptAs(keep, epoch, isBest)).toEqual(names);
  });
});
