/** Euclidean norm over all elements of all tensors, summed in double precision. */
export function globalNorm(tensors: readonly Float32Array[]): number {
  let sum = 0;
  for (const x of tensors) for (let i = 0; i < x.length; i++) sum += x[i] * x[i];
  return Math.sqrt(sum);
}
