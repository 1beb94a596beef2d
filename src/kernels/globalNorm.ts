import { op } from './op';

/** Euclidean norm over all elements of a list of tensors, summed in double precision. */
export const globalNorm = op({
  name: 'DscGlobalNorm',
  inputs: { 'x*': '...*' },
  attributes: {},
  outputs: { norm: '' },
  body({ x: tensors }) {
    let sum = 0;
    for (const x of tensors) for (let i = 0; i < x.length; i++) sum += (x[i] as number) * (x[i] as number);
    return { norm: Float32Array.of(Math.sqrt(sum)) };
  },
  tolerance: 1e-6,
  example: { any: [[500], [30, 10]] },
});
