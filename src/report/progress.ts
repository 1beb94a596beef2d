import { SingleBar } from 'cli-progress';
import type { TrainEvent } from '../train/events';
import { percent, whole } from '../wording';
import { warningText } from '../warnings';

/** Where progress goes: stderr, or anything like it. */
export interface ProgressStream extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
}

const BAR = {
  barCompleteChar: '█',
  barIncompleteChar: '░',
  barsize: 24,
  hideCursor: true,
  clearOnComplete: true,
};

export type Listener = (event: TrainEvent) => void;

/** A bar on a terminal, a plain line per epoch elsewhere. Warnings are shown on both. */
export function createProgress(stream: ProgressStream, epochs: number): Listener {
  return stream.isTTY ? barProgress(stream, epochs) : lineProgress(stream, epochs);
}

/** Shows nothing but warnings. */
export function createQuietProgress(stream: ProgressStream): Listener {
  return (event) => {
    if (event.kind === 'warning') stream.write(warningText(event));
  };
}

function lineProgress(stream: ProgressStream, epochs: number): Listener {
  return (event) => {
    if (event.kind === 'epoch') stream.write(`${epochText(event, epochs)}\n`);
    if (event.kind === 'warning') stream.write(warningText(event));
    if (event.kind === 'end') stream.write(`${endText(event)}\n`);
  };
}

function barProgress(stream: ProgressStream, epochs: number): Listener {
  const format = 'epoch {epoch}/{epochs} {bar} {value}/{total}  loss {loss}  {speed} tokens/s  dev {dev}';
  const bar = new SingleBar({ ...BAR, stream, format });
  const shown = { epoch: 0, epochs, loss: '-', speed: '-', dev: '-' };
  const finishBar = (text: string): void => {
    bar.stop();
    stream.write(text);
  };
  return (event) => {
    switch (event.kind) {
      case 'step':
        if (event.epoch !== shown.epoch) bar.start(event.batches, 0, { ...shown, epoch: event.epoch });
        shown.epoch = event.epoch;
        shown.loss = event.loss.toFixed(4);
        shown.speed = whole(event.tokensPerSecond);
        bar.update(event.batch, shown);
        break;
      case 'epoch':
        shown.dev = percent(event.devScore);
        finishBar(`${epochText(event, epochs)}\n`);
        break;
      case 'warning':
        finishBar(warningText(event));
        break;
      case 'end':
        finishBar(`${endText(event)}\n`);
    }
  };
}

type Of<K extends TrainEvent['kind']> = Extract<TrainEvent, { kind: K }>;

function epochText(event: Of<'epoch'>, epochs: number): string {
  const epoch = `epoch ${String(event.epoch).padStart(String(epochs).length)}/${epochs}`;
  const best = event.isBest && event.devScore > 0 ? '  best' : '';
  return `${epoch}  loss ${event.trainLoss.toFixed(4)}  dev ${percent(event.devScore)}  rate ${Number(event.learningRate.toPrecision(3))}  ${whole(event.tokensPerSecond)} tokens/s  ${event.seconds.toFixed(1)} s${best}`;
}

function endText(event: Of<'end'>): string {
  const why = {
    epochs: 'all epochs done',
    patience: 'no better dev score within the patience',
    interrupted: 'interrupted',
  };
  const best = event.bestScore > 0 ? `; best dev ${percent(event.bestScore)} at epoch ${event.bestEpoch}` : '';
  return `stopped: ${why[event.reason]}${best}`;
}

/** Milliseconds that a tagging takes before its bar is shown: a short one is done by then. */
const LONG = 1000;

/** Shows how far a tagging is by the bytes that were read of all, with its speed. */
export interface TagProgress {
  readonly read: (bytes: number) => void;
  readonly tagged: (tokens: number) => void;
  /** Takes the bar down. */
  readonly end: () => void;
}

/** @param bytes of all inputs; null where that is not known, as of a pipe */
export function createTagProgress(
  stream: ProgressStream,
  bytes: number | null,
  clock = () => performance.now(),
): TagProgress {
  const begun = clock();
  let bar: SingleBar | undefined;
  let [read, tokens] = [0, 0];
  return {
    read: (more) => void (read += more),
    tagged(more) {
      const seconds = (clock() - begun) / 1000;
      tokens += more;
      if (seconds * 1000 < LONG) return;
      const shown = { tokens: whole(tokens), speed: whole(tokens / seconds) };
      if (!bar) {
        const format = `${bytes === null ? '' : '{bar} {percentage} %  '}{tokens} tokens  {speed} tokens/s`;
        bar = new SingleBar({ ...BAR, stream, format });
        bar.start(bytes ?? 1, 0, shown);
      }
      bar.update(bytes === null ? 0 : Math.min(read, bytes), shown);
    },
    end: () => bar?.stop(),
  };
}
