import { type Corpora, lossContext, type Split } from '../run/corpora';
import { DECODE_METHODS } from '../heads/decoding';
import { initFromText } from '../run/initFrom';
import { lossSpec, type ParamValues } from '../losses';
import { presetNameOf, presetOf } from '../losses/presets';
import { weightsByLabel } from '../losses/weights';
import type { RunSetup } from '../run';
import { forecastLine } from './losses';
import { SAMPLINGS, type SamplingName } from '../data/sampling';
import { taggingText } from '../data/tagging';
import type { Task } from '../data/types';
import { typeTitle } from '../schemes';
import { count, someOf, visible } from '../wording';

/** What is about to be trained on what, where and why: printed before the first epoch. */
export function setupText({
  config,
  corpora,
  engine,
  folder,
  weights,
  decoding,
  resumed,
  lossFile,
  initFrom,
  forecast,
  draws,
}: RunSetup): string {
  const { name, ...params } = config.loss;
  const { name: short, title, formula } = lossSpec(name);
  const versions = Object.entries(engine.versions).map(([library, version]) => `${library} ${version}`);
  const lines = [
    ...[corpora.train, corpora.dev, corpora.test].flatMap((split) => (split ? [splitLine(split)] : [])),
    `tagger: ${count(weights, 'weight')}, ${count(corpora.vocab.wordCount, 'word')}, ${count(corpora.vocab.labels.length, 'label')}, seed ${config.seed}`,
    ...corpora.features.found.lines,
    ...(initFrom ? [initFromText(initFrom)] : []),
    decodingLine(decoding, config.decode, corpora.train.corpus.task),
    `loss ${short}: ${title}, ${formula}`,
    ...parameterLines(params),
    ...(lossFile ? ownLossLines(lossFile) : []),
    ...presetLines(name, params),
    ...(forecast && name !== 'ce' ? [`  ${forecastLine(forecast)}`] : []),
    ...weightLines(params.weights, corpora),
    ...(draws ? [drawsLine(config.train.sampling, draws)] : []),
    `engine ${engine.name}: ${engine.device}, ${count(engine.threads, 'thread')}, ${versions.join(', ')} (${engine.why})`,
    `run folder ${folder}`,
    ...(resumed ? resumedLines(resumed, engine) : []),
  ];
  return lines.map((line) => `${visible(line.trimEnd())}\n`).join('');
}

/** Classes in the line of the sampling. */
const DRAWN = 12;

/** How often an epoch has the sentences of each class, the most often drawn first. */
function drawsLine(name: SamplingName, { classes, none }: NonNullable<RunSetup['draws']>): string {
  const often = (draws: number): string => `${draws.toFixed(2)} times`;
  const told = classes.map(([kind, draws]) => `${typeTitle(kind)} ${often(draws)}`);
  const without = none === null ? '' : `, one without ${often(none)}`;
  return `sampling ${name}: ${SAMPLINGS[name].title}; an epoch has a sentence of ${someOf(told, DRAWN)}${without}`;
}

/** What a loss of ours would show in `dsc-train losses`. */
function ownLossLines({ path, sha256, contract }: NonNullable<RunSetup['lossFile']>): string[] {
  const { floor, pStar, points } = contract.portrait;
  const pull = points.map(({ p, gradient }) => `grad(${p}) ${gradient.toFixed(6)}`);
  return [
    `  of ${path} (SHA-256 ${sha256.slice(0, 12)}), which keeps to the contract of losses in all ${contract.clauses} clauses`,
    `  one token: floor ${floor.toFixed(4)}, p* ${pStar.toFixed(4)}, ${pull.join(', ')}`,
  ];
}

function decodingLine(
  { method, outsideBias }: RunSetup['decoding'],
  asked: RunSetup['config']['decode'],
  task: Task,
): string {
  const why = asked.method === 'auto' ? (task === 'chunks' ? 'entities' : 'plain tags') : 'asked for';
  const bias =
    asked.outsideBias === 'dev'
      ? ['a bias of the outside label is fitted on dev at the end']
      : outsideBias === 0
        ? []
        : [`bias ${outsideBias} of the outside label`];
  return [`decoding ${method} (${why}): ${DECODE_METHODS[method]}`, ...bias].join('; ');
}

function resumedLines({ state, engine: before }: NonNullable<RunSetup['resumed']>, now: RunSetup['engine']): string[] {
  const at =
    state.batch > 0
      ? `in epoch ${state.epoch}, after ${count(state.batch, 'batch', 'batches')}`
      : `after epoch ${state.epoch - 1}`;
  const lines = [`resumed ${at}`];
  if (before.name !== now.name || before.threads !== now.threads) {
    const then = `${before.name} with ${count(before.threads, 'thread')}`;
    lines.push(`  it was trained on ${then} so far: from here on the numbers may differ in their last digits`);
  }
  return lines;
}

function parameterLines(params: ParamValues): string[] {
  const text = Object.entries(params).map(
    ([key, value]) => `${key} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`,
  );
  return text.length > 0 ? [`  ${text.join(', ')}`] : [];
}

function presetLines(loss: string, params: ParamValues): string[] {
  const name = presetNameOf(loss, params);
  return name === undefined ? [] : [`  preset ${name}: ${presetOf(name).what}`];
}

/** What weights by tag come to, where the labels inside are not the tags of the file. */
function weightLines(weights: ParamValues[string] | undefined, corpora: Corpora): string[] {
  if (typeof weights !== 'object') return [];
  const context = lossContext(corpora);
  const { written = [], labels } = context;
  if (written.every(({ label, labels: of }) => of.length === 1 && of.every((only) => only.label === label))) return [];
  const each = weightsByLabel(weights, context).map((weight, i) => `${labels[i]} ${Number(weight.toFixed(4))}`);
  return [`  weights of the labels inside (IOB2; the mean over the tokens of each): ${each.join(', ')}`];
}

function splitLine({ name, corpus }: Split): string {
  const { sentences, tokens, scheme, tagging, format } = corpus;
  return `${name}: ${count(sentences.length, 'sentence')}, ${count(tokens, 'token')}, ${format.name}, tags ${taggingText(tagging)} (${scheme.why})`;
}
