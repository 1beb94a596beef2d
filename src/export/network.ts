import { present } from '../errors';
import type { Column } from '../features';
import type { Decoding, HeadName } from '../heads';
import type { TaggerSpec, Weight } from '../model/spec';
import type { Graph, Type, Value } from './graph';

/** A tagger in numbers alone. */
export interface Network {
  readonly spec: TaggerSpec;
  readonly columns: readonly Column[];
  readonly weights: readonly Weight[];
  readonly decoding: Decoding;
  readonly written: Written;
}

/**
 * How labels are written, as tables. A tag depends on its label, on which of two ways that stands behind the label before it (such as
 * opening a chunk, or going on with one), and on which of two ways the label behind it stands.
 */
export interface Written {
  /** All that are ever written. */
  readonly tags: readonly string[];
  /** The way of label j behind label i, at `i * C + j`; i = C is the begin of a sentence. (C + 1, C) */
  readonly before: readonly number[];
  /** The way of label k behind label j, at `j * (C + 1) + k`; k = C is the end. (C, C + 1) */
  readonly behind: readonly number[];
  /** Index among the tags, at `4 * label + 2 * before + behind`. (C, 2, 2) */
  readonly of: readonly number[];
}

/** How the tokens of B sentences, one sentence behind the other, stand side by side in T steps. */
interface Layout {
  /** Row of the token of each sentence at each step; any row where there is none. (T, B) */
  readonly rows: Value;
  /** Whether there is a token. (T, B) */
  readonly alive: Value;
  /** Whether the step is the first. (T) */
  readonly first: Value;
  /** Tokens of each sentence. int32 (B) */
  readonly lengths: Value;
  /** Where each token stands in (T, B). (N) */
  readonly places: Value;
}

/** The end of an axis, for Slice. */
const REST = Number.MAX_SAFE_INTEGER;

/**
 * Inputs, all int64: `lengths` (B), the tokens of each sentence, and by table the ids of all N tokens, one sentence behind the other:
 * (N); of a table whose rows are summed and of one of characters (N, M), -1 behind the last. Outputs: `probabilities` (N, C), float,
 * and `tags` (N), indices of `written.tags`.
 */
export function buildNetwork(graph: Graph, network: Network): void {
  const { op } = graph;
  const { labels, head } = network.spec;
  const given = graph.input('lengths', 'int64', ['sentences']);
  const parts = network.columns.map((column) => embedded(graph, network, column));
  const x = op('Concat', parts, { axis: 1 }); // (N, E)
  const layout = layoutOf(graph, checkedLengths(graph, given, x));
  const emissions = emissionsOf(graph, network, x, layout); // double (N, C)
  const { probabilities, scores } = GRAPH_HEADS[head](graph, network, emissions, layout);
  const { rules } = scores;
  const ids = rules
    ? viterbi(graph, network, rules, scores.emissions, layout)
    : op('ArgMax', [biased(graph, network, scores.emissions)], { axis: 1, keepdims: 0 }); // (N)
  graph.output('probabilities', probabilities, 'float', ['tokens', labels]);
  graph.output('tags', writtenTags(graph, network, ids, layout), 'int64', ['tokens']);
}

const ints = (graph: Graph, values: readonly number[]): Value => graph.constant('int64', values);

const cast = (graph: Graph, value: Value, to: Type): Value => graph.op('Cast', [value], { to: graph.typeOf(to) });

const unsqueeze = (graph: Graph, value: Value, axis: number): Value =>
  graph.op('Unsqueeze', [value, ints(graph, [axis])]);

const squeeze = (graph: Graph, value: Value, axis: number): Value => graph.op('Squeeze', [value, ints(graph, [axis])]);

/** Indices `from` up to before `to` of an axis; from its end on where they are below 0. */
const slice = (graph: Graph, value: Value, axis: number, from: number, to: number): Value =>
  graph.op('Slice', [value, ints(graph, [from]), ints(graph, [to]), ints(graph, [axis])]);

function weightOf({ weights }: Network, name: string): Weight {
  return present(
    weights.find((one) => one.name === name),
    name,
  );
}

/** A weight as it is. */
function weight(graph: Graph, network: Network, name: string): Value {
  const { values, shape } = weightOf(network, name);
  return graph.tensor(`weights/${name}`, values, shape);
}

/** A weight in double precision. */
function exactWeight(graph: Graph, network: Network, name: string): Value {
  const { values, shape } = weightOf(network, name);
  return graph.tensor(`weights/${name}`, Float64Array.from(values), shape);
}

/** What a table gives to the input: its row, the sum of some, or the largest of each filter over the characters. (N, width or filters) */
function embedded(graph: Graph, network: Network, column: Column): Value {
  const { op } = graph;
  const { name, filters } = column;
  const table = weight(graph, network, name);
  if (column.encode) return op('Gather', [table, graph.input(name, 'int64', ['tokens'])]); // (N, width)
  const ids = graph.input(name, 'int64', ['tokens', `most of ${name}`]); // (N, M)
  const zero = graph.constant('int64', 0);
  const isThere = unsqueeze(graph, op('GreaterOrEqual', [ids, zero]), 2); // (N, M, 1)
  const rows = op('Max', [ids, zero]); // (N, M)
  if (filters === undefined) {
    const kept = op('Mul', [op('Gather', [table, rows]), cast(graph, isThere, 'float')]); // (N, M, width)
    return op('ReduceSum', [kept, ints(graph, [1])], { keepdims: 0 }); // (N, width)
  }
  const padded = op('Pad', [rows, ints(graph, [0, 1, 0, 1])]); // (N, M + 2)
  const all = op('Gather', [table, padded]); // (N, M + 2, width)
  const three = [0, 1, 2].map((from) => slice(graph, all, 1, from, from === 2 ? REST : from - 2)); // (N, M, width) each
  const product = op('MatMul', [op('Concat', three, { axis: 2 }), weight(graph, network, `${name}.w`)]); // (N, M, filters)
  const h = op('Add', [product, weight(graph, network, `${name}.b`)]);
  const spelled = op('Where', [isThere, h, graph.constant('float', -Infinity)]);
  return op('ReduceMax', [spelled], { axes: [1], keepdims: 0 }); // (N, filters)
}

/** The same lengths (B), where they add up to the rows of x; otherwise the runtime stops at an index that is not there. */
function checkedLengths(graph: Graph, lengths: Value, x: Value): Value {
  const { op } = graph;
  const tokens = slice(graph, op('Shape', [x]), 0, 0, 1); // (1)
  const total = op('ReduceSum', [lengths, ints(graph, [0])], { keepdims: 1 }); // (1)
  const gap = op('Abs', [op('Sub', [tokens, total])]);
  return op('Add', [lengths, op('Gather', [ints(graph, [0]), gap], {}, 'lengths_must_add_up_to_the_tokens')]);
}

function layoutOf(graph: Graph, lengths: Value): Layout {
  const { op } = graph;
  const [zero, one] = [graph.constant('int64', 0), graph.constant('int64', 1)];
  const longest = op('ReduceMax', [lengths], { axes: [0], keepdims: 0 }); // ()
  const times = op('Range', [zero, longest, one]); // (T)
  const steps = unsqueeze(graph, times, 1); // (T, 1)
  const sizes = unsqueeze(graph, lengths, 0); // (1, B)
  const alive = op('Less', [steps, sizes]); // (T, B)
  const starts = op('CumSum', [lengths, zero], { exclusive: 1 }); // (B)
  const rows = op('Add', [starts, op('Min', [steps, op('Sub', [sizes, one])])]); // (T, B)
  const there = op('NonZero', [op('Transpose', [alive], { perm: [1, 0] })]); // (2, N): sentence, step
  const [sentence, step] = [0, 1].map((row) => squeeze(graph, slice(graph, there, 0, row, row + 1), 0)) as [Value, Value]; // prettier-ignore
  const sentences = op('Size', [lengths]); // ()
  return {
    rows,
    alive,
    first: op('Equal', [times, zero]), // (T)
    lengths: cast(graph, lengths, 'int32'),
    places: op('Add', [op('Mul', [step, sentences]), sentence]), // (N)
  };
}

/** Values of tokens (N, ...) side by side. (T, B, ...) */
const spread = (graph: Graph, values: Value, { rows }: Layout): Value => graph.op('Gather', [values, rows]);

/** The inverse. (T, B, width) to (N, width) */
function gathered(graph: Graph, values: Value, { places }: Layout, width: number): Value {
  const flat = graph.op('Reshape', [values, ints(graph, [-1, width])]); // (T B, width)
  return graph.op('Gather', [flat, places]); // (N, width)
}

/** BiLSTM layers and the output layer. (N, E) to double (N, C) */
function emissionsOf(graph: Graph, network: Network, x: Value, layout: Layout): Value {
  const { op, ops } = graph;
  const { layers, hidden } = network.spec;
  let h = spread(graph, x, layout); // (T, B, E)
  for (let i = 0; i < layers; i++) {
    const { w, r, b } = lstmWeights(graph, network, i);
    const [y = ''] = ops('LSTM', [h, w, r, b, layout.lengths], 1, { hidden_size: hidden, direction: 'bidirectional' }); // (T, 2, B, H)
    const turned = op('Transpose', [y], { perm: [0, 2, 1, 3] }); // (T, B, 2, H)
    h = op('Reshape', [turned, ints(graph, [0, 0, 2 * hidden])]); // (T, B, 2H)
  }
  const tokens = gathered(graph, h, layout, 2 * hidden); // (N, 2H)
  const product = op('MatMul', [tokens, weight(graph, network, 'output.w')]); // (N, C)
  return cast(graph, op('Add', [product, weight(graph, network, 'output.b')]), 'double');
}

/** Where the gates I O F C of ONNX lie among ours, which are I F C O. */
const GATES = [0, 3, 1, 2];

/** Weights of a layer as ONNX has them: w (2, 4H, I), r (2, 4H, H), b (2, 8H), biases of the input, then of the state. */
function lstmWeights(graph: Graph, network: Network, layer: number): { w: Value; r: Value; b: Value } {
  const { hidden: units } = network.spec;
  const { values, shape } = weightOf(network, `lstm${layer}.w`); // (2, I + H, 4H)
  const bias = weightOf(network, `lstm${layer}.b`).values; // (2, 4H)
  const inputs = present(shape[1], 'rows') - units;
  const gates = 4 * units;
  const turned = (from: number, rows: number): Float32Array => {
    const out = new Float32Array(2 * gates * rows); // (2, 4H, rows)
    let to = 0;
    for (let direction = 0; direction < 2; direction++)
      for (const gate of GATES)
        for (let unit = 0; unit < units; unit++)
          for (let row = 0; row < rows; row++)
            out[to++] = values[(direction * (inputs + units) + from + row) * gates + gate * units + unit] as number;
    return out;
  };
  const b = new Float32Array(2 * 2 * gates);
  for (let direction = 0; direction < 2; direction++)
    GATES.forEach((gate, g) => {
      const at = direction * gates + gate * units;
      b.set(bias.subarray(at, at + units), direction * 2 * gates + g * units);
    });
  return {
    w: graph.tensor(`weights/lstm${layer}.w`, turned(0, inputs), [2, gates, inputs]),
    r: graph.tensor(`weights/lstm${layer}.r`, turned(inputs, units), [2, gates, units]),
    b: graph.tensor(`weights/lstm${layer}.b`, b, [2, 2 * gates]),
  };
}

/** What a head makes of emissions: double (N, C). */
interface Answer {
  /** float (N, C) */
  readonly probabilities: Value;
  /** What tags are chosen by: the highest of each token, or the path of the highest sum where there are rules or scores of neighbours. */
  readonly scores: { readonly emissions: Value; readonly rules: Rules | null };
}

/** Scores that a path has beside its emissions, minus infinity where it may not go. Row-major. */
interface Rules {
  /** (C) */
  readonly start: Float64Array;
  /** Label j behind label i, at `i * C + j`. (C, C) */
  readonly transitions: Float64Array;
  /** (C) */
  readonly end: Float64Array;
}

type GraphHead = (graph: Graph, network: Network, emissions: Value, layout: Layout) => Answer;

/** The heads in operators of ONNX, beside HEADS. */
const GRAPH_HEADS: Readonly<Record<HeadName, GraphHead>> = {
  softmax: (graph, network, emissions) => ({
    probabilities: cast(graph, graph.op('Softmax', [emissions], { axis: 1 }), 'float'),
    scores: { emissions, rules: network.decoding.allowed ? rulesOf(network) : null },
  }),
  crf(graph, network, emissions, layout) {
    const marginals = cast(graph, logMarginals(graph, network, emissions, layout), 'float'); // (N, C)
    const exact = cast(graph, marginals, 'double');
    const argmax = network.decoding.method === 'argmax';
    return {
      probabilities: cast(graph, graph.op('Exp', [exact]), 'float'),
      scores: argmax ? { emissions: exact, rules: null } : { emissions, rules: rulesOf(network, 'crf') },
    };
  },
};

/** @param head whose weights hold scores of neighbours; none are 0 */
function rulesOf(network: Network, head?: 'crf'): Rules {
  const { allowed } = network.decoding;
  const { labels } = network.spec;
  const scores = (part: string, size: number, may?: Uint8Array): Float64Array => {
    const values = head ? weightOf(network, `${head}.${part}`).values : new Float32Array(size);
    return Float64Array.from(values, (score, i) => (may?.[i] === 0 ? -Infinity : score));
  };
  return {
    start: scores('start', labels, allowed?.start),
    transitions: scores('transitions', labels * labels, allowed?.after),
    end: scores('end', labels),
  };
}

/** Scores with the bias of the outside label. (..., C) */
function biased(graph: Graph, { decoding, spec }: Network, scores: Value): Value {
  const { outside, outsideBias } = decoding;
  if (outside < 0 || outsideBias === 0) return scores;
  const bias = Array.from({ length: spec.labels }, (_, c) => (c === outside ? outsideBias : 0));
  return graph.op('Add', [scores, graph.constant('double', bias)]);
}

/** A body of Scan: states and a step's inputs to states and a step's outputs. */
type Body = (inner: Graph, states: Value[], inputs: Value[]) => { states: readonly Value[]; outputs: readonly Value[] };

interface Scanned {
  readonly type: Type;
  readonly dims: readonly (string | number)[];
}

/** Runs over the steps of inputs (T, ...), from the last to the first where `backward`; outputs are in the order of the steps. */
function scan(
  graph: Graph,
  states: readonly (Scanned & { readonly value: Value })[],
  inputs: readonly (Scanned & { readonly value: Value })[],
  outputs: readonly Scanned[],
  backward: boolean,
  body: Body,
): Value[] {
  const inner = graph.inner();
  const taken = [...states, ...inputs].map(({ type, dims }) => inner.input(inner.fresh('in'), type, dims));
  const made = body(inner, taken.slice(0, states.length), taken.slice(states.length));
  [...made.states, ...made.outputs].forEach((value, i) => {
    const { type, dims } = present([...states, ...outputs][i], 'output of a step');
    inner.output(inner.fresh('out'), value, type, dims);
  });
  const direction = backward ? 1 : 0;
  const all = graph.ops('Scan', [...states, ...inputs].map(({ value }) => value), states.length + outputs.length, {
    body: inner.toProto(graph.fresh('step')),
    num_scan_inputs: inputs.length,
    scan_input_directions: inputs.map(() => direction),
    scan_output_directions: outputs.map(() => direction),
  }); // prettier-ignore
  return all.slice(states.length);
}

/** zeros double (B, C) */
function zeros(graph: Graph, { lengths }: Layout, labels: number): Value {
  const shape = graph.op('Concat', [graph.op('Shape', [lengths]), ints(graph, [labels])], { axis: 0 }); // (2)
  return graph.op('Expand', [graph.constant('double', 0), shape]); // (B, C)
}

/** The likeliest path of each sentence, the lower label on a tie. emissions (N, C) to (N) */
function viterbi(graph: Graph, network: Network, rules: Rules, emissions: Value, layout: Layout): Value {
  const { op } = graph;
  const { labels } = network.spec;
  const path = (name: keyof Rules, dims: number[]): Value => graph.tensor(`path.${name}`, rules[name], dims);
  const [start, transitions, end] = [path('start', [labels]), path('transitions', [labels, labels]), path('end', [labels])]; // prettier-ignore
  const scores = spread(graph, biased(graph, network, emissions), layout); // (T, B, C)
  const same = graph.tensor(
    'path.same',
    BigInt64Array.from({ length: labels }, (_, c) => BigInt(c)),
    [1, labels],
  );
  const alive = unsqueeze(graph, layout.alive, 2); // (T, B, 1)
  const table = { type: 'double', dims: ['sentences', labels] } as const;
  const flag = { type: 'bool', dims: ['sentences', 1] } as const;
  const ids = { type: 'int64', dims: ['sentences', labels] } as const;
  const [origins = '', best = ''] = scan(
    graph,
    [{ ...table, value: zeros(graph, layout, labels) }],
    [
      { ...table, value: scores },
      { ...flag, value: alive },
      { type: 'bool', dims: [], value: layout.first },
    ],
    [ids, table],
    false,
    (step, [now = ''], [score = '', isThere = '', isFirst = '']) => {
      const paths = step.op('Add', [unsqueeze(step, now, 2), transitions]); // (B, C, C): label i, then label j
      const top = step.op('ReduceMax', [paths], { axes: [1], keepdims: 0 }); // (B, C)
      const from = step.op('ArgMax', [paths], { axis: 1, keepdims: 0 }); // (B, C)
      const next = step.op('Add', [step.op('Where', [isFirst, start, top]), score]); // (B, C)
      // sums of long sentences keep their last digits
      const most = step.op('ReduceMax', [next], { axes: [1], keepdims: 1 }); // (B, 1)
      const less = step.op('Sub', [next, step.op('Where', [isFirst, step.constant('double', 0), most])]); // (B, C)
      const state = step.op('Where', [isThere, less, now]);
      return { states: [state], outputs: [step.op('Where', [isThere, from, same]), state] };
    },
  ); // (T, B, C) both
  const last = squeeze(graph, slice(graph, best, 0, -1, REST), 0); // (B, C)
  const ends = op('ArgMax', [op('Add', [last, end])], { axis: 1, keepdims: 1 }); // (B, 1)
  const one = { type: 'int64', dims: ['sentences', 1] } as const;
  const [found = ''] = scan(
    graph,
    [{ ...one, value: ends }],
    [{ ...ids, value: origins }],
    [one],
    true,
    (step, [label = ''], [from = '']) => ({
      states: [step.op('GatherElements', [from, label], { axis: 1 })],
      outputs: [label],
    }),
  ); // (T, B, 1)
  return squeeze(graph, gathered(graph, found, layout, 1), 1); // (N)
}

/** log P of every label, by forward-backward in double precision, each sum from its largest term. (N, C) */
function logMarginals(graph: Graph, network: Network, emissions: Value, layout: Layout): Value {
  const { op } = graph;
  const { labels } = network.spec;
  const [start, transitions, end] = ['start', 'transitions', 'end'].map((part) => exactWeight(graph, network, `crf.${part}`)) as [Value, Value, Value]; // prettier-ignore
  const table = { type: 'double', dims: ['sentences', labels] } as const;
  const scores = { ...table, value: spread(graph, emissions, layout) }; // (T, B, C)
  const alive = { type: 'bool', dims: ['sentences', 1], value: unsqueeze(graph, layout.alive, 2) } as const; // (T, B, 1)
  const nothing = { ...table, value: zeros(graph, layout, labels) };
  const [alpha = ''] = scan(
    graph,
    [nothing],
    [scores, { type: 'bool', dims: [], value: layout.first }],
    [table],
    false,
    (step, [before = ''], [score = '', isFirst = '']) => {
      const sums = logSum(step, step.op('Add', [unsqueeze(step, before, 2), transitions]), 1); // (B, C)
      const state = step.op('Add', [step.op('Where', [isFirst, start, sums]), score]);
      return { states: [state], outputs: [state] };
    },
  ); // (T, B, C)
  const dead = op('Cast', [slice(graph, nothing.value, 1, 0, 1)], { to: graph.typeOf('bool') }); // (B, 1)
  const [beta = ''] = scan(
    graph,
    [nothing, { ...alive, value: dead }],
    [scores, alive],
    [table],
    true,
    (step, [ahead = '', goesOn = ''], [score = '', isThere = '']) => {
      const sums = logSum(step, step.op('Add', [unsqueeze(step, ahead, 1), transitions]), 2); // (B, C)
      const own = step.op('Where', [goesOn, sums, end]); // (B, C)
      return { states: [step.op('Add', [own, score]), isThere], outputs: [own] };
    },
  ); // (T, B, C)
  const both = gathered(graph, op('Add', [alpha, beta]), layout, labels); // (N, C)
  return op('Sub', [both, unsqueeze(graph, logSum(graph, both, 1), 1)]);
}

/** log of the sum of exp over an axis, which goes. */
function logSum(graph: Graph, values: Value, axis: number): Value {
  const { op } = graph;
  const most = op('ReduceMax', [values], { axes: [axis], keepdims: 1 });
  const powers = op('Exp', [op('Sub', [values, most])]);
  const sum = op('ReduceSum', [powers, ints(graph, [axis])], { keepdims: 0 });
  return op('Add', [op('Log', [sum]), squeeze(graph, most, axis)]);
}

/** Indices of `written.tags` for labels (N). */
function writtenTags(graph: Graph, { written, spec }: Network, ids: Value, layout: Layout): Value {
  const { op } = graph;
  const { tags, before, behind, of } = written;
  const C = spec.labels;
  const table = (name: string, values: readonly number[]): Value =>
    graph.tensor(`written.${name}`, BigInt64Array.from(values, BigInt), [values.length]);
  if (tags.length === C && of.every((tag, i) => tag === Math.floor(i / 4))) return ids;
  const [none, width] = [graph.constant('int64', C), graph.constant('int64', C + 1)];
  const steps = op('Where', [layout.alive, spread(graph, ids, layout), none]); // (T, B)
  const moved = (pads: readonly number[], from: number, to: number): Value =>
    squeeze(graph, gathered(graph, slice(graph, op('Pad', [steps, ints(graph, pads), none]), 0, from, to), layout, 1), 1); // prettier-ignore
  const [previous, next] = [moved([1, 0, 0, 0], 0, -1), moved([0, 0, 1, 0], 1, REST)]; // (N) both
  const opens = op('Gather', [table('before', before), op('Add', [op('Mul', [previous, graph.constant('int64', C)]), ids])]); // prettier-ignore
  const closes = op('Gather', [table('behind', behind), op('Add', [op('Mul', [ids, width]), next])]);
  const way = op('Add', [op('Mul', [opens, graph.constant('int64', 2)]), closes]); // (N)
  return op('Gather', [table('of', of), op('Add', [op('Mul', [ids, graph.constant('int64', 4)]), way])]); // (N)
}
