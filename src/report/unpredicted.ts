import { unpredicted } from '../metrics/unpredicted';
import type { RunResult } from '../run/result';
import { someOf } from './text';

/** Classes that are named; the tables have all. */
const SHOWN = 20;

/** A warning where a finished tagger never predicts a class that it was trained on; empty where there is none, or where it learned nothing at all. */
export function unpredictedText({
  dev,
  test,
  data,
  learned,
}: Pick<RunResult, 'dev' | 'test' | 'data' | 'learned'>): string {
  if (!learned) return '';
  const reports = test ? [dev, test] : [dev];
  const splits = test ? 'dev and test' : 'dev';
  const never = unpredicted(reports, data.train.labels);
  if (never.length === 0) return '';
  return (
    `warning: never predicted on ${splits}, though in training: ${someOf(never, SHOWN)}\n` +
    'note: where its probability is small, a Dice-like loss hardly pulls on a class; ce and the mixes (ce+dl, ce+dsc) do, and wce pulls harder\n'
  );
}
