import { tagReaderOf, type Tagging } from '../data/tagging';
import { UserError } from '../errors';
import type { Decoding } from '../heads';
import { decodeText } from '../heads';
import { unicode } from '../machine';
import { VERSION } from '../package';
import { decodingOfRun } from '../run/decoding';
import { taggingOf } from '../run/saved';
import { tagsOf } from '../train/predict';
import { warning } from '../warnings';
import type { ExportSettings, Made } from './format';
import { createGraph, IR_VERSION, modelBytes, OPSET } from './graph';
import { buildNetwork, type Written } from './network';
import type { Source } from './source';

/** The name of the description among the metadata of the model. */
const METADATA = 'dsc-train';

const DOC =
  'A BiLSTM tagger. Inputs, int64: lengths, the tokens of each sentence; and by feature the ids of all tokens, one sentence behind the ' +
  'other: (tokens), or (tokens, most) with -1 behind the last. Outputs: probabilities (tokens, labels), float; tags (tokens), int64. ' +
  `How ids come of text, and what labels and tags are called, stands in the metadata "${METADATA}", as JSON.`;

/**
 * A model of ONNX that tags as `dsc-train tag` does: ids of features in, probabilities and tags out, decoding inside. Beside it lies
 * what a program needs to make ids of text, the same as in the metadata of the model.
 */
export function onnx(source: Source, { decoding: told }: ExportSettings): Made {
  const { tagger, path } = source;
  const { meta, vocab, features, weights } = tagger;
  const decoding = decodingOfRun(tagger, told);
  const tagging = taggingOf(meta);
  const written = writtenOf(vocab.labels, decoding, tagging);
  const description = JSON.stringify({
    format: 'dsc-train onnx',
    version: 1,
    'dsc-train': VERSION,
    name: source.name,
    checkpoint: source.sha256,
    onnx: { opset: OPSET, ir: IR_VERSION },
    unicode: unicode(),
    features: features.columns.map(({ name, recipe }) => {
      if (recipe) return { input: name, ...recipe() };
      throw new UserError(
        `${path}: ${name} is a feature that no other program knows: what it makes of a token cannot be written down`,
        'train without it',
      );
    }),
    /** Columns of the probabilities. */
    labels: vocab.labels.map(tagReaderOf(tagging).labelText),
    /** By the numbers of the output `tags`: as the training file writes them. */
    tags: written.tags,
    tagging,
    decoding: decodeText(decoding),
  });
  const graph = createGraph();
  buildNetwork(graph, { spec: meta.spec, columns: features.columns, weights, decoding, written });
  const vectors = features.files.find(({ key }) => key === 'model.vectors');
  return {
    contents: [bytesOf(), `${description}\n`],
    notes: [`ONNX: opset ${OPSET}, IR version ${IR_VERSION}; decoding ${decodeText(decoding)}`],
    warnings: vectors ? [warning('vectors-left-out', { path: vectors.path })] : [],
  };

  function bytesOf(): Uint8Array {
    try {
      return modelBytes(graph, { name: source.name, version: VERSION, doc: DOC }, { [METADATA]: description });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new UserError(
        `${path}: is too large for a file of ONNX, which holds 2 GiB at the most`,
        'export it to safetensors',
      );
    }
  }
}

/**
 * How every label is written, by what stands beside it, found out from sequences of three.
 * @param labels (C)
 */
export function writtenOf(labels: readonly string[], decoding: Decoding, tagging: Tagging): Written {
  const { fromInner } = tagReaderOf(tagging);
  const C = labels.length;
  const none = C;
  /** What stands for label j between two others, or at an end of the sentence. */
  const write = (i: number, j: number, k: number): string => {
    const ids = Int32Array.from([i, j, k].filter((label) => label !== none));
    const [tags = []] = tagsOf({ ids, offsets: Int32Array.of(0, ids.length) }, labels, decoding);
    return fromInner(tags)[i === none ? 0 : 1] as string;
  };
  const before = new Array<number>((C + 1) * C).fill(0);
  const behind = new Array<number>(C * (C + 1)).fill(0);
  const tags: string[] = [];
  const of: number[] = [];
  for (let j = 0; j < C; j++) {
    const alone = write(none, j, none);
    let [first, last] = [none, none]; // a label before, and one behind, that makes another tag of it
    for (let other = 0; other < C; other++) {
      if (write(other, j, none) !== alone) {
        before[other * C + j] = 1;
        first = other;
      }
      if (write(none, j, other) !== alone) {
        behind[j * (C + 1) + other] = 1;
        last = other;
      }
    }
    for (const i of [none, first])
      for (const k of [none, last]) {
        const tag = write(i, j, k);
        if (!tags.includes(tag)) tags.push(tag);
        of.push(tags.indexOf(tag));
      }
  }
  return { tags, before, behind, of };
}
