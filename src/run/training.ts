import * as z from 'zod';
import type { Checkpoint, Section } from '../checkpoint';
import type { OwnLoss } from '../losses';
import type { Weight } from '../model/spec';
import type { EpochEvent, TrainEvent, WarningEvent } from '../train/events';
import type { Held } from '../train/parts';
import type { RunState } from '../train/state';
import { type WarningCode, WARNINGS } from '../warnings';
import type { Corpora } from './corpora';
import type { InitFrom } from './result';

/** A training as `last.ckpt` holds it beside the tagger: from here on it goes on as if it had never stopped. */
export interface Training {
  readonly state: RunState;
  readonly held: Held;
  /** Sums of the gradient meter in this epoch so far. */
  readonly gradients: Float64Array;
  /** Epochs and warnings so far. */
  readonly events: readonly (EpochEvent | WarningEvent)[];
  /** Bytes of `log.jsonl` that tell of this training; what follows tells of batches that will be trained again. */
  readonly logBytes: number;
  readonly data: DataHashes;
  /** The engine that it was saved on. */
  readonly engine: { readonly name: string; readonly threads: number };
  /** What it began from: that is not needed any more. */
  readonly initFrom: InitFrom | null;
}

/** SHA-256 of the files that it reads; null where there is no test file. */
export interface DataHashes {
  readonly train: string;
  readonly dev: string;
  readonly test: string | null;
  /** Of files that features have values from, and of that of the loss, by config key; absent where there is none. */
  readonly features?: Readonly<Record<string, string>> | undefined;
}

export function hashesOf(
  { train, dev, test, features }: Corpora,
  lossFile: Pick<OwnLoss, 'sha256'> | null,
): DataHashes {
  const beside = [...features.files, ...(lossFile ? [{ key: 'loss.name', sha256: lossFile.sha256 }] : [])];
  return {
    train: train.corpus.sha256,
    dev: dev.corpus.sha256,
    test: test?.corpus.sha256 ?? null,
    ...(beside.length > 0 && { features: Object.fromEntries(beside.map(({ key, sha256 }) => [key, sha256])) }),
  };
}

const natural = z.int().min(0);
const number = z.number();
const share = z.strictObject({ tokens: number, gradient: number });

const stateSchema = z.strictObject({
  epoch: natural.min(1),
  batch: natural,
  update: natural,
  sums: z.strictObject({ tokens: natural, loss: number }),
  plateau: z.strictObject({ learningRate: number.positive(), since: natural }),
  best: z.strictObject({ epoch: natural, score: number }),
  outsideEpochs: natural,
} satisfies Record<keyof RunState, z.ZodType>);

const epochSchema = z.strictObject({
  kind: z.literal('epoch'),
  epoch: natural.min(1),
  trainLoss: number,
  devScore: number,
  classes: z.record(z.string(), number).optional(),
  learningRate: number,
  isBest: z.boolean(),
  seconds: number,
  tokensPerSecond: number,
  gradients: z
    .strictObject({ labels: z.record(z.string(), share), easy: share, middle: share, hard: share })
    .optional(),
} satisfies Record<keyof EpochEvent, z.ZodType>);

const warningSchema = z.strictObject({
  kind: z.literal('warning'),
  code: z.enum(Object.keys(WARNINGS) as WarningCode[]),
  message: z.string(),
  advice: z.string(),
} satisfies Record<keyof WarningEvent, z.ZodType>);

const overlap = { taken: natural, of: natural, left: natural };

const initFromSchema = z.strictObject({
  run: z.string(),
  sha256: z.string(),
  tables: z.record(z.string(), z.strictObject(overlap)),
  labels: z.strictObject({ ...overlap, new: z.array(z.string()).readonly() }),
  notTaken: z.array(z.string()).readonly(),
} satisfies Record<keyof InitFrom, z.ZodType>);

/** The part of a checkpoint's `meta` that is a training's. */
export const trainingSchema = z.strictObject({
  state: stateSchema,
  events: z.array(z.union([epochSchema, warningSchema])),
  logBytes: natural,
  data: z.strictObject({
    train: z.string(),
    dev: z.string(),
    test: z.string().nullable(),
    features: z.record(z.string(), z.string()).optional(),
  } satisfies Record<keyof DataHashes, z.ZodType>),
  engine: z.strictObject({ name: z.string(), threads: natural }),
  initFrom: initFromSchema.nullable().default(null),
} satisfies Record<keyof TrainingMeta, z.ZodType>);

/** All of it but the arrays. */
type TrainingMeta = Omit<Training, 'held' | 'gradients'>;

/** Where its numbers stand among the sections of a checkpoint. */
const [MOMENTS, KEPT, TRAINED, BEHIND, GRADIENTS] = ['moments/', 'kept/', 'trained/', 'behind/', 'gradients'];

/**
 * The sections of a training, and its part of `meta`. Where the best epoch is the one that has just ended, the kept weights are
 * those of the tagger and are not written twice.
 */
export function encodeTraining({ held, gradients, ...meta }: Training): {
  readonly sections: Section[];
  readonly meta: z.output<typeof trainingSchema>;
} {
  const named = (prefix: string, weights: readonly Weight[]): Section[] =>
    weights.map(({ name, shape, values }) => ({ name: prefix + name, dtype: 'f32', shape, values }));
  return {
    sections: [
      ...named(MOMENTS, held.moments),
      ...(hasBestWeights(meta.state) ? [] : named(KEPT, held.kept)),
      ...named(TRAINED, held.trained),
      ...named(BEHIND, held.behind),
      { name: GRADIENTS, dtype: 'f64', shape: [gradients.length], values: gradients },
    ],
    meta: { ...meta, events: [...meta.events] },
  };
}

/** Are the weights at this moment those of the best epoch? */
const hasBestWeights = ({ best, epoch, batch }: RunState): boolean =>
  best.epoch > 0 && best.epoch === epoch - 1 && batch === 0;

/** The training that a checkpoint holds; null where it holds a tagger alone. @param weights of the tagger */
export function decodeTraining(
  { sections }: Checkpoint,
  meta: z.output<typeof trainingSchema> | undefined,
  weights: readonly Weight[],
): Training | null {
  if (!meta) return null;
  const named = (prefix: string): Weight[] =>
    sections.flatMap((section) =>
      section.dtype === 'f32' && section.name.startsWith(prefix)
        ? [{ name: section.name.slice(prefix.length), shape: section.shape, values: section.values }]
        : [],
    );
  const gradients = sections.find(({ name, dtype }) => name === GRADIENTS && dtype === 'f64');
  const held = {
    moments: named(MOMENTS),
    kept: hasBestWeights(meta.state) ? weights : named(KEPT),
    trained: named(TRAINED),
    behind: named(BEHIND),
  };
  return { ...(meta as TrainingMeta), held, gradients: (gradients?.values ?? new Float64Array(0)) as Float64Array };
}

/** Is it told again by the run that goes on? */
export const isRecorded = (event: TrainEvent): event is EpochEvent | WarningEvent =>
  event.kind === 'epoch' || event.kind === 'warning';
