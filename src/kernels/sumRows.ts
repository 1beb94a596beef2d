import { op } from './op';
import { WHOLE } from './signature';

/**
 * Sums the gradient rows of equal ids, in the order of their first appearance; reads E columns of grad alone, `from` on, so that the
 * gradient of one table is taken from that of the rows side by side (see `embed`). Added up in float32, in row order.
 * U: distinct ids.
 */
export const sumRows = op({
  name: 'DscSumRows',
  inputs: { ids: 'int32 N', grad: 'N G' },
  attributes: { from: WHOLE, E: WHOLE },
  outputs: { rows: 'int32 U', sums: 'U E' },
  requires: ({ G, E }, { from }) => from + E <= G,
  body({ ids, grad }, { G: stride, E: width }, { from }) {
    const slots = new Map<number, number>();
    const slotOf = new Int32Array(ids.length);
    for (let n = 0; n < ids.length; n++) {
      const id = ids[n] as number;
      let slot = slots.get(id);
      if (slot === undefined) slots.set(id, (slot = slots.size));
      slotOf[n] = slot;
    }
    const sums = new Float32Array(slots.size * width);
    for (let n = 0; n < ids.length; n++) {
      const to = (slotOf[n] as number) * width;
      const at = n * stride + from;
      for (let j = 0; j < width; j++) sums[to + j] = (sums[to + j] as number) + (grad[at + j] as number);
    }
    return { rows: Int32Array.from(slots.keys()), sums };
  },
  tolerance: 1e-6,
  example: {
    dims: { N: 60, G: 5 },
    numbers: { from: 1, E: 3 },
    draw: { ids: (rng, length) => Int32Array.from({ length }, () => rng.int(9)) },
  },
});
