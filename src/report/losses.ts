import { present } from '../errors';
import type { Portrait } from '../losses/curve';
import { type Preset, presetLoss } from '../losses/presets';
import type { LossSpec, Param, ParamValue, ParamValues } from '../losses/loss';
import type { Forecast } from '../run/forecast';
import { someOf, whole } from '../wording';
import { align } from './text';

/** One view of a loss: what it is called and how one token fares under it. */
export interface View {
  readonly name: string;
  readonly portrait: Portrait;
}

/** A loss with formula, source, parameters, and for each view floor, p* and gradients on the gold logit. */
export function lossText(spec: LossSpec, params: ParamValues, views: readonly View[]): string {
  const rows = Object.entries(spec.params).map(
    ([name, param]) => `    ${parameter(name, param, present(params[name], name))}`,
  );
  const told = views.at(0)?.portrait.points ?? [];
  const table = align([
    ['one token', 'floor', 'p*', ...told.map(({ p }) => `grad(${p})`)],
    ...views.map(({ name, portrait }) => [
      name,
      portrait.floor.toFixed(4),
      portrait.pStar.toFixed(4),
      ...portrait.points.map(({ gradient }) => gradient.toFixed(6)),
    ]),
  ]);
  return [
    `${spec.name}  ${spec.title}`,
    `    ${spec.formula}`,
    `    source: ${spec.source}`,
    ...(rows.length > 0 ? rows : ['    no parameters']),
    ...table.map((line) => `    ${line}`),
    '',
  ].join('\n');
}

/** Pulls as they are printed: three digits, and no power of ten. */
const pullText = (pull: number): string => String(Number(pull.toPrecision(2)));

/** Labels in one line of a forecast. */
const IN_LINE = 12;

/** What a loss does to each label at the start, in one line, the commonest first. */
export function forecastLine({ labels }: Forecast): string {
  const sorted = [...labels].sort((a, b) => b.count - a.count);
  return `its pull at the start, where that of ce is 1: ${someOf(
    sorted.map(({ label, pull }) => `${label} ${pullText(pull)}`),
    IN_LINE,
  )}`;
}

/** The same as a table. @param file that it is of */
export function forecastText({ labels }: Forecast, file: string): string {
  const sorted = [...labels].sort((a, b) => b.count - a.count);
  const rows = sorted.map(({ label, count, pull, balance, lowered }) => [
    label,
    whole(count),
    pullText(pull),
    balance.toFixed(2),
    `${(100 * lowered).toFixed(0)} %`,
  ]);
  const lines = align([['at the start', 'tokens', 'pull, ce = 1', 'push : pull', 'batches that lower it'], ...rows]);
  return [`    on ${file}:`, ...lines.map((line) => `    ${line}`), ''].join('\n');
}

/** The presets: what each is, where it comes from, and what it stands for. */
export function presetText(presets: Readonly<Record<string, Preset>>): string {
  return Object.entries(presets)
    .map(([name, preset]) => {
      const { name: loss, ...params } = presetLoss(preset);
      const set = Object.entries(params).map(([key, value]) => `${key} ${String(value)}`);
      return `--preset ${name}  ${preset.what}\n    source: ${preset.source}\n    loss ${String(loss)}: ${set.join(', ')}\n`;
    })
    .join('\n');
}

function parameter(name: string, param: Param, value: ParamValue): string {
  const tune = param.tune ? `; try ${param.tune.join(', ')}` : '';
  const when = Object.entries(param.when ?? {}).map(([other, values]) => `; only with ${other} ${values.join(' or ')}`);
  return `${name} = ${JSON.stringify(value)}  (${domain(param)})  ${param.meaning}${tune}${when.join('')}`;
}

function domain(param: Param): string {
  switch (param.type) {
    case 'number':
      return `${param.range[0]} to ${param.range[1]}`;
    case 'boolean':
      return 'true, false';
    case 'choice':
      return param.choices.join(', ');
    case 'weights':
      return `${param.choices.join(', ')}, or numbers by label`;
  }
}
