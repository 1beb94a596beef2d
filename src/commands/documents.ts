import type { Command } from 'commander';
import { configKeys } from '../config';
import { RECIPES } from '../config/recipes';
import { domainOf } from '../config/schema';
import { ENGINES } from '../engine';
import { EXIT_CODES } from '../errors';
import { LOSSES } from '../losses';
import type { LossSpec, Param } from '../losses/loss';
import { PRESETS, presetLoss } from '../losses/presets';
import { groupBy } from '../order';
import { WARNINGS } from '../warnings';
import {
  ablationOf,
  ablationTable,
  averagesOf,
  busyFigures,
  busyTable,
  code,
  crfTable,
  decodingsTable,
  defaultsTable,
  enginesFigures,
  enginesTable,
  gainsTable,
  installFigures,
  installTable,
  layersFigures,
  layersTable,
  memoryFigures,
  memoryTable,
  ownTable,
  paysTable,
  readingTable,
  speedFigures,
  speedTable,
  startFigures,
  runsFigures,
  runsTable,
  powerFigures,
  powerTable,
  startTable,
  type Table,
  untilFigures,
  untilTable,
  trainingTable,
  timingText,
  tuningTable,
} from './measurements';

/** Parts of the documents that are made from the tables of the program, between two lines that are comments of Markdown. */
const MADE = {
  commands: (program) => table(['command', 'what it does'], commandRows(program)),
  'exit-codes': () => table(['exit code', 'meaning'], Object.entries(EXIT_CODES)),
  warnings: () =>
    Object.entries(WARNINGS)
      .map(([code, { what }]) => `- \`${code}\`: ${what}`)
      .join('\n'),
  losses: () => table(['name', 'what', 'of one term', 'parameters, defaults'], Object.values(LOSSES).map(lossRow)),
  'loss-parameters': () => table(['parameter', 'of', 'takes', 'meaning'], parameterRows()),
  presets: () =>
    table(
      ['preset', 'what', 'stands for'],
      Object.entries(PRESETS).map(([name, preset]) => {
        const { name: loss, ...params } = presetLoss(preset);
        return [code(name), preset.what, `${code(String(loss))}: ${settings(params)}`];
      }),
    ),
  engines: () =>
    table(
      ['engine', 'what', 'needs'],
      Object.entries(ENGINES).map(([name, { what, needs }]) => [code(name), what, needs]),
    ),
  recipes: () =>
    table(
      ['recipe', 'for'],
      Object.entries(RECIPES).map(([name, why]) => [code(`--config bundled:${name}`), why]),
    ),
  keys: () =>
    table(
      ['key', 'default', 'takes', 'meaning'],
      configKeys().map(({ key, default: value, meaning }) => [
        code(key),
        value === undefined ? '' : code(JSON.stringify(value)),
        domainOf(key.split('.')),
        meaning,
      ]),
    ),
  'dice-pays': () => tableOf(paysTable()),
  gains: () => tableOf(gainsTable()),
  decodings: () => tableOf(decodingsTable()),
  ablation: () => tableOf(ablationTable(ablationOf('ablation'))),
  'ablation-pos': () => tableOf(ablationTable(ablationOf('ablation-pos'))),
  schedules: () => tableOf(ablationTable(ablationOf('schedules'))),
  crf: () => tableOf(averagesOf('crf')),
  power: () => tableOf(powerTable(powerFigures())),
  until: () => tableOf(untilTable(untilFigures())),
  sampling: () => tableOf(averagesOf('sampling')),
  given: () => tableOf(averagesOf('given')),
  tuning: () => tableOf(tuningTable()),
  pos: () => tableOf(averagesOf('pos', 'argmax')),
  training: () => tableOf(trainingTable()),
  defaults: () => tableOf(defaultsTable()),
  speed: () => timed(speedFigures('speed'), (found) => speedTable(found, 'peer')),
  'speed-own': () => timed(speedFigures('speed'), (found) => speedTable(found, 'beside'), ownTable),
  'speed-gpu': () => timed(speedFigures('speed-gpu'), (found) => speedTable(found, 'peer')),
  'speed-crf': () => timed(speedFigures('speed'), crfTable),
  busy: () => timed(busyFigures(), busyTable),
  tensorflow: () => timed(layersFigures(), layersTable),
  'speed-engines': () => timed(enginesFigures(), enginesTable),
  reading: () => timed(speedFigures('reading'), readingTable),
  memory: () => timed(memoryFigures(), memoryTable),
  runs: () => timed(runsFigures(), runsTable),
  start: () => timed(startFigures(), startTable),
  install: () => timed(installFigures(), installTable),
} as const satisfies Readonly<Record<string, (program: Command) => string>>;

const BETWEEN = /^<!-- made: ([\w-]+) -->\n[^]*?^<!-- end -->$/gm;

/**
 * A document with the parts between its markers made anew: a line with `made:` and the part's name, and one with `end`, each a comment.
 * @throws Error where a marker names no part
 */
export function remade(document: string, program: Command): string {
  return document.replace(BETWEEN, (_, name: string) => {
    if (!Object.hasOwn(MADE, name))
      throw new Error(`no part '${name}' can be made; parts: ${Object.keys(MADE).join(', ')}`);
    return `<!-- made: ${name} -->\n\n${MADE[name as keyof typeof MADE](program)}\n\n<!-- end -->`;
  });
}

/** Code points. */
const lengthOf = (cell = ''): number => Array.from(cell).length;

/** A table of Markdown, its columns as wide as their cells, as prettier has them. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows].map((row) => row.map((cell) => cell.replace(/\|/g, '\\|')));
  const widths = head.map((_, c) => Math.max(3, ...all.map((row) => lengthOf(row[c]))));
  const line = (row: readonly string[]): string =>
    `| ${widths.map((width, c) => (row[c] ?? '') + ' '.repeat(width - lengthOf(row[c]))).join(' | ')} |`;
  const [first = [], ...others] = all;
  return [line(first), line(widths.map((width) => '-'.repeat(width))), ...others.map(line)].join('\n');
}

const tableOf = ([head = [], ...rows]: Table): string => table(head, rows);

/** Where it was measured, then the tables. */
const timed = <T extends Parameters<typeof timingText>[0]>(found: T, ...tables: ((found: T) => Table)[]): string =>
  [timingText(found), ...tables.map((make) => tableOf(make(found)))].join('\n\n');

const commandRows = (program: Command): string[][] =>
  program
    .createHelp()
    .visibleCommands(program)
    .filter((command) => command.name() !== 'help')
    .map((command) => [code(`dsc-train ${command.name()}`), command.description()]);

function lossRow({ name, title, formula, params }: LossSpec): string[] {
  return [code(name), title, code(formula), settings(Object.fromEntries(Object.entries(params).map(([key, param]) => [key, param.default])))]; // prettier-ignore
}

const settings = (values: Readonly<Record<string, unknown>>): string =>
  Object.entries(values)
    .map(([key, value]) => `${code(key)} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');

/** Parameters that mean the same in several losses stand once. */
function parameterRows(): string[][] {
  const all = Object.values<LossSpec>(LOSSES).flatMap(({ name, params }) =>
    Object.entries(params).map(([key, param]) => ({ key, param, name })),
  );
  const alike = groupBy(all, ({ key, param }) => `${key}\0${taken(param)}\0${param.meaning}`);
  return [...alike.values()].map((same) => {
    const { key, param } = same[0] as (typeof all)[number];
    return [code(key), same.map(({ name }) => code(name)).join(', '), taken(param), param.meaning + onlyWith(param)];
  });
}

function taken(param: Param): string {
  switch (param.type) {
    case 'number':
      return `${param.range[0]} to ${param.range[1]}`;
    case 'boolean':
      return 'true or false';
    case 'choice':
      return param.choices.map(code).join(', ');
    case 'weights':
      return `${param.choices.map(code).join(', ')}, or numbers by label`;
  }
}

function onlyWith({ when = {} }: Param): string {
  const needs = Object.entries(when).map(([key, values]) => code(`${key}=${values.join('|')}`));
  return needs.length > 0 ? ` (with ${needs.join(' and ')})` : '';
}
