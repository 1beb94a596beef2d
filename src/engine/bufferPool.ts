/**
 * Float arrays to use again: fresh memory of some megabytes costs as much as a small kernel, because the system clears its pages
 * one by one. Contents of a taken array are undefined. Holds at most `limit` idle buffers.
 */
export class BufferPool {
  private readonly idle: ArrayBuffer[] = [];
  private readonly lent = new WeakSet<object>();

  constructor(private readonly limit = 4) {}

  take(length: number): Float32Array<ArrayBuffer> {
    const bytes = 4 * length;
    const fits = this.idle.findIndex((buffer) => buffer.byteLength >= bytes);
    // Some slack lets one buffer serve batches of varying size.
    const buffer = fits < 0 ? new ArrayBuffer(Math.ceil(bytes * 1.25)) : this.idle.splice(fits, 1)[0];
    const array = new Float32Array(buffer, 0, length);
    this.lent.add(array);
    return array;
  }

  /** Ignores arrays that are not from here, and those given back before. The giver must not use the array again. */
  giveBack(array: Float32Array<ArrayBuffer>): void {
    if (!this.lent.delete(array)) return;
    this.idle.push(array.buffer);
    this.idle.sort((a, b) => a.byteLength - b.byteLength);
    if (this.idle.length > this.limit) this.idle.shift();
  }
}
