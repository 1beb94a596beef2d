/** The first byte in memory is the lowest, as files have it. */
export const littleEndian = (): boolean => new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
