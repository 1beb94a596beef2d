/** N packed rows in T steps, I inputs, H units, D directions. */
export interface LstmShape {
  readonly rows: number;
  readonly inputs: number;
  readonly units: number;
  readonly directions: number;
}

export interface AdamOptions {
  /** Learning rate of this step. */
  readonly rate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Number of this step, from 1. */
  readonly step: number;
  /** Factor on the gradient (clipping). */
  readonly scale: number;
}

/** One table of an embedding: rows of `width` floats. */
export interface TableLookup {
  readonly table: Float32Array;
  readonly ids: Int32Array;
  readonly width: number;
}

/**
 * All of our kernels over typed arrays, for backends whose tensors are typed arrays. Formulas and shapes: `names.ts`.
 * Outputs are fresh arrays; `adam` and `adamRows` change param, m and v in place. No argument is kept.
 */
export interface KernelSet {
  /** @returns [h (N, D*H), reserve: what this set's `lstmGrad` needs, empty unless training] */
  lstm(
    shape: LstmShape,
    x: Float32Array,
    w: Float32Array,
    b: Float32Array,
    stepSizes: Int32Array,
    training: boolean,
  ): [h: Float32Array, reserve: Float32Array];
  /** @returns [dx (N, I), dw (D, I+H, 4H), db (D, 4H)] */
  lstmGrad(
    shape: LstmShape,
    x: Float32Array,
    w: Float32Array,
    b: Float32Array,
    stepSizes: Int32Array,
    h: Float32Array,
    reserve: Float32Array,
    dh: Float32Array,
  ): [dx: Float32Array, dw: Float32Array, db: Float32Array];
  /** x (rows, inputs), w (inputs, outputs), b (outputs) -> (rows, outputs) */
  dense(rows: number, inputs: number, outputs: number, x: Float32Array, w: Float32Array, b: Float32Array): Float32Array;
  denseGrad(
    rows: number,
    inputs: number,
    outputs: number,
    x: Float32Array,
    w: Float32Array,
    dy: Float32Array,
  ): [dx: Float32Array, dw: Float32Array, db: Float32Array];
  /** (N, sum of the widths) */
  embed(rows: number, tables: readonly TableLookup[]): Float32Array;
  dropout(x: Float32Array, rate: number, seed: number): Float32Array;
  /** grad is (ids.length, stride); columns from..from+width are summed. */
  sumRows(
    ids: Int32Array,
    grad: Float32Array,
    stride: number,
    from: number,
    width: number,
  ): [rows: Int32Array, sums: Float32Array];
  globalNorm(tensors: readonly Float32Array[]): number;
  adam(param: Float32Array, m: Float32Array, v: Float32Array, grad: Float32Array, options: AdamOptions): void;
  adamRows(
    param: Float32Array,
    m: Float32Array,
    v: Float32Array,
    rows: Int32Array,
    grad: Float32Array,
    width: number,
    options: AdamOptions,
  ): void;
}
