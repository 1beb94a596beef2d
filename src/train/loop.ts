import type { TrainEvent } from './events';
import { createPlateau, type PlateauOptions } from './plateau';

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
  /** Every predicted label was `O`. */
  readonly onlyOutside: boolean;
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

export interface LoopOptions extends PlateauOptions {
  readonly epochs: number;
  /** Epochs of predicting only `O` before the warning. */
  readonly stuckEpochs: number;
  /** Raised to stop after the batch in hand. */
  readonly signal: AbortSignal;
}

/**
 * Trains epoch by epoch, yields what happens, and leaves the weights of the best epoch in place. It prints nothing and writes
 * nothing: whoever iterates does. Between two batches the event loop gets its turn, so that signals arrive.
 */
export async function* train<B>(parts: LoopParts<B>, options: LoopOptions): AsyncGenerator<TrainEvent, void> {
  const observe = createPlateau(options);
  const best = { epoch: 0, score: 0 };
  let { learningRate } = options;
  let reason: 'epochs' | 'patience' | 'interrupted' = 'epochs';
  let outsideEpochs = 0;
  const interrupted = (): boolean => options.signal.aborted;

  for (let epoch = 1; epoch <= options.epochs && reason === 'epochs'; epoch++) {
    const batches = parts.batches(epoch);
    const start = performance.now();
    let tokens = 0;
    let lossSum = 0;
    let yielded = 0; // time the listeners took: theirs, not the training's
    const seconds = (): number => (performance.now() - start - yielded) / 1000;

    for (const [i, batch] of batches.entries()) {
      const result = parts.step(batch, epoch, learningRate);
      tokens += result.tokens;
      lossSum += result.loss * result.tokens;
      const before = performance.now();
      const { loss, gradNorm } = result;
      yield {
        kind: 'step',
        epoch,
        batch: i + 1,
        batches: batches.length,
        loss,
        gradNorm,
        tokens,
        tokensPerSecond: tokens / seconds(),
      };
      await turnOfTheEventLoop();
      yielded += performance.now() - before;
      if (interrupted()) break;
    }
    if (interrupted()) {
      reason = 'interrupted';
      break;
    }

    const trained = seconds();
    const dev = parts.evaluate();
    const verdict = observe(dev.score);
    if (verdict.isBest) {
      parts.keep();
      best.epoch = epoch;
      best.score = dev.score;
    }
    yield {
      kind: 'epoch',
      epoch,
      trainLoss: lossSum / tokens,
      devScore: dev.score,
      learningRate,
      isBest: verdict.isBest,
      seconds: trained,
      tokensPerSecond: tokens / trained,
    };
    learningRate = verdict.learningRate;

    outsideEpochs = dev.onlyOutside ? outsideEpochs + 1 : 0;
    if (outsideEpochs === options.stuckEpochs) yield stuckWarning(outsideEpochs);
    if (verdict.exhausted) reason = 'patience';
    if (interrupted()) reason = 'interrupted';
  }

  yield { kind: 'end', reason, bestEpoch: best.epoch, bestScore: best.score }; // the weights are still the last ones
  if (best.epoch > 0) parts.restore();
}

function stuckWarning(epochs: number): TrainEvent {
  return {
    kind: 'warning',
    message: `the model has predicted only O on dev for ${epochs} epochs`,
    note:
      'its gradient on rare classes is too small to leave that plateau; try --set train.warmupEpochs=2, --loss ce+dsc, ' +
      'class weights (--loss wce), a higher --set train.learningRate, or a smaller loss.smooth (dsc-train losses shows the gradients)',
  };
}

const turnOfTheEventLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
