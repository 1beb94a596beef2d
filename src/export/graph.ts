import { onnx } from 'onnx-proto';
import { littleEndian } from '../checkpoint';

/** Every operator below is of this set, which ONNX 1.10 defined; runtimes from 2021 on know it. */
export const OPSET = 15;
export const IR_VERSION = 8;

const TYPES = { float: 1, int32: 6, int64: 7, bool: 9, double: 11 } as const;
export type Type = keyof typeof TYPES;

/** Name of a value of a graph, or of one outside of it. */
export type Value = string;

type Attribute = number | string | readonly number[] | readonly string[] | onnx.IGraphProto;

/** A graph of ONNX that grows. Values have names that are unique in the whole model. */
export interface Graph {
  /** @param dims names of those that vary */
  input(name: string, type: Type, dims: readonly (string | number)[]): Value;
  output(name: string, value: Value, type: Type, dims: readonly (string | number)[]): void;
  /** A number, or a list of one dimension. */
  readonly constant: (type: Type, values: number | readonly number[]) => Value;
  /** @param values row-major */
  readonly tensor: (
    name: string,
    values: Float32Array | Float64Array | BigInt64Array,
    dims: readonly number[],
  ) => Value;
  /**
   * @param name of the node, for whoever sees it fail
   * @returns its only output
   */
  readonly op: (
    type: string,
    inputs: readonly Value[],
    attributes?: Readonly<Record<string, Attribute>>,
    name?: string,
  ) => Value;
  /** The same for an operator of several outputs. */
  readonly ops: (
    type: string,
    inputs: readonly Value[],
    outputs: number,
    attributes?: Readonly<Record<string, Attribute>>,
  ) => Value[];
  /** A graph inside of this one, which sees its values. */
  readonly inner: () => Graph;
  /** A name that no other value has. */
  readonly fresh: (name: string) => string;
  /** The number of a type, for Cast. */
  readonly typeOf: (type: Type) => number;
  readonly toProto: (name: string) => onnx.IGraphProto;
}

export const createGraph = (): Graph => graphOf({ count: 0 });

function graphOf(names: { count: number }): Graph {
  const node: onnx.INodeProto[] = [];
  const initializer: onnx.ITensorProto[] = [];
  const input: onnx.IValueInfoProto[] = [];
  const output: onnx.IValueInfoProto[] = [];
  const fresh = (name: string): Value => `${name}_${++names.count}`;

  function ops(
    opType: string,
    inputs: readonly Value[],
    outputs: number,
    attributes: Readonly<Record<string, Attribute>> = {},
    name?: string,
  ): Value[] {
    const values = Array.from({ length: outputs }, () => fresh(opType.toLowerCase()));
    node.push({
      opType,
      name: name ?? values[0] ?? null,
      input: [...inputs],
      output: values,
      attribute: Object.entries(attributes).map(([name, value]) => attributeOf(name, value)),
    });
    return values;
  }

  function tensor(name: string, type: Type, bytes: Uint8Array, dims: readonly number[]): Value {
    initializer.push({ name, dataType: TYPES[type], dims: [...dims], rawData: bytes });
    return name;
  }

  return {
    input(name, type, dims) {
      input.push(infoOf(name, type, dims));
      return name;
    },
    output(name, value, type, dims) {
      node.push({ opType: 'Identity', input: [value], output: [name] });
      output.push(infoOf(name, type, dims));
    },
    constant(type, values) {
      const list = typeof values === 'number' ? [values] : values;
      return tensor(fresh('constant'), type, bytesOf(type, list), typeof values === 'number' ? [] : [list.length]);
    },
    tensor: (name, values, dims) =>
      tensor(
        name,
        values instanceof Float32Array ? 'float' : values instanceof Float64Array ? 'double' : 'int64',
        littleEndian(values, values.BYTES_PER_ELEMENT),
        dims,
      ),
    op: (type, inputs, attributes, name) => ops(type, inputs, 1, attributes, name)[0] as Value,
    ops,
    inner: () => graphOf(names),
    fresh,
    typeOf: (type) => TYPES[type],
    toProto: (name) => ({ name, node, initializer, input, output }),
  };
}

/** Values as a tensor has them. */
function bytesOf(type: Type, values: readonly number[]): Uint8Array {
  if (type === 'bool') return Uint8Array.from(values);
  const made =
    type === 'int64'
      ? BigInt64Array.from(values, BigInt)
      : { float: Float32Array, double: Float64Array, int32: Int32Array }[type].from(values);
  return littleEndian(made, made.BYTES_PER_ELEMENT);
}

function infoOf(name: string, type: Type, dims: readonly (string | number)[]): onnx.IValueInfoProto {
  const dim = dims.map((size) => (typeof size === 'string' ? { dimParam: size } : { dimValue: size }));
  return { name, type: { tensorType: { elemType: TYPES[type], shape: { dim } } } };
}

function attributeOf(name: string, value: Attribute): onnx.IAttributeProto {
  const { INT, INTS, STRING, STRINGS, GRAPH } = onnx.AttributeProto.AttributeType;
  const bytes = (text: string): Uint8Array => Buffer.from(text);
  if (typeof value === 'number') return { name, type: INT, i: value };
  if (typeof value === 'string') return { name, type: STRING, s: bytes(value) };
  if (!Array.isArray(value)) return { name, type: GRAPH, g: value as onnx.IGraphProto };
  const list = value as readonly (number | string)[];
  return typeof list[0] === 'string'
    ? { name, type: STRINGS, strings: list.map((text) => bytes(String(text))) }
    : { name, type: INTS, ints: list.map(Number) };
}

/**
 * The bytes of a model of this graph.
 * @param metadata texts by name, which a program reads beside the graph
 * @throws RangeError where it is larger than a file of protocol buffers can be, 2 GiB
 */
export function modelBytes(
  graph: Graph,
  about: { readonly name: string; readonly version: string; readonly doc: string },
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const writer = onnx.ModelProto.encode({
    irVersion: IR_VERSION,
    opsetImport: [{ domain: '', version: OPSET }],
    producerName: 'dsc-train',
    producerVersion: about.version,
    docString: about.doc,
    graph: graph.toProto(about.name),
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
  });
  if (writer.len > LONGEST) throw new RangeError(`a model of ${writer.len} bytes`);
  return writer.finish();
}

/** Bytes of a message of protocol buffers. */
const LONGEST = 2 ** 31 - 1;
