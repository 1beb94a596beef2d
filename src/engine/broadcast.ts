import { util } from '@tensorflow/tfjs-core';
import { type Spread, SPREADS } from './addon';

/** A reduction over the last axes (`keepsOuter`) or the first ones of (outer, inner); undefined for others. */
export function reduction(
  x: readonly number[],
  axis: unknown,
  keepDims: unknown,
): { shape: number[]; outer: number; inner: number; keepsOuter: boolean } | undefined {
  const axes = util.parseAxisParam(axis as number | number[], [...x]).sort((p, q) => p - q);
  const kept = x.length - axes.length;
  const keepsOuter = axes.every((axis, i) => axis === kept + i);
  if (util.sizeFromShape([...x]) === 0 || (!keepsOuter && axes.some((axis, i) => axis !== i))) return undefined;
  const split = keepsOuter ? kept : axes.length;
  return {
    shape:
      keepDims === true ? x.map((size, i) => (axes.includes(i) ? 1 : size)) : x.filter((_, i) => !axes.includes(i)),
    outer: util.sizeFromShape(x.slice(0, split)),
    inner: util.sizeFromShape(x.slice(split)),
    keepsOuter,
  };
}

interface Plan {
  shape: number[];
  outer: number;
  inner: number;
  a: Spread;
  b: Spread;
}

/** Two shapes as operands over (outer, inner), or undefined where the broadcast is another. */
export function spread(a: readonly number[], b: readonly number[]): Plan | undefined {
  const [aSize, bSize] = [util.sizeFromShape([...a]), util.sizeFromShape([...b])];
  if (a.join() === b.join()) return { shape: [...a], outer: 1, inner: aSize, a: SPREADS.full, b: SPREADS.full };
  if (aSize >= bSize && a.length >= b.length) {
    const part = partOf(a, b);
    return part && { shape: [...a], outer: part.outer, inner: part.inner, a: SPREADS.full, b: part.spread };
  }
  if (b.length < a.length) return undefined;
  const part = partOf(b, a);
  return part && { shape: [...b], outer: part.outer, inner: part.inner, a: part.spread, b: SPREADS.full };
}

/** How `part` spreads over `full`, which is the shape of the result. */
function partOf(
  full: readonly number[],
  part: readonly number[],
): { outer: number; inner: number; spread: Spread } | undefined {
  const [size, partSize] = [util.sizeFromShape([...full]), util.sizeFromShape([...part])];
  if (size === 0) return undefined;
  if (partSize === 1) return { outer: 1, inner: size, spread: SPREADS.scalar };
  const padded = [...full.map(() => 1).slice(part.length), ...part];
  const first = padded.findIndex((length) => length !== 1);
  const last = padded.findLastIndex((length) => length !== 1);
  if (padded.slice(first).join() === full.slice(first).join())
    return { outer: size / partSize, inner: partSize, spread: SPREADS.row };
  if (padded.slice(0, last + 1).join() === full.slice(0, last + 1).join())
    return { outer: partSize, inner: size / partSize, spread: SPREADS.column };
  return undefined;
}
