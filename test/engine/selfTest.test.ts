import * as tf from '@tensorflow/tfjs-core';
import { selfTest } from '../../src/engine/selfTest';
import { ALL_OPS } from '../../src/kernels';
import { eachEngine } from './each';

eachEngine('selfTest', (test) => {
  test('passes every kernel there is', () => {
    const checks = selfTest();
    const names = ALL_OPS.flatMap(([, { forward, gradient }]) => [forward, gradient]).map((kernel) => kernel?.name);
    expect(checks.map(({ kernel }) => kernel)).toEqual(names.filter((name) => name !== undefined));
    expect(checks.filter(({ passed }) => !passed)).toEqual([]);
  });

  test('leaves no tensor behind', () => {
    const { numTensors } = tf.memory();
    selfTest();
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  for (const [what, broken] of [
    ['off by a thousandth', (y: tf.Tensor) => tf.mul(y, 1.001)],
    ['of another length', (y: tf.Tensor) => tf.concat([tf.reshape(y, [-1]), tf.zeros([1])])],
    ['not a number', (y: tf.Tensor) => tf.mul(y, NaN)],
  ] as const) {
    test(`finds a kernel whose result is ${what}`, () => {
      const backendName = tf.getBackend();
      const kernel = tf.getKernel('DscDense', backendName);
      tf.unregisterKernel('DscDense', backendName);
      tf.registerKernel({
        ...kernel,
        kernelFunc: (params) => {
          const [info] = kernel.kernelFunc(params) as tf.TensorInfo[];
          return [broken(tf.engine().makeTensorFromTensorInfo(info))];
        },
      });
      const failed = selfTest().filter(({ passed }) => !passed);
      tf.unregisterKernel('DscDense', backendName);
      tf.registerKernel(kernel);
      expect(failed[0]).toMatchObject({ kernel: 'DscDense', passed: false });
      expect(failed[0].reason).not.toBe('');
    });
  }
});
