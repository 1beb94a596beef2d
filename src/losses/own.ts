import { UserError } from '../errors';
import type { LossSpec, Param } from './loss';

/** A loss of a file of the user's. */
export interface OwnLoss {
  readonly spec: LossSpec;
  /** The file, as it was named. */
  readonly path: string;
  /** Of the file, in hex. */
  readonly sha256: string;
}

/** Does a config name a file where it could name a loss? */
export const isLossFile = (name: unknown): name is string => typeof name === 'string' && /\.[cm]?js$/.test(name);

const loaded = new Map<string, OwnLoss>();

/** From here on the file is a loss of that name. */
export const registerLoss = (loss: OwnLoss): void => void loaded.set(loss.path, loss);

/** The loss of a file that was loaded. */
export const ownLoss = (name: string): OwnLoss | undefined => loaded.get(name);

/** What a parameter must have beside its meaning. */
const KINDS: Readonly<Record<Param['type'], (param: Record<string, unknown>) => string | undefined>> = {
  number: ({ default: value, range }) =>
    Array.isArray(range) && range.length === 2 && isNumber(value) && isNumber(range[0]) && isNumber(range[1])
      ? value >= range[0] && value <= range[1]
        ? undefined
        : `its default ${value} is not from ${range[0]} to ${range[1]}`
      : 'a number needs default: NUMBER and range: [LEAST, LARGEST]',
  boolean: ({ default: value }) => (typeof value === 'boolean' ? undefined : 'a boolean needs default: true or false'),
  choice: ({ default: value, choices }) =>
    Array.isArray(choices) && choices.includes(value)
      ? undefined
      : 'a choice needs choices: [...], and one of them as default',
  weights: ({ default: value, choices }) =>
    Array.isArray(choices) && choices.includes(value)
      ? undefined
      : 'weights need choices: [...], and one of them as default',
};

const isNumber = (value: unknown): value is number => typeof value === 'number' && !Number.isNaN(value);
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/**
 * What a file exports as a row of LOSSES.
 * @param builtIn names that are taken
 * @throws UserError saying what is missing
 */
export function lossOf(exported: unknown, path: string, builtIn: readonly string[]): LossSpec {
  const refuse = (what: string): UserError =>
    new UserError(
      `${path}: ${what}`,
      'a loss is the default export of its file: export default defineLoss({ name, params, create })',
    );
  if (!isObject(exported))
    throw refuse(exported === undefined ? 'has no default export' : 'its default export is no object');
  const { name, title, formula, source, params = {}, create, fades, ofSentences, stopsGradient } = exported;
  if (typeof name !== 'string' || !/^[\w.+-]+$/.test(name))
    throw refuse(
      `name is ${name === undefined ? 'missing' : JSON.stringify(name)}, expected letters, digits, . _ + or -`,
    );
  if (builtIn.includes(name)) throw refuse(`name is '${name}', which is a loss that is built in: choose another`);
  if (typeof create !== 'function') throw refuse('create is no function of (tf, params, context)');
  if (!isObject(params)) throw refuse('params is no object');
  for (const [key, param] of Object.entries(params)) {
    const kind = isObject(param) ? param.type : undefined;
    if (!isObject(param) || typeof kind !== 'string' || !Object.hasOwn(KINDS, kind))
      throw refuse(
        `params.${key}: type is ${kind === undefined ? 'missing' : JSON.stringify(kind)}, expected ${Object.keys(KINDS).join(', ')}`,
      );
    const wrong = key === 'name' ? "'name' is the name of the loss itself" : KINDS[kind as Param['type']](param);
    if (wrong !== undefined) throw refuse(`params.${key}: ${wrong}`);
    if (param.tune !== undefined && !Array.isArray(param.tune))
      throw refuse(`params.${key}: tune is no list of values`);
  }
  const described = Object.entries(params as LossSpec['params']).map(
    ([key, param]) => [key, { ...param, meaning: typeof param.meaning === 'string' ? param.meaning : '' }] as const,
  );
  const text = (value: unknown, instead: string): string => (typeof value === 'string' ? value : instead);
  return {
    name,
    title: text(title, name),
    formula: text(formula, `as in ${path}`),
    source: text(source, path),
    params: Object.fromEntries(described),
    ...(fades === true && { fades }),
    ...(ofSentences === true && { ofSentences }),
    ...(typeof stopsGradient === 'function' && { stopsGradient: stopsGradient as LossSpec['stopsGradient'] & object }),
    create: create as LossSpec['create'],
  };
}
