import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { present, UserError } from '../errors';
import { nameOf, readText } from '.';

/**
 * What a JSON file holds; whoever reads it checks its type.
 * @param expected what the file should be, for the note of the error
 * @throws UserError with line and column where it is no JSON, and where it is nested too deep for whatever comes next
 */
export async function readJson(path: string, expected: string): Promise<unknown> {
  return parseJson(await readText(path), nameOf(path), expected);
}

/**
 * The same, of a file that people write: JSON.parse takes the last of two equal keys, and the first is gone without a word.
 * @throws UserError as `readJson`, and where an object has a key twice
 */
export async function readWrittenJson(path: string, expected: string): Promise<unknown> {
  const text = await readText(path);
  const value = parseJson(text, nameOf(path), expected);
  const repeated = repeatedKey(text);
  if (!repeated) return value;
  const before = text.slice(0, repeated.index).split('\n');
  const place = `${before.length}:${present(before.at(-1), 'line').length + 1}`;
  throw new UserError(
    `${nameOf(path)}:${place}: ${repeated.key} stands here for the second time`,
    'of two the first would be lost: make one of them',
  );
}

/** The first key that its object has already, in quotes. @param text JSON, as `JSON.parse` takes it */
function repeatedKey(text: string): { readonly key: string; readonly index: number } | undefined {
  const open: (Set<unknown> | null)[] = []; // the keys of each object; null for a list
  let isKey = false;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]/g)) {
    const keys = open.at(-1);
    if (token === '{' || token === '[') open.push(token === '{' ? new Set() : null);
    else if (token === '}' || token === ']') open.pop();
    else if (isKey && keys && token !== ',') {
      const key: unknown = JSON.parse(token);
      if (keys.has(key)) return { key: token, index };
      keys.add(key);
    }
    isKey = token === '{' || (token === ',' && keys != null);
  }
  return undefined;
}

/** The same of a file of the project itself, at once. @throws as `JSON.parse`, and as Node where there is no such file */
export const readJsonNow = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

/** The same for a text at hand; `path` names it in messages. @throws UserError as `readJson` */
export function parseJson(text: string, path: string, expected: string): unknown {
  try {
    const value = JSON.parse(text) as unknown;
    if (isDeeper(value, DEEPEST)) throw new UserError(`${path}: nested more than ${DEEPEST} levels deep`, expected);
    return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new UserError(`${path}${placeOf(text)}: ${error.message}`, expected);
  }
}

/** Levels of nesting; no file of ours has a tenth of them. */
const DEEPEST = 200;

function isDeeper(value: unknown, levels: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > levels) return true;
    level = level.flatMap((item) =>
      typeof item === 'object' && item !== null ? (Object.values(item) as unknown[]) : [],
    );
  }
  return false;
}

/**
 * An object with a checksum of all it holds: when it is read again, it is known to be what was written. `timing` has a checksum of
 * its own, so that runs that differ in nothing else have the same one.
 */
export function sealed(value: object): object {
  const { timing, ...rest } = value as { readonly timing?: object };
  const own = timing && { timing: { ...timing, checksum: checksumOf(timing) } };
  return { ...rest, ...own, checksum: checksumOf([rest, timing !== undefined]) };
}

/**
 * What a file of a sealed object holds, without its checksums.
 * @throws UserError where it is no JSON, or not what was written
 */
export async function readSealed(path: string, expected: string): Promise<object> {
  const found = unsealed(await readJson(path, expected));
  if (found === 'open') throw new UserError(`${path}: has no checksum: it is damaged, or of another version`, expected);
  if (found === 'broken')
    throw new UserError(`${path}: is damaged: its checksum is not that of what it holds`, expected);
  return found;
}

/** `open` where there is no checksum, `broken` where there is another. */
export function unsealed(value: unknown): object | 'open' | 'broken' {
  if (!isObject(value) || typeof value.checksum !== 'string') return 'open';
  const { timing, checksum, ...rest } = value;
  if (checksum !== checksumOf([rest, timing !== undefined])) return 'broken';
  if (timing === undefined) return rest;
  if (!isObject(timing)) return 'broken';
  const { checksum: timed, ...times } = timing;
  return timed === checksumOf(times) ? { ...rest, timing: times } : 'broken';
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** SHA-256 of the shortest JSON, whose first 16 digits are enough against accidents. */
const checksumOf = (value: object): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);

/** `:line:column` of the first character that no JSON could have there, or of the end where the text stops early. */
function placeOf(text: string): string {
  let [low, high] = [0, text.length]; // a beginning of `low` characters can be completed; none of more than `high` can
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBroken(text.slice(0, middle + 1))) high = middle;
    else low = middle + 1;
  }
  const before = text.slice(0, low).split('\n');
  return `:${before.length}:${present(before.at(-1), 'line').length + 1}`;
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
