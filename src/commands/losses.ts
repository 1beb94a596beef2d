import type { Command } from 'commander';
import { settingOf } from '../config/flags';
import { UserError } from '../errors';
import type { LossSpec, ParamValues } from '../losses';
import type { Point, View } from '../losses/curve';
import type { Told } from '../run/reading';
import type { AddCommand } from './context';
import { addReadOptions, collect, toldReading } from './options';

interface Options extends Record<string, unknown> {
  readonly on?: string;
  readonly set: readonly string[];
  readonly plot?: string;
}

export const addLosses: AddCommand = (program, context) => {
  const command = program
    .command('losses')
    .description('print every loss, or one: formula, parameters, floor, p* and gradients; --plot draws it')
    .argument('[name]', 'loss, preset or ./my-loss.mjs (default: all; for --plot, dsc)')
    .option('--set <key=value>', 'set a parameter of the loss (repeatable), such as --set alpha=0.1', collect, [])
    .option('--plot <file.svg>', 'draw loss and gradient against p for the chosen parameters')
    .option(
      '--on <train.conll>',
      'forecast what it does to each class of this training file; the flags below say how it is read',
    );
  addReadOptions(command).action(async (name: string | undefined, options: Options, self: Command) => {
    const { plot } = options;
    const on = await fileOf(options, toldReading(self));
    if (plot !== undefined && /\.\w+$/.test(plot) && !/\.svg$/i.test(plot)) {
      const named = plot.replace(/\.\w+$/, '.svg');
      throw new UserError(
        `--plot ${plot}: what it draws is SVG`,
        `name it so: --plot ${named}; browsers and editors show it`,
      );
    }
    const { checkOutput, writeAtomic } = await import('../files/index.js');
    if (plot !== undefined) await checkOutput(plot);
    const tensors = lazyEngine();
    try {
      if (options.plot === undefined) context.proc.stdout.write(await describe(tensors, name, options.set, on));
      else {
        await writeAtomic(options.plot, await draw(tensors, name ?? 'dsc', options.set));
        context.proc.stdout.write(`${options.plot}\n`);
      }
    } finally {
      await tensors.close();
    }
  });
};

/** An engine for losses, opened when there is something to compute: what is known already is printed without one. */
interface LazyEngine {
  open(): Promise<void>;
  close(): Promise<void>;
}

function lazyEngine(): LazyEngine {
  let engine: Promise<{ dispose(): void }> | undefined;
  return {
    open: async () => {
      engine ??= import('../engine/index.js').then(({ openEngine }) => openEngine('js'));
      await engine;
    },
    close: async () => (await engine)?.dispose(),
  };
}

/** A training file, and how it is to be read. */
interface OnFile {
  readonly file: string;
  readonly told: Told;
}

/** @throws UserError where flags stand beside each other of which one has no effect */
async function fileOf({ on, plot }: Options, told: Told): Promise<OnFile | undefined> {
  if (on === undefined) {
    const [flag] = Object.keys(told);
    if (flag !== undefined)
      throw new UserError(`${settingOf(`data.${flag}`)}: it says how the file of --on is read, and there is no --on`);
    return undefined;
  }
  if (plot !== undefined) throw new UserError('--plot draws a loss on one token: not together with --on');
  const { checkInputs } = await import('../files/inputs.js');
  await checkInputs([['--on', on]]);
  return { file: on, told };
}

/** The forecast on a file as text, loss by loss. Needs an open engine where it is called. */
async function forecastsOn({ file, told }: OnFile): Promise<(loss: string, params: ParamValues) => Promise<string>> {
  const { parseConfig } = await import('../config/index.js');
  const { forecaster } = await import('../run/forecast.js');
  const { forecastWarnings, settingsOf } = await import('../run/warnings.js');
  const { forecastText } = await import('../report/losses.js');
  const { inOneLine } = await import('../warnings.js');
  const { visible } = await import('../wording.js');
  const layer = { source: '--on', values: { data: { ...told, train: file, dev: file } } };
  const config = parseConfig([layer]);
  const forecastOf = await forecaster(config);
  return async (name, params) => {
    const found = await forecastOf(name, params);
    const loss = { name, ...params };
    const told = forecastWarnings(found, settingsOf({ ...config, loss })).map(
      (one) => `    ${visible(inOneLine(one))}\n`,
    );
    return forecastText(found, file) + told.join('');
  };
}

async function describe(
  tensors: LazyEngine,
  name: string | undefined,
  settings: readonly string[],
  on?: OnFile,
): Promise<string> {
  if (on) await tensors.open();
  const forecast = on && (await forecastsOn(on));
  const { LOSSES } = await import('../losses/index.js');
  const { openCurve, portrait, portraitKey, viewsOf } = await import('../losses/curve.js');
  const { PORTRAITS } = await import('../losses/portraits.js');
  const { lossText, presetText } = await import('../report/losses.js');
  const { PRESETS } = await import('../losses/presets.js');
  const names = name === undefined && settings.length === 0 ? Object.keys(LOSSES) : [name ?? 'dsc'];
  const texts: string[] = [];
  for (const each of names) {
    const { loss, spec, params } = await choose(tensors, each, settings);
    const views = [];
    for (const view of viewsOf(params)) {
      const known = PORTRAITS[portraitKey(loss, view.params)];
      if (!known) await tensors.open();
      views.push({ name: view.name, portrait: known ?? portrait(await openCurve(spec, view.params)) });
    }
    texts.push(lossText(spec, params, views) + (forecast ? await forecast(loss, params) : ''));
  }
  if (name === undefined && settings.length === 0) texts.push(presetText(PRESETS));
  return texts.join('\n');
}

async function draw(tensors: LazyEngine, name: string, settings: readonly string[]): Promise<string> {
  const { openCurve, traceCurve, viewsOf } = await import('../losses/curve.js');
  const { drawCharts } = await import('../report/curves.js');
  await tensors.open();
  const { spec, params } = await choose(tensors, name, settings);
  const lines: { name: string; points: Point[] }[] = [];
  for (const view of viewsOf(params).flatMap(bothFactors))
    lines.push({ name: view.name, points: traceCurve(await openCurve(spec, view.params)) });
  const chart = (title: string, y: 'loss' | 'gradient'): Parameters<typeof drawCharts>[1][number] => ({
    title,
    xLabel: 'p, probability of the gold class',
    series: lines.map((line) => ({ name: line.name, points: line.points.map((point) => [point.p, point[y]]) })),
  });
  const shown = Object.entries(params).filter(([key]) => ['alpha', 'beta', 'gamma', 'smooth', 'mix'].includes(key));
  const title = [spec.name, ...shown.map(([key, value]) => `${key} ${JSON.stringify(value)}`)].join(', ');
  return drawCharts(title, [chart('loss of one token', 'loss'), chart('gradient on the gold logit', 'gradient')]);
}

async function choose(
  tensors: LazyEngine,
  name: string,
  settings: readonly string[],
): Promise<{ readonly loss: string; readonly spec: LossSpec; readonly params: ParamValues }> {
  const { isLossFile, lossSpec, parseLossParams } = await import('../losses/index.js');
  const { presetOf, PRESETS } = await import('../losses/presets.js');
  const { parseSetting } = await import('../config/layers.js');
  const layers = settings.map((setting) => parseSetting(setting).values as Record<string, unknown>);
  const preset = Object.hasOwn(PRESETS, name) ? presetOf(name) : undefined;
  const raw = Object.assign({}, preset?.params, ...layers.map((layer) => layer.loss ?? layer)) as unknown;
  const loss = preset?.loss ?? name;
  if (!isLossFile(loss)) return { loss, spec: lossSpec(loss), params: parseLossParams(loss, raw) };
  const { holdToContract, loadLossFile } = await import('../losses/file.js');
  await tensors.open();
  const { spec } = await loadLossFile(loss);
  const params = parseLossParams(loss, raw);
  await holdToContract(loss, params, ANY_LABELS);
  return { loss, spec, params };
}

/** Labels to hold a loss to the contract with, where there is no corpus. */
const ANY_LABELS = { labels: ['O', 'B-X', 'I-X', 'B-Y'], counts: [900, 60, 30, 10], outside: 0 };

/** k = 2 beside k = 1. */
function bothFactors({ name, params }: View): View[] {
  if (!('k' in params)) return [{ name, params }];
  return [2, 1].map((k) => ({ name: `${name}, k ${k}`, params: { ...params, k } }));
}
