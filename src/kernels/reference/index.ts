import type { KernelSet } from '../kernelSet';
import { adam, adamRows } from './adam';
import { dense, denseGrad } from './dense';
import { dropout } from './dropout';
import { lstm, lstmGrad } from './lstm';
import { globalNorm } from './norm';
import { embed, sumRows } from './rows';

/** Our kernels in TypeScript: the `js` engine, and the oracle that other engines are tested against. */
export const REFERENCE: KernelSet = {
  lstm,
  lstmGrad,
  dense,
  denseGrad,
  embed,
  dropout,
  sumRows,
  globalNorm,
  adam,
  adamRows,
};
