import { z } from 'zod';
import { FORMATS } from './data/formats';
import { SCHEMES } from './data/schemes';
import { ENGINES } from './engine';
import { UserError } from './errors';
import { readText } from './files';
import { LOSSES, type LossName, type ParamValues, parseLossParams } from './losses';
import { didYouMean } from './nearest';

/** Where a value came from, for messages: `configs/x.json`, `--set`, `--loss`. */
export interface Layer {
  readonly source: string;
  readonly values: unknown;
}

/** `bundled:` names a file of the corpora that ship with the package. */
const BUNDLED = { train: 'bundled:ner/train.conll', dev: 'bundled:ner/dev.conll', test: 'bundled:ner/test.conll' };

const names = <T extends object>(table: T) => Object.keys(table) as [keyof T & string, ...(keyof T & string)[]];
const column = z.union([z.int().positive(), z.string().min(1)]);
const share = z.number().min(0).lt(1);
const positive = z.number().positive();
const count = z.int().positive();

const schema = z.strictObject({
  data: z
    .strictObject({
      train: z.string().min(1).describe('training file; `bundled:ner/train.conll` is the sample corpus'),
      dev: z.string().min(1).describe('development file: chooses the best epoch'),
      test: z.string().min(1).nullable().default(null).describe('test file, scored once at the end'),
      format: z
        .enum(['auto', ...names(FORMATS)])
        .default('auto')
        .describe('file format'),
      tokenColumn: column.nullable().default(null).describe('token column, by 1-based number or name'),
      tagColumn: column.nullable().default(null).describe('tag column, by 1-based number or name'),
      scheme: z
        .enum(['auto', ...names(SCHEMES)])
        .default('auto')
        .describe('tagging scheme'),
    })
    .describe('corpus'),
  model: z
    .strictObject({
      wordDim: count.default(100).describe('width of a word embedding'),
      shapeDim: count.default(8).describe('width of a capitalisation embedding'),
      hidden: count.default(128).describe('LSTM units per direction'),
      layers: count.default(1).describe('BiLSTM layers'),
      dropout: share.default(0.4).describe('dropout on embeddings and on LSTM outputs'),
      wordDropout: share.default(0.1).describe('share of training words replaced by the unknown word'),
      minCount: count.default(1).describe('words seen less often in training become the unknown word'),
    })
    .prefault({})
    .describe('tagger'),
  loss: z
    .looseObject({ name: z.enum(names(LOSSES)).default('dsc').describe('loss; its parameters stand beside it') })
    .prefault({}),
  train: z
    .strictObject({
      epochs: count.default(30).describe('epochs at the most'),
      batchTokens: count.default(512).describe('tokens in a batch'),
      learningRate: positive.default(0.005).describe("Adam's step size"),
      beta1: share.default(0.9).describe("Adam's decay of the first moment"),
      beta2: share.default(0.999).describe("Adam's decay of the second moment"),
      epsilon: positive.default(1e-8).describe("Adam's denominator floor"),
      clipNorm: positive.default(5).describe('global gradient norm above which gradients are scaled down'),
      metric: z
        .string()
        .min(1)
        .default('auto')
        .describe('dev metric for early stopping: micro-f1, macro-f1, accuracy, PER.f1, ...'),
      patience: count.default(5).describe('epochs without a better dev score before training stops'),
      decayFactor: positive.max(1).default(0.5).describe('learning-rate factor on a plateau'),
      decayPatience: count.default(2).describe('epochs without a better dev score before the learning rate decays'),
      warmupEpochs: z.int().min(0).default(0).describe('first epochs trained with plain cross-entropy'),
      stuckEpochs: count.default(3).describe('epochs of predicting only `O` before the stuck-run warning'),
    })
    .prefault({}),
  engine: z
    .strictObject({
      name: z
        .enum(['auto', ...names(ENGINES)])
        .default('auto')
        .describe('compute engine'),
      threads: count.nullable().default(null).describe("CPU threads; null takes the machine's cores"),
    })
    .prefault({}),
  analysis: z
    .strictObject({
      gradientShare: z
        .boolean()
        .default(false)
        .describe('measure each epoch which tokens the gradient comes from: by label, and by how sure the tagger is'),
    })
    .prefault({}),
  seed: z.int().min(0).max(0xffffffff).default(1).describe('seed of every random draw'),
  out: z.string().min(1).nullable().default(null).describe('run folder; null makes runs/<date>-<loss>-<seed>'),
});

/** A checked config; `loss` holds the loss's name and every one of its parameters. */
export type Config = Omit<z.output<typeof schema>, 'loss'> & {
  readonly loss: { readonly name: LossName } & ParamValues;
};
export type TrainConfig = Config['train'];
export type ModelConfig = Config['model'];

/**
 * Merges the layers (later wins), fills the defaults and checks everything.
 * @throws UserError listing every unknown key, ill-typed value and bad loss parameter at once
 */
export function parseConfig(layers: readonly Layer[]): Config {
  const sources = new Map<string, string>();
  const merged: Tree = {};
  const lossName = layers.map(({ values }) => lookUp(values, ['loss', 'name'])).findLast((name) => name !== undefined);
  for (const { source, values } of layers) merge(merged, withoutOtherLoss(values, lossName), source, sources);
  if (!('data' in merged)) merged.data = { ...BUNDLED };

  const parsed = schema.safeParse(merged);
  const problems = parsed.success ? [] : parsed.error.issues.flatMap((issue) => describe(issue, merged, sources));
  problems.push(...lossProblems(merged.loss, sources));
  if (problems.length > 0 || !parsed.success) {
    throw new UserError(problems.join('\n'), 'the keys, their meaning and defaults: dsc-train config');
  }
  const { name, ...params } = parsed.data.loss;
  return { ...parsed.data, loss: { name, ...parseLossParams(name, params) } };
}

/** Every key with its default and meaning, for `dsc-train config`. */
export function configKeys(): { key: string; default: unknown; meaning: string }[] {
  const defaults: unknown = schema.parse({ data: BUNDLED });
  return leaves(schema).map(([path, meaning]) => ({ key: path.join('.'), default: lookUp(defaults, path), meaning }));
}

/** `train.batchTokens=2048` as a layer; the value is read as JSON where it is JSON, else as text. */
export function parseSetting(text: string): Layer {
  const [, key, value] = /^([\w.-]+)=(.*)$/s.exec(text) ?? [];
  if (!key) throw new UserError(`--set ${text}: expected key=value`, 'for example --set train.batchTokens=2048');
  return { source: '--set', values: nest(key, jsonOrText(value)) };
}

/** A JSON config file as a layer. @throws UserError with line and column where it is no JSON */
export async function readConfigFile(path: string): Promise<Layer> {
  const text = await readText(path);
  try {
    return { source: path, values: JSON.parse(text) as unknown };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new UserError(`${path}${placeOf(error, text)}: ${error.message}`, 'a config file is one JSON object');
  }
}

/** V8 names a position in most of its messages, and the end of the text in one. */
function placeOf(error: SyntaxError, text: string): string {
  const found = /at position (\d+)/.exec(error.message);
  if (!found && !error.message.includes('end of JSON')) return '';
  const before = text.slice(0, found ? Number(found[1]) : text.length).split('\n');
  return `:${before.length}:${before[before.length - 1].length + 1}`;
}

/** `{ 'a.b': 1 }` as `{ a: { b: 1 } }`. */
export function nest(key: string, value: unknown): unknown {
  return key.split('.').reduceRight<unknown>((inner, part) => ({ [part]: inner }), value);
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

type Tree = Record<string, unknown>;

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A layer that names another loss than the one chosen in the end loses its parameters: they are that other loss's. */
function withoutOtherLoss(values: unknown, chosen: unknown): unknown {
  const named = lookUp(values, ['loss', 'name']);
  return isTree(values) && named !== undefined && named !== chosen ? { ...values, loss: { name: named } } : values;
}

/** Deep merge; later values win. */
function merge(into: Tree, values: unknown, source: string, sources: Map<string, string>, path = ''): void {
  if (!isTree(values)) throw new UserError(`${source}: expected an object, found ${JSON.stringify(values)}`);
  for (const [key, value] of Object.entries(values)) {
    sources.set(path + key, source);
    const old = into[key];
    if (!isTree(value)) into[key] = value;
    else merge(isTree(old) ? old : (into[key] = {}), value, source, sources, `${path}${key}.`);
  }
}

function describe(issue: z.core.$ZodIssue, merged: Tree, sources: Map<string, string>): string[] {
  const path = issue.path.map(String);
  const at = (key: string): string => `${sources.get(key) ?? 'config'}: ${key}`;
  if (issue.code === 'unrecognized_keys') {
    const siblings = leaves(schema).flatMap(([leaf]) => (startsWith(leaf, path) ? [leaf[path.length]] : []));
    return issue.keys.map(
      (key) => `${at([...path, key].join('.'))}: unknown key; ${didYouMean(key, [...new Set(siblings)])}`,
    );
  }
  const key = path.join('.');
  const found = lookUp(merged, path);
  if (found === undefined) {
    return [`${at(key)} is missing`];
  }
  const hint =
    issue.code === 'invalid_value'
      ? didYouMean(typeof found === 'string' ? found : JSON.stringify(found), issue.values.map(String))
      : expected(issue);
  return [`${at(key)}: found ${JSON.stringify(found)}; ${hint}`];
}

/** zod's own words, without its leading "Invalid input: ". */
const expected = (issue: z.core.$ZodIssue): string =>
  issue.message.replace(/^Invalid input: /, '').replace(/^Too /, 'too ');

const startsWith = (leaf: readonly string[], path: readonly string[]): boolean =>
  leaf.length > path.length && path.every((part, i) => leaf[i] === part);

const lookUp = (tree: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((node, part) => (isTree(node) ? node[part] : undefined), tree);

function leaves(node: z.core.$ZodType, path: string[] = []): [string[], string][] {
  const inner = node instanceof z.ZodPrefault ? node.unwrap() : node;
  if (!(inner instanceof z.ZodObject)) return [[path, (node as z.ZodType).description ?? '']];
  const shape = inner.shape as Record<string, z.ZodType>;
  return Object.entries(shape).flatMap(([key, value]) => leaves(value, [...path, key]));
}

/** A loss checks its own parameters; its problems are listed with the others. */
function lossProblems(loss: unknown, sources: Map<string, string>): string[] {
  const { name, ...params } = isTree(loss) ? loss : {};
  const loss_ = name ?? 'dsc';
  if (typeof loss_ !== 'string' || !(loss_ in LOSSES)) return [];
  try {
    parseLossParams(loss_, params);
    return [];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return error.message.split('\n').map((line) => `${sources.get('loss') ?? 'config'}: ${line}`);
  }
}
