import { UserError } from '../errors';
import { nameOf, STDIN, streamAt } from '.';

/** What a command reads: the flag or argument that names it, and the path. */
export type Inputs = readonly (readonly [what: string, path: string | null | undefined])[];

/**
 * What can be read only once, such as standard input or a pipe, is read only once. Where a command would wait for ever for a second
 * reading, or find nothing there, it says so before any is read.
 * @throws UserError where two inputs are one stream
 */
export async function checkInputs(inputs: Inputs): Promise<void> {
  const seen = new Map<string, string>();
  for (const [what, path] of inputs) {
    if (path === undefined || path === null) continue;
    const stream = await streamAt(path);
    if (stream === null) continue;
    const other = seen.get(stream);
    if (other !== undefined) {
      throw new UserError(`${nameOf(path)}: cannot be both ${other} and ${what}: it can be read only once`, COPY);
    }
    seen.set(stream, what);
  }
}

/**
 * @param which which streams are refused: standard input alone, or pipes as well
 * @param why   what reads the files again
 * @throws UserError where an input is one
 */
export async function refuseStreams(inputs: Inputs, which: 'stdin' | 'any', why: string): Promise<void> {
  for (const [what, path] of inputs) {
    if (path === undefined || path === null) continue;
    const refused = path === STDIN || (which === 'any' && (await streamAt(path)) !== null);
    if (refused) throw new UserError(`${what}: ${nameOf(path)} can be read only once: ${why}`, COPY);
  }
}

const COPY = 'write it to a file first, and name that';
