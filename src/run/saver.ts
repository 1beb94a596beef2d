import { isPause, type TrainEvent } from '../train/events';
import { type Keep, keptAs, type RunState } from '../train/state';
import type { NamedCheckpoint, Pieces, RunFolder } from './folder';

export interface SaverOptions {
  readonly keep: readonly Keep[];
  /** Seconds between two saves of the state within an epoch. */
  readonly saveSeconds: number;
}

/** Puts a training on disk as it goes. */
export interface Saver {
  /** To be called after every event, with the state that it was told with. @throws UserError where an earlier save failed */
  save(event: TrainEvent, state: RunState): Promise<void>;
  /** `best.ckpt` of the tagger as it is now, whole, where such a one is kept: whatever became of it before the run was resumed. */
  saveBest(): Promise<void>;
  /** Waits until everything is on disk. @throws UserError where it could not be written */
  end(): Promise<void>;
}

/**
 * Saves checkpoints after every epoch, the state of the training every so many seconds and when it is interrupted. What is
 * saved is taken at once, and written while the training goes on; one save waits for the one before.
 * `best.ckpt` is written before `last.ckpt`: a state never speaks of a best epoch that is not on disk.
 * @param encode the tagger as it is now; with a state, the training that goes on from it too
 * @param encodeWhole the tagger once its training is over
 */
export function createSaver(
  folder: RunFolder,
  { keep, saveSeconds }: SaverOptions,
  encode: (state: RunState | null) => readonly Uint8Array[],
  encodeWhole: () => Pieces,
): Saver {
  let writing: Promise<void> = Promise.resolve();
  let saved = performance.now();

  async function write(task: () => Promise<void>): Promise<void> {
    saved = performance.now();
    await writing;
    writing = task();
    writing.catch(() => undefined); // told by whoever waits for it next
  }

  function checkpointsOf({ epoch, isBest }: { epoch: number; isBest: boolean }, state: RunState): NamedCheckpoint[] {
    const names = keptAs(keep, epoch, isBest).filter((name) => name !== 'last');
    const tagger = names.length > 0 ? encode(null) : [];
    return [...names.map((name) => ({ name, pieces: tagger })), { name: 'last', pieces: encode(state) }];
  }

  return {
    async save(event, state) {
      if (event.kind === 'epoch') {
        const checkpoints = checkpointsOf(event, state);
        await write(() => folder.saveEpoch(checkpoints));
      }
      const inEpoch = event.kind === 'step' && performance.now() - saved > 1000 * saveSeconds;
      if (inEpoch || (isPause(event) && state.batch > 0)) {
        const pieces = encode(state);
        await write(() => folder.saveUnfinished(pieces));
      }
    },
    async saveBest() {
      if (keep.includes('best')) await folder.saveEpoch([{ name: 'best', pieces: encodeWhole() }]);
    },
    end: () => writing,
  };
}
