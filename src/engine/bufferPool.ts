/** Arrays below this many floats are not worth keeping. */
const WORTHWHILE = 16384;

/** Idle buffers kept at the most: those of one training step. */
const LIMIT = 16;

/**
 * Float arrays to use again: fresh memory of some megabytes costs as much as a small kernel, because the system clears its pages
 * one by one and the garbage collector runs more often. Contents of a taken array are undefined.
 */
export class BufferPool {
  private idle: ArrayBuffer[] = []; // smallest first
  private lent = new WeakSet<object>();

  take(length: number): Float32Array {
    if (length < WORTHWHILE) return new Float32Array(length);
    const bytes = 4 * length;
    // Some slack lets one buffer serve batches of varying size; too much would waste the large ones on small arrays.
    const fits = this.idle.findIndex(({ byteLength }) => byteLength >= bytes && byteLength <= 3 * bytes);
    const buffer = fits < 0 ? new ArrayBuffer(4 * Math.ceil(length * 1.2)) : this.idle.splice(fits, 1)[0];
    const array = new Float32Array(buffer, 0, length);
    this.lent.add(array);
    return array;
  }

  /** For an array that will not be used again. Ignores arrays that are not from here, or are released. */
  giveBack(array: Float32Array): void {
    if (!this.lent.delete(array)) return;
    const buffer = array.buffer as ArrayBuffer;
    const at = this.idle.findIndex(({ byteLength }) => byteLength > buffer.byteLength);
    this.idle.splice(at < 0 ? this.idle.length : at, 0, buffer);
    if (this.idle.length > LIMIT) this.idle.shift();
  }

  /** For an array that others may now hold: it is never used again. */
  release(array: object): void {
    this.lent.delete(array);
  }

  clear(): void {
    this.idle = [];
    this.lent = new WeakSet();
  }
}
