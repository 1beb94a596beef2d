/**
 * Index of the first byte that is not part of well-formed UTF-8, -1 when all are. Well-formed as in table 3-7 of the
 * Unicode Standard: shortest forms only, no surrogates, nothing above U+10FFFF.
 */
export function invalidUtf8At(bytes: Uint8Array): number {
  for (let i = 0; i < bytes.length;) {
    const length = sequenceLength(bytes, i, bytes[i] as number);
    if (length === 0) return i;
    i += length;
  }
  return -1;
}

/** Bytes of the character that starts at i with the byte `lead`, 0 when it is ill-formed. */
function sequenceLength(bytes: Uint8Array, i: number, lead: number): 0 | 1 | 2 | 3 | 4 {
  if (lead < 0x80) return 1;
  const second = i + 1 < bytes.length ? (bytes[i + 1] as number) : 0;
  const follows = (k: number): boolean => i + k < bytes.length && ((bytes[i + k] as number) & 0xc0) === 0x80;
  if (lead >= 0xc2 && lead <= 0xdf) return follows(1) ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef) {
    const shortest = lead !== 0xe0 || second >= 0xa0;
    const noSurrogate = lead !== 0xed || second < 0xa0;
    return follows(1) && follows(2) && shortest && noSurrogate ? 3 : 0;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    const inRange = lead === 0xf0 ? second >= 0x90 : lead === 0xf4 ? second < 0x90 : true;
    return follows(1) && follows(2) && follows(3) && inRange ? 4 : 0;
  }
  return 0;
}
