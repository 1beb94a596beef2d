import { lossSpec } from '../losses';
import { typeTitle } from '../metrics/chunks';
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
  config,
}: Pick<RunResult, 'dev' | 'test' | 'data' | 'learned'> & {
  readonly config: { readonly loss: { readonly name: string } };
}): string {
  if (!learned) return '';
  const reports = test ? [dev, test] : [dev];
  const splits = test ? 'dev and test' : 'dev';
  const never = unpredicted(reports, data.train.classes);
  if (never.length === 0) return '';
  const warning = `warning: never predicted on ${splits}, though in training: ${someOf(never.map(typeTitle), SHOWN)}\n`;
  const { name, fades } = lossSpec(config.loss.name);
  if (!fades) return warning;
  return `${warning}note: where its probability is small, ${name} hardly pulls on a class, as every Dice-like loss; ce and the mixes (ce+dl, ce+dsc) do, and wce pulls harder\n`;
}
