import { UserError } from './errors';
import { readText } from './files';

/**
 * What a JSON file holds; whoever reads it checks its type.
 * @param expected what the file should be, for the note of the error
 * @throws UserError with line and column where it is no JSON
 */
export async function readJson(path: string, expected: string): Promise<unknown> {
  const text = await readText(path);
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new UserError(`${path}${placeOf(text)}: ${error.message}`, expected);
  }
}

/** `:line:column` of the first character that no JSON could have there, or of the end where the text stops early. */
function placeOf(text: string): string {
  let [low, high] = [0, text.length]; // a beginning of `low` characters can be completed; none of more than `high` can
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBroken(text.slice(0, middle + 1))) high = middle;
    else low = middle + 1;
  }
  const before = text.slice(0, low).split('\n');
  return `:${before.length}:${before[before.length - 1].length + 1}`;
}

/** Whether a beginning can no longer be completed. V8 names a position in some messages only; at the end, there is still hope. */
function isBroken(beginning: string): boolean {
  try {
    JSON.parse(beginning);
    return false;
  } catch (error) {
    const { message } = error as SyntaxError;
    const position = /at position (\d+)/.exec(message)?.[1];
    return position === undefined ? !message.includes('end of JSON') : Number(position) < beginning.length;
  }
}
