import { UserError } from '../errors';
import { exists } from '../files';
import { explainOwn, runFile } from '../files/modules';

/** A feature of a file of the user's: what it makes of a token depends on the token's string alone. */
export interface TokenFeature {
  /** Letters, digits, `.`, `_`, `+` or `-`: the name of its table is `own.` and this. */
  readonly name: string;
  /** One of few values, each of which is embedded; a number or a boolean counts as its text. */
  readonly of: (token: string) => string | number | boolean;
}

/** The value of a token, as a text. */
export type ValueOf = (token: string) => string;

/** A feature of a file, ready to be asked. */
export interface OpenFeature {
  readonly name: string;
  /** Where it was found, of the places that were named; and from the root of the disk. */
  readonly path: string;
  readonly file: string;
  readonly sha256: string;
  /** @throws UserError where its code fails, or gives no value */
  readonly valueOf: ValueOf;
}

/**
 * Runs the file of a feature.
 * @param places where it may be: the first that is there is taken
 * @param known the name of the feature, where a tagger needs it
 * @throws UserError where there is none, its code fails, or it is no feature
 */
export async function openFeature(places: readonly [string, ...string[]], known?: string): Promise<OpenFeature> {
  const [first] = places;
  for (const path of places) if (known === undefined || (await exists(path))) return open(path);
  throw new UserError(
    `the tagger sees feature ${known ?? ''} of ${first}, and that file is not there`,
    'bring it back to where it was in training: without it a token cannot be read as the tagger learned to',
  );
}

async function open(path: string): Promise<OpenFeature> {
  const { exported, sha256, file } = await runFile(path);
  const refuse = (what: string): UserError =>
    new UserError(
      `${path}: ${what}`,
      'a feature is the default export of its file: export default defineFeature({ name, of: (token) => value })',
    );
  const { name, of } = (typeof exported === 'object' && exported !== null ? exported : {}) as Partial<
    Record<keyof TokenFeature, unknown>
  >;
  if (exported === undefined) throw refuse('has no default export');
  if (typeof name !== 'string' || !/^[\w.+-]+$/.test(name))
    throw refuse(
      `name is ${name === undefined ? 'missing' : JSON.stringify(name)}, expected letters, digits, . _ + or -`,
    );
  if (typeof of !== 'function') throw refuse('of is no function of a token');
  const call = of as (token: string) => unknown;
  const valueOf: ValueOf = (token) => {
    let value: unknown;
    try {
      value = call(token);
    } catch (error) {
      throw explainOwn(error, path);
    }
    if (['string', 'number', 'boolean'].includes(typeof value)) return String(value);
    throw refuse(
      `feature ${name} gives ${value === null ? 'null' : typeof value} for the token ${JSON.stringify(token)}, expected a text, a number, true or false`,
    );
  };
  const again = valueOf('x') === valueOf('x') && valueOf('Zürich-2') === valueOf('Zürich-2');
  if (!again) throw refuse(`feature ${name} gives one token different values: it must depend on the token alone`);
  return { name, path, file, sha256, valueOf };
}
