import { type KernelConfig, type NamedTensorInfoMap, registerKernel, type TensorInfo } from '@tensorflow/tfjs-core';
import type { AdamOptions, KernelSet, TableLookup } from './kernelSet';
import * as names from './names';

/** What we need of a backend whose tensors are typed arrays: `tfjs-backend-cpu`, or one made of its kernels. */
interface ArrayBackend {
  readonly data: { get(dataId: object): { values: unknown } };
  makeTensorInfo(shape: number[], dtype: 'float32' | 'int32', values: Float32Array | Int32Array): TensorInfo;
}

/** One call of a kernel: typed arrays of its inputs by name, and tensors from its outputs. */
interface Call {
  float(name: string): Float32Array;
  int(name: string): Int32Array;
  shape(name: string): number[];
  out(values: Float32Array | Int32Array, shape: number[]): TensorInfo;
  readonly inputs: NamedTensorInfoMap;
  attr(name: string): number;
}

/** Registers `kernels` under our kernel names for the tfjs backend of that name. Once a backend. */
export function registerKernels(backendName: string, kernels: KernelSet): void {
  for (const [kernelName, run] of Object.entries(adapters(kernels))) {
    const kernelFunc: KernelConfig['kernelFunc'] = ({ inputs, backend, attrs }) =>
      run(openCall(kernelName, inputs, backend as ArrayBackend, (attrs ?? {}) as Record<string, number>));
    registerKernel({ kernelName, backendName, kernelFunc });
  }
}

/** From tensors to typed arrays and back, one row a kernel; inputs, outputs and shapes as in names.ts. */
function adapters(kernels: KernelSet): Record<string, (call: Call) => TensorInfo | TensorInfo[]> {
  return {
    [names.LSTM](call) {
      const shape = lstmShape(call);
      const [x, w, b] = [call.float('x'), call.float('w'), call.float('b')];
      const [h, reserve] = kernels.lstm(shape, x, w, b, call.int('stepSizes'), call.attr('training') !== 0);
      return [call.out(h, [shape.rows, shape.directions * shape.units]), call.out(reserve, [reserve.length])];
    },
    [names.LSTM_GRAD](call) {
      const [x, w, b] = [call.float('x'), call.float('w'), call.float('b')];
      const [h, reserve, dh] = [call.float('h'), call.float('reserve'), call.float('dh')];
      const grads = kernels.lstmGrad(lstmShape(call), x, w, b, call.int('stepSizes'), h, reserve, dh);
      return grads.map((grad, i) => call.out(grad, call.shape('xwb'[i])));
    },
    [names.DENSE](call) {
      const [rows, inputs, outputs] = [...call.shape('x'), call.shape('b')[0]];
      return call.out(kernels.dense(rows, inputs, outputs, call.float('x'), call.float('w'), call.float('b')), [
        rows,
        outputs,
      ]);
    },
    [names.DENSE_GRAD](call) {
      const [rows, inputs, outputs] = [...call.shape('x'), call.shape('w')[1]];
      const [dx, dw, db] = kernels.denseGrad(rows, inputs, outputs, call.float('x'), call.float('w'), call.float('dy'));
      return [call.out(dx, call.shape('x')), call.out(dw, call.shape('w')), call.out(db, [outputs])];
    },
    [names.EMBED](call) {
      const tables: TableLookup[] = [];
      for (let i = 0; `table${i}` in call.inputs; i++) {
        tables.push({
          table: call.float(`table${i}`),
          ids: call.int(`ids${i}`),
          width: call.shape(`table${i}`)[1],
        });
      }
      const rows = tables[0].ids.length;
      return call.out(kernels.embed(rows, tables), [rows, tables.reduce((sum, { width }) => sum + width, 0)]);
    },
    [names.DROPOUT](call) {
      return call.out(kernels.dropout(call.float('x'), call.attr('rate'), call.attr('seed')), call.shape('x'));
    },
    [names.SUM_ROWS](call) {
      const width = call.attr('width');
      const grad = call.float('grad');
      const [rows, sums] = kernels.sumRows(call.int('ids'), grad, call.shape('grad')[1], call.attr('from'), width);
      return [call.out(rows, [rows.length]), call.out(sums, [rows.length, width])];
    },
    [names.GLOBAL_NORM](call) {
      const tensors = Object.keys(call.inputs).map((name) => call.float(name));
      return call.out(Float32Array.of(kernels.globalNorm(tensors)), []);
    },
    [names.ADAM](call) {
      kernels.adam(call.float('param'), call.float('m'), call.float('v'), call.float('grad'), adamOptions(call));
      return call.out(new Float32Array(1), []);
    },
    [names.ADAM_ROWS](call) {
      const [param, m, v] = [call.float('param'), call.float('m'), call.float('v')];
      const width = call.shape('param')[1];
      kernels.adamRows(param, m, v, call.int('rows'), call.float('grad'), width, adamOptions(call));
      return call.out(new Float32Array(1), []);
    },
  };
}

function lstmShape(call: Call): { rows: number; inputs: number; units: number; directions: number } {
  const [rows, inputs] = call.shape('x');
  const [directions, , gates] = call.shape('w');
  return { rows, inputs, units: gates / 4, directions };
}

function adamOptions(call: Call): AdamOptions {
  const [rate, beta1, beta2, epsilon] = ['rate', 'beta1', 'beta2', 'epsilon'].map((name) => call.attr(name));
  return { rate, beta1, beta2, epsilon, step: call.attr('step'), scale: call.attr('scale') };
}

function openCall(
  kernel: string,
  inputs: NamedTensorInfoMap,
  backend: ArrayBackend,
  attrs: Record<string, number>,
): Call {
  function info(name: string): TensorInfo {
    const input = inputs[name];
    if (input) return input;
    throw new TypeError(`${kernel}: input ${name} is missing`);
  }

  function read<T>(name: string, type: new (...args: never[]) => T): T {
    const { values } = backend.data.get(info(name).dataId);
    if (values instanceof type) return values;
    throw new TypeError(`${kernel}: input ${name} is ${info(name).dtype}, expected a ${type.name}`);
  }
  return {
    inputs,
    float: (name) => read(name, Float32Array),
    int: (name) => read(name, Int32Array),
    shape: (name) => info(name).shape,
    out: (values, shape) => backend.makeTensorInfo(shape, values instanceof Int32Array ? 'int32' : 'float32', values),
    attr(name) {
      if (name in attrs) return attrs[name];
      throw new TypeError(`${kernel}: attribute ${name} is missing`);
    },
  };
}
