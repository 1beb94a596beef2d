import type { Scalar } from '@tensorflow/tfjs-core';
import { firstLine, UserError } from '../errors';
import { explainOwn, runFile } from '../files/modules';
import { LOSSES, lossSpec } from '.';
import { asker, brokenClauses, CONTRACT } from './contract';
import { createCurve, type Portrait, portrait } from './curve';
import type { LossContext, LossFn, LossSpec, ParamValues } from './loss';
import { lossOf, type OwnLoss, registerLoss } from './own';

/**
 * Loads the loss of a file: from here on it is one by the name of the file, for everything that takes a loss. A file that was
 * changed since is loaded anew.
 * @param path of a module whose default export `defineLoss` made
 * @throws UserError where the file cannot be read or run, or exports no loss
 */
export async function loadLossFile(path: string): Promise<OwnLoss> {
  const { exported, sha256 } = await runFile(path);
  const loss = { spec: guarded(lossOf(exported, path, Object.keys(LOSSES)), path), path, sha256 };
  registerLoss(loss);
  return loss;
}

/** The same loss; what its code throws is told as a fault of its file. */
function guarded(spec: LossSpec, path: string): LossSpec {
  const guard = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw explainOwn(error, path);
    }
  };
  return {
    ...spec,
    create(tf, params, context) {
      const loss: unknown = guard(() => spec.create(tf, params, context));
      if (typeof loss !== 'function') throw new UserError(`${path}: create gives no function of (logits, target)`);
      const call: LossFn = (logits, target) => {
        const value: unknown = guard(() => (loss as LossFn)(logits, target));
        if (value instanceof tf.Tensor && value.rank === 0) return value as Scalar;
        const found =
          value instanceof tf.Tensor ? `a tensor of shape [${(value.shape as number[]).join(', ')}]` : typeof value;
        throw new UserError(`${path}: the loss is ${found}, expected a scalar: the mean over the rows`);
      };
      return Object.assign(call, loss);
    },
  };
}

/** What there is to say of a loss that keeps to the contract. */
export interface Kept {
  /** Clauses of the contract that it was held to. */
  readonly clauses: number;
  /** Of one token, as for every loss. */
  readonly portrait: Portrait;
}

/**
 * Holds the loss of a file to the contract that the tests hold the built-in ones to. An engine must be open.
 * @param context the labels that it is to be trained on
 * @throws UserError with a line for every clause that it breaks, with numbers
 */
export async function holdToContract(path: string, params: ParamValues, context: LossContext): Promise<Kept> {
  const tf = await import('@tensorflow/tfjs-core');
  const spec = lossSpec(path);
  const broken: string[] = [];
  try {
    const ask = asker(tf, spec.create(tf, params, context), 1);
    broken.push(...brokenClauses(ask, context.labels.length, spec, params));
  } catch (error) {
    if (error instanceof UserError) throw error;
    const known = /gradient function not found for (\w+)/i.exec(firstLine(error))?.[1];
    broken.push(known === undefined ? firstLine(error) : `there is no gradient of ${known}`);
  }
  if (broken.length > 0) {
    throw new UserError(
      broken.map((line) => `${path}: loss ${spec.name}: ${line}`).join('\n'),
      'a loss is the mean over the rows whose gold label is known (gold >= 0), made of differentiable operations of tf',
    );
  }
  const clauses = Object.values(CONTRACT).length;
  return { clauses, portrait: portrait(createCurve(tf, spec, params)) };
}
