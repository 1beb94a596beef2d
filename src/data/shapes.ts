/** One shape of a token. */
export interface Shape {
  readonly name: string;
  readonly pattern: RegExp;
}

const shape = (name: string, pattern: RegExp): Shape => ({ name, pattern });

/**
 * What case folding loses, and what a token looks like from afar: the first row that fits is the token's shape, its index the
 * id. Letters are Unicode's; a title-case digraph counts as upper case.
 */
export const SHAPES: readonly Shape[] = [
  shape('lower', /^[\p{Ll}\p{M}]+$/u),
  shape('Capitalised', /^[\p{Lu}\p{Lt}][\p{Ll}\p{M}]+$/u),
  shape('CAPITALS', /^[\p{Lu}\p{Lt}][\p{Lu}\p{Lt}\p{M}]+$/u),
  shape('Initial', /^[\p{Lu}\p{Lt}]\p{M}*\.?$/u),
  shape('digits', /^\p{Nd}+$/u),
  shape('punctuation', /^\p{P}+$/u),
  shape('symbols', /^[\p{P}\p{S}\p{M}\p{C}\p{Z}]+$/u),
  shape('number', /^[+\-−]?[\p{Nd}.,:/%°]+$/u),
  shape('link', /^(https?:\/\/|www\.)/i),
  shape('#hashtag', /^#./u),
  shape('@mention', /^@./u),
  shape('letters and digits', /^(?=.*\p{L})(?=.*\p{Nd})/su),
  shape('lower, with marks', /^\p{Ll}[\p{Ll}\p{M}\p{P}\p{S}]*$/u),
  shape('Capitalised, with marks', /^[\p{Lu}\p{Lt}][\p{L}\p{M}]*[\p{P}\p{S}]/u),
  shape('mIxed case', /^(?=.*\p{Ll})(?=.*[\p{Lu}\p{Lt}])/su),
  shape('letters without case', /^[\p{Lo}\p{Lm}\p{M}]+$/u),
  shape('other', /^/),
];

/** Index in SHAPES. The last row fits everything. */
export function shapeOf(token: string): number {
  return SHAPES.findIndex(({ pattern }) => pattern.test(token));
}
