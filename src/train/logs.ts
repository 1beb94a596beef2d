import type { LogWriter } from './logWriter';

interface LogFormat {
  /** One line, for the help. */
  readonly title: string;
  /** Its name in the folder of the run. */
  readonly file: string;
  /** Loads what writes it. */
  readonly load: () => Promise<LogWriter>;
}

/** Every log that a run can leave beside `log.jsonl`. To add one: its file, and its line here. */
export const LOGS = {
  tensorboard: {
    title:
      'event file of TensorBoard: loss, gradient norm and rate of every update, dev scores of every epoch by class, test scores',
    file: 'events.out.tfevents.dsc-train',
    load: async () => (await import('./tensorboard.js')).tensorboard,
  },
} as const satisfies Record<string, LogFormat>;

export type LogName = keyof typeof LOGS;
