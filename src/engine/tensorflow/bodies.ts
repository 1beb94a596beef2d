import type { Infos, Kernel, OpName, OPS, Rules, Specs } from '../../kernels';
import type { Handles } from './handles';

/** A body over handles: every handle that it makes and does not hand out is deleted behind it. */
type Body<K> =
  K extends Kernel<infer I extends Specs, infer A extends Rules, infer O extends Specs>
    ? (
        inputs: Infos<I>,
        dims: Parameters<Kernel<I, A, O>['body']>[1],
        numbers: Parameters<Kernel<I, A, O>['body']>[2],
        tf: Handles,
      ) => Infos<O>
    : never;
type Bodies<Op extends { readonly forward: unknown; readonly gradient: unknown }> = {
  readonly forward: Body<Op['forward']>;
} & (Op['gradient'] extends undefined ? unknown : { readonly gradient: Body<Op['gradient']> });
export type TensorFlowBodies = { readonly [K in OpName]: Bodies<(typeof OPS)[K]> };
