import type { Rng } from '../rng';
import type { Bags, Encoded } from './encode';
import { drawSentences } from './sampling';
import type { Batch, Spelled } from './types';

export interface BatchOptions {
  /** Tokens in a batch at the most; a longer sentence is a batch of its own. */
  readonly batchTokens: number;
  /** Sentences in a batch at the most. */
  readonly batchSentences?: number;
  /** How often each sentence is drawn in an epoch of training, beside the others; each once where there are none. (S) */
  readonly weights?: Float64Array | null;
}

/** Label ids predicted for a whole corpus, laid out as the encoded corpus is. */
export interface Predictions {
  readonly offsets: Int32Array;
  /** (N) */
  readonly ids: Int32Array;
}

/**
 * Batches of sentences of similar length. With a generator, sentences of one length are mixed and the batches come in random
 * order: one epoch of training. Without, the result depends on the corpus alone: longest first, then in the corpus's order.
 */
export function makeBatches(encoded: Encoded, options: BatchOptions, rng?: Rng): Batch[] {
  return planBatches(encoded, options, rng).map((order) => packBatch(encoded, order));
}

/** Tokens of sentence s. */
const lengthOf = (offsets: Int32Array, s: number): number => (offsets[s + 1] as number) - (offsets[s] as number);

/**
 * The same before they are packed: which sentences go together, by their indices, the longest first. Packed one by one where they are
 * needed, the batches of a large corpus take no room.
 */
export function planBatches(
  encoded: Encoded,
  { batchTokens, batchSentences = Infinity, weights = null }: BatchOptions,
  rng?: Rng,
): Int32Array[] {
  const sentences =
    weights && rng
      ? drawSentences(weights, rng.split('sentences'))
      : Int32Array.from({ length: encoded.size }, (_, s) => s);
  const sorted = byLength(encoded, sentences, rng);
  const batches: Int32Array[] = [];
  let from = 0;
  let tokens = 0;
  for (let i = 0; i < sorted.length; i++) {
    const length = lengthOf(encoded.offsets, sorted[i] as number);
    if (i > from && (tokens + length > batchTokens || i - from >= batchSentences)) {
      batches.push(sorted.subarray(from, i));
      from = i;
      tokens = 0;
    }
    tokens += length;
  }
  if (from < sorted.length) batches.push(sorted.subarray(from));
  return rng ? rng.shuffle(batches) : batches;
}

/** Sentence indices, longest first: a stable counting sort of the order given or of a random one. (S) */
function byLength({ offsets, longest }: Encoded, order: Int32Array, rng?: Rng): Int32Array {
  if (rng) shuffle(order, rng);
  const next = new Int32Array(longest + 2); // where the next sentence of each length goes
  for (const s of order) {
    const k = longest - lengthOf(offsets, s) + 1;
    next[k] = (next[k] as number) + 1;
  }
  for (let k = 1; k < next.length; k++) next[k] = (next[k] as number) + (next[k - 1] as number);
  const sorted = new Int32Array(order.length);
  for (const s of order) {
    const bucket = longest - lengthOf(offsets, s);
    const to = next[bucket] as number;
    sorted[to] = s;
    next[bucket] = to + 1;
  }
  return sorted;
}

/** Fisher-Yates over a typed array. */
function shuffle(items: Int32Array, rng: Rng): void {
  for (let i = items.length - 1; i > 0; i--) {
    const j = rng.int(i + 1);
    const item = items[i] as number;
    items[i] = items[j] as number;
    items[j] = item;
  }
}

/** Lays sentences out by time step (see `Batch`). `order` holds sentence indices, longest sentence first. */
export function packBatch(encoded: Encoded, order: Int32Array): Batch {
  const { offsets, types, inputs, bags, spellings, labels } = encoded;
  const size = order.length;
  const steps = size === 0 ? 0 : lengthOf(offsets, order[0] as number);
  let n = 0;
  for (let b = 0; b < size; b++) n += lengthOf(offsets, order[b] as number);

  const batch = {
    size,
    stepSizes: new Int32Array(steps), // (T)
    inputs: new Map<string, Int32Array>(),
    labels: new Int32Array(n), // (N)
    sentenceOf: new Int32Array(n), // (N)
    order: order.slice(), // (B)
  };
  const typeOf = new Int32Array(n); // (N)
  let alive = size;
  for (let t = 0, row = 0; t < steps; t++) {
    while (lengthOf(offsets, order[alive - 1] as number) <= t) alive--;
    batch.stepSizes[t] = alive;
    for (let b = 0; b < alive; b++, row++) {
      const from = (offsets[order[b] as number] as number) + t;
      typeOf[row] = types[from] as number;
      batch.labels[row] = labels[from] as number;
      batch.sentenceOf[row] = b;
    }
  }
  for (const [name, idOf] of inputs) {
    const ids = new Int32Array(n); // (N)
    for (let row = 0; row < n; row++) ids[row] = idOf[typeOf[row] as number] as number;
    batch.inputs.set(name, ids);
  }
  if (!bags && !spellings) return batch;
  const owners = new Map<string, Int32Array>();
  const places = placesOf(batch, encoded);
  for (const [name, bag] of bags ?? []) {
    const packed = packBag(bag, places);
    batch.inputs.set(name, packed.rows);
    owners.set(name, packed.owners);
  }
  const spelled = new Map(Array.from(spellings ?? [], ([name, of]) => [name, spellOut(of, typeOf)]));
  return { ...batch, ...(bags && { owners }), ...(spellings && { spelled }) };
}

/** The characters of the strings among these (N), each string once. */
function spellOut({ starts, rows }: Bags, typeOf: Int32Array): Spelled {
  const slots = new Map<number, number>();
  const words = typeOf.map((type) => {
    const slot = slots.get(type) ?? slots.size;
    slots.set(type, slot);
    return slot;
  });
  const types = [...slots.keys()];
  const lengths = Int32Array.from(types, (type) => (starts[type + 1] as number) - (starts[type] as number));
  const three = new Int32Array(3 * lengths.reduce((sum, length) => sum + length, 0));
  let to = 0;
  for (const type of types) {
    const [from, end] = [starts[type] as number, starts[type + 1] as number];
    for (let i = from; i < end; i++) {
      three[to++] = i === from ? 0 : (rows[i - 1] as number);
      three[to++] = rows[i] as number;
      three[to++] = i + 1 === end ? 0 : (rows[i + 1] as number);
    }
  }
  return { rows: three, lengths, words };
}

/** The rows of the tokens at these places (N), one token's behind the other's, and whose each is. (K) both */
function packBag({ starts, rows }: Bags, places: Int32Array): { rows: Int32Array; owners: Int32Array } {
  const sizeAt = (place: number): number => (starts[place + 1] as number) - (starts[place] as number);
  const size = places.reduce((sum, place) => sum + sizeAt(place), 0);
  const packed = { rows: new Int32Array(size), owners: new Int32Array(size) };
  let k = 0;
  places.forEach((place, token) => {
    for (let i = starts[place] as number; i < (starts[place + 1] as number); i++, k++) {
      packed.rows[k] = rows[i] as number;
      packed.owners[k] = token;
    }
  });
  return packed;
}

/** Room for the predictions of a corpus, -1 where nothing was predicted yet. */
export function emptyPredictions({ offsets, types }: Encoded): Predictions {
  return { offsets, ids: new Int32Array(types.length).fill(-1) };
}

/** Where the token of each row of a batch stands in the corpus. (N) */
export function placesOf({ stepSizes, labels, order }: Batch, { offsets }: Pick<Encoded, 'offsets'>): Int32Array {
  const places = new Int32Array(labels.length);
  for (let t = 0, row = 0; t < stepSizes.length; t++) {
    const alive = stepSizes[t] as number;
    for (let b = 0; b < alive; b++, row++) places[row] = (offsets[order[b] as number] as number) + t;
  }
  return places;
}

/** Puts one value a row of a batch (N) back where its token stands in the corpus. */
export function unpack(batch: Batch, perRow: ArrayLike<number>, into: Predictions): void {
  const places = placesOf(batch, into);
  for (let row = 0; row < places.length; row++) into.ids[places[row] as number] = perRow[row] as number;
}

/** The predicted ids of sentence s, without a copy. */
export function predictedIds({ offsets, ids }: Predictions, s: number): Int32Array {
  return ids.subarray(offsets[s], offsets[s + 1]);
}
