import type { TrainEvent } from './events';

/** Numbers of a run by name, for the end of its log: `test/micro-f1`. */
export type Scores = Readonly<Record<string, number>>;

/** What a log is told of a run before it begins: its settings by path, such as `train.learningRate`. */
export type Settings = Readonly<Record<string, string | number | boolean>>;

/** A log in another form than `log.jsonl`: what happens becomes bytes, which the run folder appends to its file. */
export interface LogWriter {
  /** The beginning of a file. @param now seconds since 1970 */
  begin(settings: Settings, now: number): Uint8Array;
  /** Null where there is nothing to be told. @param update updates of the weights so far */
  event(event: TrainEvent, update: number, now: number): Uint8Array | null;
  end(scores: Scores, update: number, now: number): Uint8Array;
  /** How many bytes of a file tell of no more than so many updates, in whole records: what a resumed run keeps. */
  kept(bytes: Uint8Array, update: number): number;
}
