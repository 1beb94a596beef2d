/** Arrays below this many floats are not worth keeping. */
const WORTHWHILE = 128;

/** Bytes of idle buffers kept at the most, unless one step needs more of one size: far above what a training step needs. */
const LIMIT = 256e6;

/**
 * Float arrays to use again: fresh memory of some megabytes costs as much as a small kernel, because the system clears its pages
 * one by one, and the garbage collector runs the more often the more buffers die. Contents of a taken array are undefined.
 */
export class BufferPool {
  private idle = new Map<number, ArrayBuffer[]>(); // by size class
  private bytes = 0;
  private lent = new Set<object>();

  take(length: number): Float32Array {
    if (length < WORTHWHILE) return new Float32Array(length);
    const size = sizeClass(length);
    const buffer = this.idle.get(size)?.pop();
    if (buffer) this.bytes -= buffer.byteLength;
    const array = new Float32Array(buffer ?? new ArrayBuffer(4 * size), 0, length);
    this.lent.add(array);
    return array;
  }

  /** For an array that will not be used again. Ignores arrays that are not from here, or are released. */
  giveBack(array: Float32Array): void {
    if (!this.lent.delete(array)) return;
    const buffer = array.buffer as ArrayBuffer;
    if (this.bytes + buffer.byteLength > LIMIT) return;
    const size = buffer.byteLength / 4;
    const same = this.idle.get(size);
    if (same) same.push(buffer);
    else this.idle.set(size, [buffer]);
    this.bytes += buffer.byteLength;
  }

  /** For an array that others may now hold: it is never used again. */
  release(array: object): void {
    this.lent.delete(array);
  }

  clear(): void {
    this.idle.clear();
    this.bytes = 0;
    this.lent.clear();
  }
}

/** Floats of the buffer for an array: a quarter of a power of two, so that batches of about one size share their buffers. */
function sizeClass(length: number): number {
  const step = 2 ** Math.max(0, 29 - Math.clz32(length - 1));
  return Math.ceil(length / step) * step;
}
