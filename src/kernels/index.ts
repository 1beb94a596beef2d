import { adam, adamRows } from './adam';
import { CRF_MARGINALS, CRF_NLL } from './crf';
import { decode } from './decode';
import { dense } from './dense';
import { DROPOUT } from './dropout';
import { embed } from './embed';
import { globalNorm } from './globalNorm';
import { LSTM } from './lstm';
import { maxPool } from './maxPool';
import { type AnyKernel, type AnyOp, registerOnArrays } from './op';
import { sumRows } from './sumRows';

export { adam, type AdamOptions, adamRows } from './adam';
export { crfLogMarginals, crfNll, crfPathSums, type PathSums } from './crf';
export { columnsOf, sideBySide } from './columns';
export { decode } from './decode';
export { dense } from './dense';
export { dropout, dropoutHash, masked } from './dropout';
export { embed } from './embed';
export { globalNorm } from './globalNorm';
export { registerGradients } from './gradients';
export { lstm } from './lstm';
export { maxPool } from './maxPool';
export { sumRows } from './sumRows';
export type { AnyKernel, AnyOp, Example, Kernel, Values } from './op';
export { type Bound, gathered, type Infos, type Rules, shapesOf, type Specs } from './signature';

/**
 * Our fused kernels. To add one: its file and its line here. Every engine runs it at once, by the body over typed arrays that the
 * file holds; an engine that has a faster one names it in its own table.
 */
export const OPS = {
  lstm: LSTM,
  dense,
  embed,
  dropout: DROPOUT,
  crfNll: CRF_NLL,
  crfMarginals: CRF_MARGINALS,
  decode,
  sumRows,
  globalNorm,
  adam,
  adamRows,
  maxPool,
};
export type OpName = keyof typeof OPS;

export const ALL_OPS: readonly (readonly [name: OpName, op: AnyOp])[] = Object.entries(OPS) as [OpName, AnyOp][];

/** Other bodies over typed arrays: forward and gradient together, since each may have its own reserve. */
export type ArrayBodies = {
  readonly [K in OpName]?: {
    readonly forward: (typeof OPS)[K]['forward']['body'];
  } & ((typeof OPS)[K]['gradient'] extends {
    body: infer B;
  }
    ? { readonly gradient: B }
    : unknown);
};

/** Registers all of OPS for the tfjs backend of that name, whose tensors are typed arrays: by `fast`, else by the reference body. */
export function registerOps(backendName: string, fast: ArrayBodies): void {
  for (const [name, { forward, gradient }] of ALL_OPS) {
    const own = fast[name] as { forward: AnyKernel['body']; gradient?: AnyKernel['body'] } | undefined;
    registerOnArrays(forward, backendName, own?.forward ?? reference(forward));
    if (gradient) registerOnArrays(gradient, backendName, own?.gradient ?? reference(gradient));
  }
}

export function reference(kernel: AnyKernel): AnyKernel['body'] {
  return (inputs, dims, numbers) => kernel.body(inputs, dims, numbers);
}

/** What an engine with these bodies says of itself: the ops that it leaves to the reference, where there are any. */
export function onReference(fast: Readonly<Partial<Record<OpName, unknown>>>): string {
  const left = ALL_OPS.filter(([name]) => !(name in fast)).map(([name]) => name);
  return left.length > 0 ? `, ${left.join(', ')} by the reference kernels` : '';
}
