import { z } from 'zod';
import { SAMPLINGS } from '../data/sampling';
import { ENGINES } from '../engine';
import { type FeatureSettings, type Setting, SETTINGS, type SettingName } from '../features';
import { DECODE_METHODS } from '../heads/decoding'; // heads themselves bring tensors
import { HEAD_KINDS } from '../heads/kinds';
import { findLoss, isLossFile, LOSSES, type ParamValues } from '../losses';
import { FLOAT32, isFloat32 } from '../losses/params';
import { OUTPUT_BIASES } from '../model/outputBias';
import { LOGS } from '../train/logs';
import { SCHEDULES } from '../train/schedule';
import { didYouMean } from '../wording';
import { BUNDLED } from './layers';
import { names, readingSchema } from './reading';

/** The corpus that is trained on when none is named. */
export const SAMPLE_CORPUS = {
  train: `${BUNDLED}ner/train.conll`,
  dev: `${BUNDLED}ner/dev.conll`,
  test: `${BUNDLED}ner/test.conll`,
};

const float = z.number().refine(isFloat32, {
  error: `expected a number that float32 holds, from ${FLOAT32.min.toExponential(1)} to ${FLOAT32.max.toExponential(1)}`,
  abort: true,
});
const share = float
  .min(0)
  .lt(1)
  .refine((value) => value >= 1 || Math.fround(value) < 1, {
    error: 'expected a number that float32 tells from 1',
    abort: true,
  });
const positive = float.positive();
const count = z.int().positive();

/** What follows the dev scores, as far as the learning rate does. */
const DECAY = { decayFactor: 0.5, decayPatience: 2 };

function settingSchema(setting: Setting): z.ZodType {
  switch (setting.type) {
    case 'file':
      return z.string().min(1).nullable().default(setting.default);
    case 'choice':
      return z.enum(setting.choices).nullable().default(setting.default);
    case 'flag':
      return z.boolean().default(setting.default);
    case 'whole':
    case 'number': {
      const value = setting.type === 'whole' ? z.int().min(setting.least) : float.min(setting.least);
      return setting.default === null ? value.nullable().default(null) : value.default(setting.default);
    }
  }
}

const featureSettings = Object.fromEntries(
  Object.entries(SETTINGS).map(([name, setting]) => [name, settingSchema(setting).describe(setting.meaning)]),
) as { [Name in SettingName]: z.ZodDefault<z.ZodType<FeatureSettings[Name], FeatureSettings[Name]>> };

/** What is right where a loss is not. */
const lossHint = (name: unknown): string =>
  isLossFile(name) ? 'the file was not loaded' : didYouMean(String(name), Object.keys(LOSSES));

const sections = z.strictObject({
  data: z
    .strictObject({
      train: z.string().min(1).describe('training file; `bundled:ner/train.conll` is the sample corpus'),
      dev: z.string().min(1).describe('development file: chooses the best epoch'),
      test: z.string().min(1).nullable().default(null).describe('test file, scored once at the end'),
      ...readingSchema.shape,
    })
    .describe('corpus'),
  model: z
    .strictObject({
      ...featureSettings,
      head: z
        .enum(names(HEAD_KINDS))
        .default('softmax')
        .describe(
          `from scores to tags: ${Object.entries(HEAD_KINDS)
            .map(([name, { title }]) => `\`${name}\` (${title})`)
            .join(', ')}`,
        ),
      outputBias: z
        .enum(names(OUTPUT_BIASES))
        .default('priors')
        .describe(
          `bias of the labels before training: ${Object.entries(OUTPUT_BIASES)
            .map(([name, { title }]) => `\`${name}\` (${title})`)
            .join(', ')}; a CRF may gain or lose points by \`zero\`: let dev say`,
        ),
      hidden: count.default(128).describe('LSTM units per direction'),
      layers: count.default(1).describe('BiLSTM layers'),
      dropout: share.default(0.4).describe('dropout on embeddings and on LSTM outputs'),
      wordDropout: share.default(0.1).describe('share of training words replaced by the unknown word'),
      minCount: count.default(1).describe('words seen less often in training become the unknown word'),
      initFrom: z
        .string()
        .min(1)
        .nullable()
        .default(null)
        .describe('run folder or .ckpt file whose tagger training starts from; words, labels, features match by name'),
    })
    .prefault({})
    .describe('tagger'),
  decode: z
    .strictObject({
      method: z
        .enum(['auto', ...names(DECODE_METHODS)])
        .default('auto')
        .describe(
          'how tags are chosen: `valid` gives the likeliest sequence that the scheme allows, `argmax` the likeliest tag of each token; `auto` is `valid` for entities, `argmax` for plain tags',
        ),
      outsideBias: z
        .union([z.literal('dev'), float])
        .nullable()
        .default(null)
        .describe(
          'added to the score of the outside label wherever tags are chosen; `dev` takes what scores best on dev at the end',
        ),
    })
    .prefault({}),
  loss: z
    .looseObject({
      name: z
        .string()
        .refine((name) => findLoss(name) !== undefined, { error: ({ input }) => lossHint(input) })
        .default('dsc')
        .describe('loss, or the file of your own (`./my-loss.mjs`); its parameters stand beside it'),
    })
    .prefault({}),
  train: z
    .strictObject({
      epochs: count.default(30).describe('epochs at the most'),
      batchTokens: count.default(512).describe('tokens in a batch'),
      sampling: z
        .enum(names(SAMPLINGS))
        .default('uniform')
        .describe(
          `which sentences an epoch has: ${Object.entries(SAMPLINGS)
            .map(([name, { title }]) => `\`${name}\` (${title})`)
            .join(', ')}`,
        ),
      learningRate: positive.default(0.005).describe("Adam's step size"),
      schedule: z
        .enum(names(SCHEDULES))
        .default('plateau')
        .describe(
          `how the learning rate goes: ${Object.entries(SCHEDULES)
            .map(([name, { title }]) => `\`${name}\` (${title})`)
            .join(', ')}`,
        ),
      warmupSteps: z
        .int()
        .min(0)
        .default(0)
        .describe('first updates, over which the learning rate grows evenly to that of the schedule'),
      beta1: share.default(0.9).describe("Adam's decay of the first moment"),
      beta2: share.default(0.999).describe("Adam's decay of the second moment"),
      epsilon: positive.default(1e-8).describe("Adam's denominator floor"),
      ema: share
        .default(0)
        .describe('decay of an exponential moving average of the weights, which is scored on dev and kept; 0 for none'),
      clipNorm: positive.default(5).describe('global gradient norm above which gradients are scaled down'),
      metric: z
        .string()
        .min(1)
        .default('auto')
        .describe('dev metric for early stopping: micro-f1, macro-f1, accuracy, PER.f1, ...'),
      patience: count
        .nullable()
        .default(null)
        .describe(
          'epochs without a better dev score before training stops; null: 5 with plateau, never with a schedule that runs to the end of train.epochs',
        ),
      decayFactor: positive.max(1).default(DECAY.decayFactor).describe('learning-rate factor on a plateau'),
      decayPatience: count
        .default(DECAY.decayPatience)
        .describe('epochs without a better dev score before the learning rate decays'),
      warmupEpochs: z.int().min(0).default(0).describe('first epochs trained with plain cross-entropy'),
      keep: z
        .array(z.union([z.enum(['best', 'last']), z.templateLiteral(['every ', count])]))
        .default(['best', 'last'])
        .describe('checkpoints that stay: `best`, `last` (what --resume needs), `every 5` (epoch-5.ckpt, ...)'),
      saveSeconds: positive.default(60).describe('seconds between two saves of the state within an epoch'),
      stuckEpochs: count.default(3).describe('epochs of predicting only `O` before the stuck-run warning'),
    })
    .superRefine(({ schedule, ...train }, context) => {
      if (SCHEDULES[schedule].followsDev) return;
      for (const [key, value] of Object.entries(DECAY))
        if (train[key as keyof typeof DECAY] !== value)
          context.addIssue({
            code: 'custom',
            path: [key],
            message: `it acts with train.schedule=plateau, which is ${schedule} here`,
          });
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
  log: z
    .enum(names(LOGS))
    .nullable()
    .default(null)
    .describe(
      `another log beside log.jsonl: ${Object.entries(LOGS)
        .map(([name, { title, file }]) => `\`${name}\` (${file}, ${title})`)
        .join(', ')}`,
    ),
  seed: z.int().min(0).max(0xffffffff).default(1).describe('seed of every random draw'),
  out: z.string().min(1).nullable().default(null).describe('run folder; null makes runs/<date>-<loss>-<seed>'),
});

/** The sections, and what one says of another. */
export const schema = sections.superRefine(({ model, train }, context) => {
  if (model.embedVectors === null || train.keep.includes('best')) return;
  context.addIssue({
    code: 'custom',
    path: ['model', 'embedVectors'],
    message: 'it packs into best.ckpt, which train.keep leaves out',
  });
});

/** A checked config; `loss` holds the loss's name and every one of its parameters. */
export type Config = Omit<z.output<typeof schema>, 'loss'> & {
  readonly loss: { readonly name: string } & ParamValues;
};
type Some<T> = T extends readonly unknown[] | string | number | boolean | null | undefined
  ? T
  : { readonly [K in keyof T]?: Some<T[K]> | undefined };

/** What a JSON config file holds: any of the keys that `dsc-train config` lists; the parameters of the loss stand beside its name. */
export type ConfigValues = Omit<Some<z.input<typeof schema>>, 'loss'> & {
  readonly loss?: { readonly name?: string | undefined; readonly [param: string]: unknown } | undefined;
};

export type TrainConfig = Config['train'];
export type ModelConfig = Config['model'];

/** Every key of the schema with its path and meaning. */
export const keysOf = (): [string[], string][] => leaves(schema);

function leaves(node: z.core.$ZodType, path: string[] = []): [string[], string][] {
  const inner = node instanceof z.ZodPrefault ? node.unwrap() : node;
  if (!(inner instanceof z.ZodObject)) return [[path, (node as z.ZodType).description ?? '']];
  const shape = inner.shape as Record<string, z.ZodType>;
  return Object.entries(shape).flatMap(([key, value]) => leaves(value, [...path, key]));
}

/** The parts of a JSON Schema that this schema has. */
interface Domain {
  readonly type?: string;
  readonly const?: string;
  readonly enum?: readonly string[];
  readonly anyOf?: readonly Domain[];
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly exclusiveMaximum?: number;
  readonly properties?: Readonly<Record<string, Domain>>;
}

/** What a key takes, in words: `a whole number from 1 up`. */
export function domainOf(path: readonly string[]): string {
  const root = z.toJSONSchema(schema, { io: 'input' }) as Domain;
  const at = path.reduce<Domain | undefined>((node, part) => node?.properties?.[part], root);
  return at ? inWords(at) : 'something else';
}

function inWords(domain: Domain): string {
  if (domain.anyOf) return domain.anyOf.map(inWords).join(' or ');
  if (domain.const !== undefined) return `'${domain.const}'`;
  if (domain.enum) return `one of ${domain.enum.join(', ')}`;
  switch (domain.type) {
    case 'integer':
      return `a whole number${range(domain)}`;
    case 'number':
      return `a number${range(domain)}`;
    case 'boolean':
      return 'true or false';
    case 'string':
      return 'text that is not empty';
    case 'object':
      return 'an object';
    case 'array':
      return 'a list such as ["best", "last"]';
    default:
      return domain.type ?? 'something else';
  }
}

function range({ type, minimum, exclusiveMinimum, maximum, exclusiveMaximum }: Domain): string {
  const whole = type === 'integer' && exclusiveMinimum !== undefined; // above 0 is from 1
  const from = whole ? exclusiveMinimum + 1 : minimum;
  const low = from !== undefined ? `from ${from}` : exclusiveMinimum !== undefined ? `above ${exclusiveMinimum}` : '';
  const capped = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
  const high = capped ? `to ${maximum}` : exclusiveMaximum !== undefined ? `to below ${exclusiveMaximum}` : '';
  const words = [low, high || (low.startsWith('from') ? 'up' : '')].filter((word) => word !== '');
  return words.length > 0 ? ` ${words.join(' ')}` : '';
}
