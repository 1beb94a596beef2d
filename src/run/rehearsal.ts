import { run, type RunHost, type RunSetup } from '.';
import type { Config } from '../config';
import { present } from '../errors';
import type { TrainEvent } from '../train/events';

/** What a run would be, and about how long. */
export interface Rehearsal {
  readonly setup: RunSetup;
  /** Batches that were trained for it, and let go. */
  readonly batches: number;
  /** Null where nothing is left to be trained. */
  readonly tokensPerSecond: number | null;
  /** Epochs that are left to be trained, at the most; one that a resumed run goes on within counts whole. */
  readonly epochs: number;
  /** Of training, and of scoring dev. */
  readonly secondsPerEpoch: number;
  /** Of all of these epochs. */
  readonly seconds: number;
  /** Scoring dev was not reached: its time is taken from that of training. */
  readonly devIsGuessed: boolean;
}

/** How long batches are trained, behind the first, which finds memory and compiles. */
const SECONDS = 2;

/** Tagging takes this share of a training step's time for as many tokens; 0.27 to 0.29 were measured at H = 256 and 128. */
const TAGGING = 0.3;

/**
 * Reads and checks everything that a run reads and checks, trains for two seconds or an epoch to see how fast it is, and leaves nothing.
 * @returns null where the signal was raised before
 * @throws UserError as `run`
 */
export async function rehearse(config: Config, host: Omit<RunHost, 'rehearses'>): Promise<Rehearsal | null> {
  const stop = new AbortController();
  const watch = createStopwatch(() => stop.abort());
  let setup: RunSetup | undefined;
  await run(config, {
    ...host,
    rehearses: true,
    signal: AbortSignal.any([host.signal, stop.signal]),
    begin(told) {
      setup = told;
      host.begin(told);
    },
    listen(event) {
      watch.see(event);
      if (event.kind === 'warning') host.listen(event);
    },
  });
  if (host.signal.aborted) return null;
  return estimate(present(setup, 'setup'), watch.seen());
}

interface Seen {
  readonly batches: number;
  readonly tokensPerSecond: number | null;
  readonly devSeconds: number | null;
}

/** Times training from the first batch on, and dev where an epoch ends before the time is over. */
function createStopwatch(enough: () => void) {
  let batches = 0;
  let began = { at: 0, tokens: 0 };
  let last = began;
  let whole: { readonly tokensPerSecond: number; readonly devSeconds: number } | undefined;
  return {
    see(event: TrainEvent): void {
      const at = performance.now();
      if (event.kind === 'step') {
        last = { at, tokens: event.tokens };
        if (batches++ === 0) began = last;
        if (batches > 3 && at - began.at > 1000 * SECONDS) enough();
      }
      if (event.kind === 'epoch') {
        whole ??= { tokensPerSecond: event.tokensPerSecond, devSeconds: (at - last.at) / 1000 };
        enough();
      }
    },
    seen(): Seen {
      const ownPace = batches > 1 ? (1000 * (last.tokens - began.tokens)) / (last.at - began.at) : undefined;
      const tokensPerSecond = ownPace ?? whole?.tokensPerSecond ?? null;
      return { batches, tokensPerSecond, devSeconds: whole?.devSeconds ?? null };
    },
  };
}

function estimate(setup: RunSetup, { batches, tokensPerSecond, devSeconds }: Seen): Rehearsal {
  const { config, corpora, resumed } = setup;
  const tokens = corpora.train.corpus.tokens;
  const each = tokensPerSecond === null ? 0 : 1 / tokensPerSecond;
  const secondsPerEpoch = tokens * each + (devSeconds ?? TAGGING * corpora.dev.corpus.tokens * each);
  const epochs = tokensPerSecond === null ? 0 : config.train.epochs - (resumed ? resumed.state.epoch - 1 : 0);
  const seconds = epochs * secondsPerEpoch;
  return { setup, batches, tokensPerSecond, epochs, secondsPerEpoch, seconds, devIsGuessed: devSeconds === null };
}
