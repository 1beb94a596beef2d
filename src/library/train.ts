import { type Config, type ConfigInput, type ConfigValues, type Layer, layersOf, parseConfig } from '../config';
import { mistaken } from '../errors';
import { type Inputs, refuseStreams } from '../files/inputs';
import { run, type RunOutcome, type RunSetup } from '../run';
import { type Rehearsal, rehearse as rehearseRun } from '../run/rehearsal';
import { resumedConfig } from '../run/resume';
import type { TrainEvent } from '../train/events';

/** Everything is read, and nothing is trained yet. */
export interface BeginEvent {
  readonly kind: 'begin';
  readonly setup: RunSetup;
}

/** What happens in a run, in this order: `begin`, then of every epoch its `step`s and `epoch`, a `warning` in between, `end`. */
export type RunEvent = BeginEvent | TrainEvent;

export interface TrainOptions {
  /** Values that win over the config. */
  readonly overrides?: ConfigValues;
  /** Raised to stop after the batch in hand; what is there then is saved, and can be gone on with by `resume`. */
  readonly signal?: AbortSignal;
  /** Called with every event as it happens. What it throws ends the run. */
  readonly on?: (event: RunEvent) => void;
  /** Replaces a run that is already in the folder. */
  readonly overwrite?: boolean;
  /** Folder of a run to go on with, to the same result as if it had never stopped. The config then says what is to be new in it. */
  readonly resume?: string;
}

/**
 * A run under way: a promise of its outcome, and an iterable of its events. It can be iterated once; a loop that is left early
 * stops the run, as `signal` does. The outcome has no result where the run was stopped before its end.
 */
export type Training = Promise<RunOutcome> & AsyncIterable<RunEvent>;

/**
 * Trains a tagger and leaves a run folder: checkpoints, config, log, predictions and `result.json`.
 * @param config values as a JSON config file holds them (all have defaults; without `data` a bundled corpus is trained on), or the
 *   path of such a file
 * @throws UserError, when awaited or iterated: for a bad config, bad corpora, a folder that holds a run, an engine that does not
 *   open, and a training that broke down
 * @example
 * ```ts
 * import { train } from 'dsc-train';
 *
 * const training = train(
 *   {
 *     data: { train: 'train.conll', dev: 'dev.conll', test: 'test.conll' },
 *     loss: { name: 'dsc', alpha: 0.1 },
 *     model: { hidden: 16 },
 *     train: { epochs: 2 },
 *     out: 'runs/example',
 *   },
 *   { overwrite: true },
 * );
 * for await (const event of training) {
 *   if (event.kind === 'epoch') console.log(`epoch ${event.epoch}: dev F1 ${event.devScore.toFixed(3)}`);
 * }
 * const { folder, result } = await training;
 * console.log(folder, result?.test?.entities?.micro.f1);
 * ```
 */
export function train(config: ConfigInput, options: TrainOptions = {}): Training {
  const { overrides = {}, signal, on, overwrite = false, resume = null } = options;
  if (on !== undefined && typeof on !== 'function') throw mistaken('on', on, 'a function of an event');
  const stop = new AbortController();
  const events = createQueue<RunEvent>();
  const tell = (event: RunEvent): void => {
    on?.(event);
    events.put(event);
  };
  const outcome = (async () => {
    const checked = await checkedConfig(await layersOf(config, overrides), resume);
    return run(checked, {
      signal: signal ? AbortSignal.any([signal, stop.signal]) : stop.signal,
      overwrite,
      resume,
      begin: (setup) => tell({ kind: 'begin', setup }),
      listen: tell,
    });
  })().finally(events.end);

  async function* iterate(): AsyncGenerator<RunEvent, void> {
    try {
      yield* events.take();
    } finally {
      stop.abort();
      await outcome;
    }
  }
  return Object.assign(outcome, {
    [Symbol.asyncIterator]() {
      outcome.catch(() => undefined); // whoever iterates is told
      events.open();
      return iterate();
    },
  });
}

/**
 * What `train` would do with a config, and about how long it would take: everything is read and checked, batches are trained for two
 * seconds or an epoch and let go, and nothing is written. Null where the signal was raised before.
 * @throws UserError as `train`
 * @example
 * ```ts
 * import { rehearse } from 'dsc-train';
 *
 * const found = await rehearse({
 *   data: { train: 'train.conll', dev: 'dev.conll' },
 *   model: { hidden: 16 },
 *   train: { epochs: 2 },
 *   out: 'runs/rehearsed',
 * });
 * console.log(found?.epochs, found !== null && found.seconds > 0); // 2 true
 * ```
 */
export async function rehearse(config: ConfigInput, options: TrainOptions = {}): Promise<Rehearsal | null> {
  const { overrides = {}, signal, on, overwrite = false, resume = null } = options;
  const checked = await checkedConfig(await layersOf(config, overrides), resume);
  return rehearseRun(checked, {
    signal: signal ?? new AbortController().signal,
    overwrite,
    resume,
    begin: (setup) => on?.({ kind: 'begin', setup }),
    listen: (event) => on?.(event),
  });
}

async function checkedConfig(layers: readonly Layer[], resume: string | null): Promise<Config> {
  const config = resume === null ? parseConfig(layers) : (await resumedConfig(resume, layers)).config;
  await refuseStreams(corporaOf(config), 'stdin', 'a run reads its files again when it is resumed');
  return config;
}

/** The corpora of a config, by the flags that name them. */
export function corporaOf({ data: { train, dev, test } }: Config): Inputs {
  return Object.entries({ train, dev, test }).map(([part, path]) => [`--${part}`, path] as const);
}

/** Holds what is put from the moment on that somebody wants it, until it is taken. */
function createQueue<T>() {
  const held: T[] = [];
  let [isOpen, isEnded] = [false, false];
  let wake: () => void = () => undefined;
  return {
    open: () => {
      isOpen = true;
    },
    put(item: T): void {
      if (!isOpen) return;
      held.push(item);
      wake();
    },
    end: () => {
      isEnded = true;
      wake();
    },
    async *take(): AsyncGenerator<T, void> {
      for (;;) {
        yield* held.splice(0);
        if (held.length > 0) continue;
        if (isEnded) return;
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}
