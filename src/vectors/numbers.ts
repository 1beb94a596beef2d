/** Powers of ten that a double holds exactly. */
const POWERS = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));

/** Digits that a double holds, whatever they are. */
const EXACT_DIGITS = 15;

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

const [PLUS, MINUS, DOT, ZERO, NINE, E, SMALL_E] = [43, 45, 46, 48, 57, 69, 101];

/**
 * The decimal number that the bytes from `start` to `end` spell, as `Number` reads it, and nothing else that `Number` would take;
 * NaN where they spell none. Most have few digits: their whole number and a power of ten are exact, and so one division rounds right.
 */
export function numberIn(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  const negative = bytes[at] === MINUS;
  if (negative || bytes[at] === PLUS) at++;
  let [mantissa, digits, scale] = [0, 0, 0];
  let isFraction = false;
  for (; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte >= ZERO && byte <= NINE) {
      mantissa = 10 * mantissa + (byte - ZERO);
      digits++;
      if (isFraction) scale--;
    } else if (byte === DOT && !isFraction) isFraction = true;
    else break;
  }
  if (digits === 0) return NaN;
  if (at < end && (bytes[at] === E || bytes[at] === SMALL_E)) {
    const sign = bytes[at + 1];
    let from = at + (sign === MINUS || sign === PLUS ? 2 : 1);
    let exponent = 0;
    if (from === end || end - from > 4) return slowly(bytes, start, end);
    for (; from < end && (bytes[from] as number) >= ZERO && (bytes[from] as number) <= NINE; from++)
      exponent = 10 * exponent + ((bytes[from] as number) - ZERO);
    scale += sign === MINUS ? -exponent : exponent;
    at = from;
  }
  if (at < end || digits > EXACT_DIGITS || Math.abs(scale) >= POWERS.length) return slowly(bytes, start, end);
  const value = scale < 0 ? mantissa / (POWERS[-scale] as number) : mantissa * (POWERS[scale] as number);
  return negative ? -value : value;
}

function slowly(bytes: Uint8Array, start: number, end: number): number {
  if (end - start > 500) return NaN;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
  return DECIMAL.test(text) ? Number(text) : NaN;
}
