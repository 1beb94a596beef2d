import { present } from '../errors';
import type { TrainEvent } from './events';
import { rateAt, type RateOptions } from './schedule';
import { afterBatch, afterEpoch, type PlateauOptions, type RunState, type StopOptions, whyStop } from './state';
import { type Settings, warning } from '../warnings';

/** What one step trained on. */
export interface StepResult {
  readonly loss: number;
  readonly gradNorm: number;
  readonly tokens: number;
}

/** What one look at the development data found. */
export interface DevResult {
  /** The metric that chooses the best epoch; higher is better. */
  readonly score: number;
  /** Every predicted label was the outside label. */
  readonly onlyOutside: boolean;
  /** F1 of every class that is in gold. */
  readonly classes?: Readonly<Record<string, number>>;
}

/** The loop knows nothing of tensors: its parts are handed in. */
export interface LoopParts<B> {
  /** The batches of an epoch, 1-based, in training order. */
  batches(epoch: number): readonly B[];
  step(batch: B, epoch: number, learningRate: number): StepResult;
  evaluate(): DevResult;
  /** Keeps the weights as they are now. */
  keep(): void;
  /** Puts the kept weights back. */
  restore(): void;
}

export interface LoopOptions extends PlateauOptions, RateOptions, StopOptions {
  /** Epochs of predicting only `O` before the warning. */
  readonly stuckEpochs: number;
  /** For the advice of warnings. */
  readonly settings: Settings;
  /** Raised to stop after the batch in hand. */
  readonly signal: AbortSignal;
}

/** What happened, and where the training stands after it. */
export interface Told {
  readonly event: TrainEvent;
  readonly state: RunState;
}

/**
 * Trains epoch by epoch from a state on, yields what happens, and leaves the weights of the best epoch in place. It prints
 * nothing and writes nothing: whoever iterates does, and may save the state beside the weights whenever it is told one. Between
 * two batches the event loop gets its turn, so that signals arrive.
 */
export async function* train<B>(parts: LoopParts<B>, options: LoopOptions, from: RunState): AsyncGenerator<Told, void> {
  let state = from;
  const interrupted = (): boolean => options.signal.aborted;

  while (!interrupted() && whyStop(state, options) === null) {
    const { epoch } = state;
    const batches = parts.batches(epoch);
    const rateOf = (batch: number, update: number): number =>
      rateAt(state.plateau.learningRate, { epoch, batch, batches: batches.length, update }, options);
    const start = performance.now();
    let tokens = 0; // trained here: an epoch that was begun before has more in its sums
    let yielded = 0; // time the listeners took: theirs, not the training's
    const seconds = (): number => (performance.now() - start - yielded) / 1000;

    while (state.batch < batches.length && !interrupted()) {
      const learningRate = rateOf(state.batch, state.update);
      const result = parts.step(present(batches[state.batch], 'batch'), epoch, learningRate);
      tokens += result.tokens;
      state = afterBatch(state, result);
      const before = performance.now();
      const { loss, gradNorm } = result;
      yield {
        event: {
          kind: 'step',
          epoch,
          batch: state.batch,
          batches: batches.length,
          loss,
          gradNorm,
          learningRate,
          tokens: state.sums.tokens,
          tokensPerSecond: tokens / seconds(),
        },
        state,
      };
      await turnOfTheEventLoop();
      yielded += performance.now() - before;
    }
    if (interrupted()) break;

    const trained = seconds();
    const trainLoss = state.sums.loss / state.sums.tokens;
    const learningRate = rateOf(state.batch - 1, state.update - 1); // of the last update
    const dev = parts.evaluate();
    const ended = afterEpoch(state, dev, options);
    // told with the state before it: a training that goes on from there tells it again
    if (ended.outsideEpochs === options.stuckEpochs) {
      const found = warning('only-outside', { epochs: ended.outsideEpochs }, options.settings);
      yield { event: { kind: 'warning', ...found }, state };
    }
    state = ended;
    const isBest = state.best.epoch === epoch;
    if (isBest) parts.keep();
    const { score, classes } = dev;
    const tokensPerSecond = tokens / trained;
    yield {
      event: {
        kind: 'epoch',
        epoch,
        trainLoss,
        devScore: score,
        ...(classes && { classes }),
        learningRate,
        isBest,
        seconds: trained,
        tokensPerSecond,
      },
      state,
    };
  }

  const { best } = state;
  const reason = whyStop(state, options) ?? 'interrupted';
  yield { event: { kind: 'end', reason, bestEpoch: best.epoch, bestScore: best.score }, state }; // the weights are still the last ones
  if (best.epoch > 0) parts.restore();
}

const turnOfTheEventLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
