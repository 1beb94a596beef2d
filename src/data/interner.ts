/** A longer string is hardly met twice. */
const LONGEST = 64;

/**
 * What is made of strings, by their bytes: each distinct one is decoded and made once, however often it stands in a file. Memory is
 * bounded: of more than `most` strings those met so far are forgotten.
 */
export function createInterner<T>(make: (text: string) => T, most = 1 << 18) {
  let slots: Int32Array; // id + 1 of a string whose hash leads there, 0 where there is none; a power of 2 of them, at most half full
  let hashes: Int32Array;
  let starts: Int32Array; // in `bytes`, of each string and behind the last
  let bytes: Uint8Array; // of all strings, one behind the other
  let made: T[];
  forget();

  function forget(): void {
    slots = new Int32Array(1 << 12);
    hashes = new Int32Array(1 << 11);
    starts = new Int32Array((1 << 11) + 1);
    bytes = new Uint8Array(1 << 14);
    made = [];
  }

  /** What was made of the string of these bytes, which are valid UTF-8. */
  function of(block: Buffer, from: number, to: number): T {
    if (to - from > LONGEST) return make(block.toString('utf8', from, to));
    let hash = -2128831035; // FNV-1a
    for (let i = from; i < to; i++) hash = Math.imul(hash ^ (block[i] as number), 16777619);
    const mask = slots.length - 1;
    for (let slot = (hash ^ (hash >>> 15)) & mask; ; slot = (slot + 1) & mask) {
      const id = (slots[slot] as number) - 1;
      if (id < 0) return add(block, from, to, hash);
      if (hashes[id] === hash && isSame(id, block, from, to)) return made[id] as T;
    }
  }

  function isSame(id: number, block: Buffer, from: number, to: number): boolean {
    const start = starts[id] as number;
    if ((starts[id + 1] as number) - start !== to - from) return false;
    for (let i = from, k = start; i < to; i++, k++) if (block[i] !== bytes[k]) return false;
    return true;
  }

  function add(block: Buffer, from: number, to: number, hash: number): T {
    if (made.length === most) forget();
    if (2 * (made.length + 1) > slots.length) grow();
    const id = made.length;
    const start = starts[id] as number;
    const end = start + to - from;
    if (end > bytes.length) bytes = enlarged(bytes, new Uint8Array(2 * Math.max(bytes.length, end)));
    bytes.set(block.subarray(from, to), start);
    starts[id + 1] = end;
    hashes[id] = hash;
    put(id, hash);
    const one = make(block.toString('utf8', from, to));
    made.push(one);
    return one;
  }

  function put(id: number, hash: number): void {
    const mask = slots.length - 1;
    let slot = (hash ^ (hash >>> 15)) & mask;
    while (slots[slot] !== 0) slot = (slot + 1) & mask;
    slots[slot] = id + 1;
  }

  function grow(): void {
    slots = new Int32Array(2 * slots.length);
    hashes = enlarged(hashes, new Int32Array(slots.length / 2));
    starts = enlarged(starts, new Int32Array(slots.length / 2 + 1));
    for (let id = 0; id < made.length; id++) put(id, hashes[id] as number);
  }

  return { of };
}

function enlarged<T extends Int32Array | Uint8Array>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}
