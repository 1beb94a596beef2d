import type { Config } from '../config';
import { warningsAt } from '../data/corpus';
import { tagReaderOf } from '../data/tagging';
import type { OpenEngine } from '../engine';
import { findLoss } from '../losses';
import { typeTitle } from '../schemes';
import { againstFloor } from '../metrics/floor';
import { unpredicted } from '../metrics/unpredicted';
import { type Settings, type Warning, warning } from '../warnings';
import type { Corpora, Split } from './corpora';
import type { Forecast } from './forecast';
import type { InitFrom, RunResult } from './result';

/** What a config says of what advice asks. */
export function settingsOf({ loss: { name, ...params }, train }: Pick<Config, 'loss' | 'train'>): Settings {
  const { fades = false, params: declared = {} } = findLoss(name) ?? {}; // a report is made again without the file, too
  const { warmupEpochs, learningRate, epochs } = train;
  const known = { loss: name, fades, warmupEpochs, learningRate, epochs };
  const smooth = Object.hasOwn(declared, 'smooth') ? declared.smooth : undefined;
  if (smooth?.type !== 'number' || typeof params.smooth !== 'number') return known;
  return { ...known, smooth: { value: params.smooth, least: smooth.range[0] } };
}

/** What is to be said before training: of the files, and of the machine. */
export function setupWarnings(
  { train, dev, test }: Corpora,
  engine: OpenEngine,
  initFrom: InitFrom | null = null,
  forecast: Forecast | null = null,
  settings: Settings = {},
): Warning[] {
  return [
    ...[train, dev, ...(test ? [test] : [])].flatMap(splitWarnings),
    ...engine.warnings,
    ...(initFrom ? initFromWarnings(initFrom) : []),
    ...(forecast ? forecastWarnings(forecast, settings) : []),
  ];
}

/** Classes that may never be predicted. */
export function forecastWarnings({ loss, starved, sinks }: Forecast, settings: Settings): Warning[] {
  if (starved.length === 0) return [];
  const classes = starved.map(({ name, best: { pull, lowered } }) => ({ name, weaker: 1 / pull, lowered }));
  return [warning('starved-classes', { loss, classes, sinks }, settings)];
}

function initFromWarnings({ run, tables, labels }: InitFrom): Warning[] {
  const empty = Object.entries({ ...tables, labels }).filter(([, { taken, of }]) => taken === 0 && of > 0);
  return empty.length > 0 ? [warning('nothing-in-common', { run, what: empty.map(([name]) => name) })] : [];
}

/** What is to be said of a file that is trained or scored on. */
export function splitWarnings({ name, corpus, encoded }: Pick<Split, 'name' | 'corpus' | 'encoded'>): Warning[] {
  const { labelText } = tagReaderOf(corpus.tagging);
  const labels = encoded.unknownLabels.map(({ label, count }) => `${labelText(label)} (${count})`);
  const unseen = labels.length > 0 ? [warning('unseen-labels', { file: name, labels })] : [];
  return [...warningsAt(name, corpus.warnings), ...unseen];
}

/** Classes whose reason is told in a warning. */
const TOLD = 3;

/**
 * What is to be said of the scores of a tagger. Where it learned nothing at all, which is told louder, the reason alone.
 * @param why says in a sentence why each of some classes is at 0, where the tagger is at hand
 */
export function scoreWarnings(
  { dev, test, data, learned, config }: Pick<RunResult, 'dev' | 'test' | 'data' | 'learned' | 'config'>,
  why: ((classes: readonly string[]) => string[]) | null = null,
): Warning[] {
  if (!learned && !why) return [];
  const settings = settingsOf(config);
  const reports = Object.entries(test ? { dev, test } : { dev });
  const never = unpredicted(
    reports.map(([, report]) => report),
    data.train.classes,
  );
  const worse = reports.flatMap(([split, report]) => {
    const compared = learned ? againstFloor(report) : null;
    return compared && compared.scored < compared.floor ? [{ what: `on ${split}`, ...compared }] : [];
  });
  const splits = reports.map(([split]) => split).join(' and ');
  const classes = never.map(typeTitle);
  const told = never.length > 0 && why ? { why: why(never.slice(0, TOLD)) } : {};
  return [
    ...(never.length > 0 ? [warning('never-predicted', { subject: '', splits, classes, ...told }, settings)] : []),
    ...(worse.length > 0 ? [warning('worse-than-look-up', { subject: '', worse }, settings)] : []),
  ];
}
