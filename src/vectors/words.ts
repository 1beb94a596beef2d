/** Different words by number, in the order in which they came. Words are UTF-8 bytes: no string is made of any. */
export interface Words {
  readonly size: number;
  /** Copies a word, as the last. @returns false where it is there already */
  add(bytes: Uint8Array, start: number, end: number): boolean;
  /** The number of a word, -1 where it is not there. */
  find(word: string): number;
  /** All words, one behind the other. */
  readonly bytes: Uint8Array;
  /** Where each word ends in them. (size) */
  readonly ends: Uint32Array;
}

/** Words that were written earlier, which are different; none without. */
export function createWords(from?: Pick<Words, 'bytes' | 'ends'>): Words {
  let bytes = from?.bytes ?? new Uint8Array(1 << 16);
  let ends = from?.ends ?? new Uint32Array(1 << 12);
  let size = from?.ends.length ?? 0;
  let filled = ends[size - 1] ?? 0;
  let slots = new Int32Array(0); // number + 1 of a word, 0 where none is; looked for from its hash on
  const startOf = (i: number): number => (i === 0 ? 0 : (ends[i - 1] as number));
  rehash();

  function rehash(): void {
    let length = 1 << 13;
    while (length < 3 * size) length *= 2;
    slots = new Int32Array(length);
    for (let i = 0; i < size; i++) {
      let slot = hashOf(bytes, startOf(i), ends[i] as number) & (length - 1);
      while (slots[slot] !== 0) slot = (slot + 1) & (length - 1);
      slots[slot] = i + 1;
    }
  }

  /** The slot of a word: with its number, or the free one where it would go. */
  function slotOf(word: Uint8Array, start: number, end: number): number {
    const mask = slots.length - 1;
    let slot = hashOf(word, start, end) & mask;
    while (slots[slot] !== 0 && !equals((slots[slot] as number) - 1, word, start, end)) slot = (slot + 1) & mask;
    return slot;
  }

  function equals(i: number, word: Uint8Array, start: number, end: number): boolean {
    const from = startOf(i);
    if ((ends[i] as number) - from !== end - start) return false;
    for (let k = start; k < end; k++) if (bytes[from + k - start] !== word[k]) return false;
    return true;
  }

  const query = new Uint8Array(1 << 12);
  const encoder = new TextEncoder();
  return {
    get size() {
      return size;
    },
    add(word, start, end) {
      const slot = slotOf(word, start, end);
      if (slots[slot] !== 0) return false;
      while (filled + end - start > bytes.length) bytes = grown(bytes, new Uint8Array(2 * bytes.length));
      if (size === ends.length) ends = grown(ends, new Uint32Array(2 * size));
      bytes.set(word.subarray(start, end), filled);
      filled += end - start;
      ends[size++] = filled;
      slots[slot] = size;
      if (2 * size > slots.length) rehash();
      return true;
    },
    find(word) {
      if (3 * word.length > query.length) return -1; // no word of vectors is that long
      return (slots[slotOf(query, 0, encoder.encodeInto(word, query).written)] as number) - 1;
    },
    get bytes() {
      return bytes.subarray(0, filled);
    },
    get ends() {
      return ends.subarray(0, size);
    },
  };
}

/** FNV-1a. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}

function grown<T extends Uint8Array | Uint32Array>(from: T, into: T): T {
  into.set(from);
  return into;
}
