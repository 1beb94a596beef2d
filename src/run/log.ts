import type { Config } from '../config';
import { metricNames, metricValue } from '../metrics/metric';
import type { TrainEvent } from '../train/events';
import { LOGS } from '../train/logs';
import type { Scores, Settings } from '../train/logWriter';
import type { RecordLog } from './folder';
import type { RunResult } from './result';

/** What a run tells beside `log.jsonl`, as bytes for its folder. */
export interface RunLog {
  readonly records: RecordLog;
  /** Null where the event says nothing to it. @param update updates of the weights so far */
  event(event: TrainEvent, update: number): Uint8Array | null;
  /** The scores at the end. */
  end(result: Pick<RunResult, 'dev' | 'test'>): Uint8Array;
}

/** @param update that the training goes on from; null where the config asks for no other log */
export async function openRunLog(config: Config, update: number): Promise<RunLog | null> {
  if (config.log === null) return null;
  const { file, load } = LOGS[config.log];
  const writer = await load();
  const now = (): number => Date.now() / 1000;
  let last = update;
  return {
    records: {
      file,
      begin: () => writer.begin(settingsOf(config), now()),
      kept: (there) => writer.kept(there, update),
    },
    event(told, at) {
      last = at;
      return writer.event(told, at, now());
    },
    end: ({ dev, test }) => writer.end({ ...scoresOf('dev', dev), ...(test && scoresOf('test', test)) }, last, now()),
  };
}

/** Averages of a report and the F1 of each class: `test/micro-f1`, `test/f1/LOC`. */
function scoresOf(split: string, report: RunResult['dev']): Scores {
  const averages = metricNames(report).filter((name) => /^((micro|macro)-(f1|precision|recall)|accuracy)$/.test(name));
  const { classes } = report.entities ?? report.tags;
  return Object.fromEntries([
    ...averages.map((name) => [`${split}/${name}`, metricValue(report, name)]),
    ...classes.flatMap(({ name, f1, support }) => (support > 0 ? [[`${split}/f1/${name}`, f1]] : [])),
  ]) as Scores;
}

/** Every setting that is one value, by its path. */
function settingsOf(config: object, path = ''): Settings {
  const found = Object.entries(config).flatMap(([key, value]: [string, unknown]) => {
    const at = path === '' ? key : `${path}.${key}`;
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return Object.entries(settingsOf(value, at));
    const isOne = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    return isOne ? [[at, value] as const] : [];
  });
  return Object.fromEntries(found);
}
