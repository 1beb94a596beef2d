import { join } from 'node:path';

/**
 * The native addon (`src/native/addon.cc`). Outputs are arrays that the caller makes; every entry checks types, lengths and
 * ranges, and throws naming the argument. Shapes and formulas: the files of `kernels/`.
 */
export interface Addon {
  /** Floats that `lstm` writes to `reserve`. */
  reserveLength(inputs: number, units: number, directions: number, stepSizes: Int32Array): number;
  lstm(
    inputs: number,
    units: number,
    directions: number,
    stepSizes: Int32Array,
    x: Float32Array,
    w: Float32Array,
    b: Float32Array,
    h: Float32Array,
    reserve: Float32Array,
  ): void;
  lstmGrad(
    inputs: number,
    units: number,
    directions: number,
    stepSizes: Int32Array,
    x: Float32Array,
    w: Float32Array,
    reserve: Float32Array,
    dh: Float32Array,
    dx: Float32Array,
    dw: Float32Array,
    db: Float32Array,
  ): void;
  /** c (batch, m, n) = op(a) (batch, m, k) op(b) (batch, k, n), where op may transpose. */
  matmul(
    batch: number,
    m: number,
    n: number,
    k: number,
    transposeA: boolean,
    transposeB: boolean,
    a: Float32Array,
    b: Float32Array,
    c: Float32Array,
  ): void;
  dense(
    rows: number,
    inputs: number,
    outputs: number,
    x: Float32Array,
    w: Float32Array,
    b: Float32Array,
    y: Float32Array,
  ): void;
  denseGrad(
    rows: number,
    inputs: number,
    outputs: number,
    x: Float32Array,
    w: Float32Array,
    dy: Float32Array,
    dx: Float32Array,
    dw: Float32Array,
    db: Float32Array,
  ): void;
  /** The loss; `gradients` is empty, or takes those of emissions, transitions, start and end one after the other. */
  crfNll(
    labels: number,
    stepSizes: Int32Array,
    emissions: Float32Array,
    transitions: Float32Array,
    start: Float32Array,
    end: Float32Array,
    gold: Int32Array,
    gradients: Float32Array,
  ): number;
  /** Floats that `crfMarginals` writes to `reserve`, where that is not empty. */
  crfReserveLength(labels: number, stepSizes: Int32Array): number;
  crfMarginals(
    labels: number,
    stepSizes: Int32Array,
    emissions: Float32Array,
    transitions: Float32Array,
    start: Float32Array,
    end: Float32Array,
    logMarginals: Float32Array,
    reserve: Float32Array,
  ): void;
  crfMarginalsGrad(
    labels: number,
    stepSizes: Int32Array,
    emissions: Float32Array,
    transitions: Float32Array,
    start: Float32Array,
    end: Float32Array,
    reserve: Float32Array,
    dLogMarginals: Float32Array,
    dEmissions: Float32Array,
    dTransitions: Float32Array,
    dStart: Float32Array,
    dEnd: Float32Array,
  ): void;
  decode(
    labels: number,
    stepSizes: Int32Array,
    emissions: Float32Array,
    transitions: Float32Array,
    start: Float32Array,
    end: Float32Array,
    outside: number,
    bias: number,
    ids: Int32Array,
  ): void;
  embed(
    rows: number,
    tables: readonly Float32Array[],
    ids: readonly Int32Array[],
    widths: Int32Array,
    x: Float32Array,
  ): void;
  /** Distinct ids in order of first appearance into rows[0..], their count returned; slotOf[n] is the place of ids[n] there. */
  distinct(ids: Int32Array, rows: Int32Array, slotOf: Int32Array): number;
  sumRows(
    slots: number,
    slotOf: Int32Array,
    stride: number,
    from: number,
    width: number,
    grad: Float32Array,
    sums: Float32Array,
  ): void;
  adam(
    param: Float32Array,
    m: Float32Array,
    v: Float32Array,
    grad: Float32Array,
    rate: number,
    beta1: number,
    beta2: number,
    epsilon: number,
    step: number,
    scale: number,
  ): void;
  adamRows(
    width: number,
    param: Float32Array,
    m: Float32Array,
    v: Float32Array,
    rows: Int32Array,
    grad: Float32Array,
    rate: number,
    beta1: number,
    beta2: number,
    epsilon: number,
    step: number,
    scale: number,
  ): void;
  globalNorm(tensors: readonly Float32Array[]): number;
  dropout(x: Float32Array, y: Float32Array, rate: number, seed: number): void;
  exp: Unary;
  tanh: Unary;
  sigmoid: Unary;
  log: Unary;
  neg: Unary;
  square: Unary;
  sqrt: Unary;
  abs: Unary;
  /** 1 above 0, else 0. */
  step: Unary;
  add: Binary;
  sub: Binary;
  mul: Binary;
  div: Binary;
  maximum: Binary;
  minimum: Binary;
  pow: Binary;
  squaredDifference: Binary;
  /** x (outer, inner) -> y (outer) */
  sum(outer: number, inner: number, x: Float32Array, y: Float32Array): void;
  /** x (outer, inner) -> y (inner) */
  sumOuter(outer: number, inner: number, x: Float32Array, y: Float32Array): void;
  max(outer: number, inner: number, x: Float32Array, y: Float32Array): void;
  softmax(rows: number, columns: number, x: Float32Array, y: Float32Array): void;
  /** From 1 to `mostThreads()`. @throws Error of code ERR_THREADS where the system refuses some; there is one thread then */
  setThreads(threads: number): void;
  mostThreads(): number;
  /** One of `isas()`. At load it is the best one, or what the environment variable DSC_TRAIN_ISA names. */
  setIsa(isa: string): void;
  isa(): string;
  /** The instruction sets of this machine that the addon has kernels for, best first. */
  isas(): string[];
}

type Unary = (x: Float32Array, y: Float32Array) => void;

/** y (outer, inner); each operand is spread over it as its `Spread` says. */
type Binary = (
  outer: number,
  inner: number,
  aSpread: Spread,
  bSpread: Spread,
  a: Float32Array,
  b: Float32Array,
  y: Float32Array,
) => void;

/** An operand of (outer, inner) as it is, of one element, of (inner), of (outer). */
export const SPREADS = { full: 0, scalar: 1, row: 2, column: 3 } as const;
export type Spread = (typeof SPREADS)[keyof typeof SPREADS];

/** Loads the file that the install script compiled, or the prebuilt one for this machine. */
export async function loadAddon(): Promise<Addon> {
  const { default: load } = await import('node-gyp-build');
  const folder = join(__dirname, '../../src/native');
  try {
    return load(folder) as Addon;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (!message.startsWith('No native build was found')) throw error;
    throw new Error(
      'its kernels are not built for this machine (a C++ compiler and Python 3 are needed, then: npm rebuild)',
      { cause: error },
    );
  }
}
