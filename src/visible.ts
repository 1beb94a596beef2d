/**
 * What is not seen, or changes what is: control characters, format characters (bidi marks, zero-width joiners, tags), lone
 * surrogates, line and paragraph separators, characters that a font may leave out, and every blank but U+0020.
 */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800\ufffe\uffff]|(?! )\p{Zs}/gu;

const SHORT = new Map([
  ['\t', '\\t'],
  ['\n', '\\n'],
  ['\r', '\\r'],
]);

/**
 * Text from data as a terminal or a page may show it: each invisible character as its escape (`\t`, `\u001b`, `\u202e`,
 * `\u{e0001}`). So no name of a file, word or label can move the cursor, turn the line round, or pass for another.
 */
export function visible(text: string): string {
  return text.replace(INVISIBLE, (char) => {
    const short = SHORT.get(char);
    if (short !== undefined) return short;
    const code = (char.codePointAt(0) ?? 0).toString(16);
    return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, '0')}`;
  });
}

/** The same line by line: for text that is made of lines. */
export const visibleLines = (text: string): string => text.split('\n').map(visible).join('\n');

/** The invisible characters of a text, each with its index in code units. */
export const invisibles = (text: string): { readonly char: string; readonly index: number }[] =>
  [...text.matchAll(INVISIBLE)].map(({ 0: char, index }) => ({ char, index }));
