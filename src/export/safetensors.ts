import { littleEndian } from '../checkpoint';
import { UserError } from '../errors';
import { VERSION } from '../package';
import { taggingOf } from '../run/saved';
import { whole } from '../wording';
import type { Made } from './format';
import type { Source } from './source';

/** The reference reader takes no longer header. */
const LONGEST = 100_000_000;

/** Names of weights and how they lie, for whoever reads them without this program. */
const LAYOUT =
  'row-major float32. A table is (rows, width); chars.w (3 width, filters): the character before, itself, the one behind. ' +
  'lstmL.w (2, inputs + H, 4 H), lstmL.b (2, 4 H): forward, then backward; rows are the inputs, then the H recurrent ones; columns ' +
  'are the gates input, forget, candidate, output. output.w (2 H, labels). crf.transitions (labels, labels): [i, j] is label j after i';

/**
 * A file of safetensors: the length of the header (little-endian uint64), the header in JSON, padded with blanks to a multiple of 8,
 * and the values of all weights in its order. What else makes the tagger stands in `__metadata__`, each value JSON in a text.
 * Source: https://github.com/huggingface/safetensors
 */
export async function safetensors(source: Source): Promise<Made> {
  const { weights, vocab, meta } = source.tagger;
  const config = await source.config();
  const metadata = {
    'dsc-train': VERSION,
    name: source.name,
    checkpoint: { sha256: source.sha256, version: meta.version },
    config,
    spec: meta.spec,
    vocab: vocab.toJSON(),
    labels: vocab.labels,
    features: meta.features ?? null,
    tagging: taggingOf(meta),
    decoding: meta.decoding ?? null,
    trainedOn: meta.trainedOn,
    layout: LAYOUT,
  };
  let at = 0;
  const entries = weights.map(({ name, shape, values }) => {
    const begin = at;
    at += values.byteLength;
    return [name, { dtype: 'F32', shape, data_offsets: [begin, at] }] as const;
  });
  const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
  const json = Buffer.from(
    JSON.stringify({
      __metadata__: Object.fromEntries(Object.entries(metadata).map(([key, value]) => [key, text(value)])),
      ...Object.fromEntries(entries),
    }),
  );
  const head = Buffer.alloc(8 * Math.ceil((8 + json.length) / 8), ' ');
  if (head.length - 8 > LONGEST)
    throw new UserError(
      `${source.path}: vocabulary and features take ${whole(json.length)} bytes, and the header of a safetensors file holds ${whole(LONGEST)}`,
      'train with a larger data.minCount or a smaller lexicon',
    );
  head.writeBigUInt64LE(BigInt(head.length - 8));
  json.copy(head, 8);
  return {
    contents: [[head, ...weights.map(({ values }) => littleEndian(values, Float32Array.BYTES_PER_ELEMENT))]],
    notes: config === null ? ['config.json is not beside the checkpoint: the metadata has no config'] : [],
  };
}
