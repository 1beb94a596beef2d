import * as tf from '@tensorflow/tfjs-core';
import { drawCall, selfTest } from '../../src/engine/selfTest';
import { ALL_OPS, type AnyOp, shapesOf } from '../../src/kernels';
import { createRng } from '../../src/rng';
import { eachEngine } from '../engine/each';

type Inputs = Record<string, tf.Tensor>;

/** The inputs of an op's example as tfjs takes them, one name a tensor. */
function flat(op: AnyOp, seed = 1): Inputs {
  const { tensors } = drawCall(op.forward, createRng(seed, op.forward.name), op.example);
  return Object.fromEntries(
    Object.entries(tensors()).flatMap(([name, input]): [string, tf.Tensor][] =>
      Array.isArray(input) ? input.map((tensor, i) => [`${name}${i}`, tensor]) : [[name, input]],
    ),
  );
}

const run = (op: AnyOp, inputs: Inputs, numbers = op.example.numbers ?? {}): tf.Tensor[] =>
  tf.engine().runKernel(op.forward.name, inputs, numbers);

eachEngine('every kernel', (test) => {
  test('agrees with its reference, forward and backward', () => {
    expect(selfTest().filter(({ passed }) => !passed)).toEqual([]);
  });

  for (const [name, op] of ALL_OPS) {
    const { signature, inPlace } = op.forward;

    test(`${name}: outputs have the shapes and types declared, and inputs stay as they are but for those changed in place`, () => {
      const inputs = flat(op);
      const before = Object.entries(inputs).map(([, tensor]) => [...tensor.dataSync()]);
      const made = run(op, inputs);
      const { dims } = drawCall(op.forward, createRng(1, op.forward.name), op.example);
      const rows = { ...dims, ...op.example.numbers, ...(name === 'sumRows' && { U: made[0].shape[0] }) };
      expect(made).toHaveLength(signature.outputs.length);
      signature.outputs.forEach((output, i) => {
        if (output.dims === 'opaque') return;
        expect(made[i].dtype).toBe(output.dtype);
        if (name === 'embed')
          expect(made[i].shape).toEqual([20, 4 + 3]); // the one sum over a list
        else {
          const [{ shape }] = shapesOf({ ...signature, inputs: [output] }, rows, op.example.any ?? []);
          expect(made[i].shape).toEqual(shape);
        }
      });
      Object.entries(inputs).forEach(([input, tensor], i) => {
        const same = [...tensor.dataSync()].every((value, k) => value === before[i][k]);
        expect([input, same]).toEqual([input, !inPlace.includes(input)]);
      });
    });

    test(`${name}: an input that is missing, of another type or of a shape that does not fit is refused by name`, () => {
      const inputs = flat(op);
      const entries = Object.entries(inputs);
      const anyShape = signature.inputs.every(({ dims }) => dims === 'any');
      expect(entries.length).toBeGreaterThan(0);
      for (const [input, tensor] of entries) {
        const others = Object.fromEntries(entries.filter(([other]) => other !== input));
        // Of a list without its last there is no telling.
        if (/[^1]$/.test(input)) expect(() => run(op, others)).toThrow(new RegExp(`input \\w+ is missing`));
        const type = tensor.dtype === 'int32' ? 'float32' : 'int32';
        expect(() => run(op, { ...inputs, [input]: tf.cast(tensor, type) })).toThrow(
          new RegExp(`${op.forward.name}: input ${input} is ${type}, expected ${tensor.dtype}`),
        );
        if (anyShape && inPlace.length === 0) continue; // any shape will do
        const deeper = { ...inputs, [input]: tf.expandDims(tensor, 0) };
        expect(() => run(op, deeper)).toThrow(/has the shape \([\d, ]+\), expected \(/);
      }
    });

    for (const [attribute, { what }] of signature.attributes)
      test(`${name}: without ${attribute}, or with one that is not ${what}, it refuses to run`, () => {
        const inputs = flat(op);
        const numbers = op.example.numbers ?? {};
        const without = Object.fromEntries(Object.entries(numbers).filter(([other]) => other !== attribute));
        for (const wrong of [without, { ...numbers, [attribute]: NaN }, { ...numbers, [attribute]: -Infinity }])
          expect(() => run(op, inputs, wrong)).toThrow(`${op.forward.name}: attribute ${attribute} must be ${what}`);
      });

    if (op.gradient)
      test(`${name}: its gradient is that of finite differences`, () => {
        const rng = createRng(3, name);
        const numbers = op.example.numbers ?? {};
        const at = flat(op);
        const weights = tf.keep(tf.randomNormal(op.run(at, numbers)[0].shape, 0, 1, 'float32', 5));
        const value = (...moved: tf.Tensor[]): tf.Scalar => {
          const inputs = { ...at, ...Object.fromEntries(op.of.map((input, i) => [input, moved[i]])) };
          return tf.sum(tf.mul(op.run(inputs, numbers)[0], weights));
        };
        const of = op.of.map((input) => at[input]);
        const grads = tf
          .grads(value)(of)
          .map((grad) => grad.dataSync());
        const h = 5e-3;
        op.of.forEach((input, which) => {
          expect([input, grads[which].length]).toEqual([input, of[which].size]);
          for (let trial = 0; trial < 8; trial++) {
            const k = rng.int(of[which].size);
            const moved = (by: number): number => {
              const values = of[which].dataSync<'float32'>().slice();
              values[k] += by;
              const all = of.map((tensor, i) => (i === which ? tf.tensor(values, tensor.shape) : tensor));
              return value(...all).dataSync()[0];
            };
            const difference = (moved(h) - moved(-h)) / (2 * h);
            expect(Math.abs(difference - grads[which][k])).toBeLessThan(5e-3 * Math.max(1, Math.abs(difference)));
          }
        });
        weights.dispose();
      });
  }
});
