import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { UserError } from '../errors';
import { type Setting, SETTINGS } from '../features';
import { nameOf } from '../files';
import { parseJson, readWrittenJson } from '../files/json';
import { isLossFile } from '../losses';
import { didYouMean } from '../wording';
import { RECIPES } from './recipes';

/** Marks what ships with the package: a sample corpus (`bundled:ner/train.conll`) or a config (`bundled:ner-dsc`). */
export const BUNDLED = 'bundled:';

const SHIPPED_CONFIGS = join(__dirname, '../../configs');

/** Characters; no key has a tenth of them. */
const LONGEST_KEY = 500;

/** Where a value came from, for messages: `configs/x.json`, `--set`, `--loss`. */
export interface Layer {
  readonly source: string;
  readonly values: unknown;
}

/** `train.batchTokens=2048` as a layer; the value is read as JSON where it is JSON, else as text. */
export function parseSetting(text: string): Layer {
  const [, key, value = ''] = /^([\w.-]+)=(.*)$/s.exec(text) ?? [];
  if (!key || key.length > LONGEST_KEY)
    throw new UserError(
      `--set ${text.slice(0, LONGEST_KEY)}: expected key=value`,
      'for example --set train.batchTokens=2048',
    );
  return { source: '--set', values: nest(key, jsonOrText(value)) };
}

/** The keys that hold paths. */
const PATHS: readonly (readonly [key: string, inner?: string])[] = [
  ['data', 'train'],
  ['data', 'dev'],
  ['data', 'test'],
  ['model', 'initFrom'],
  ['loss', 'name'],
  ...Object.entries<Setting>(SETTINGS).flatMap(([name, { type }]) =>
    type === 'file' ? [['model', name] as const] : [],
  ),
  ['out'],
];

/**
 * A JSON config file as a layer. Relative paths in it are relative to the file's folder; `bundled:ner-dsc` is a config that
 * ships with the package.
 * @throws UserError with line and column where it is no JSON, and where nothing of that name ships
 */
export async function readConfigFile(path: string): Promise<Layer> {
  const file = path.startsWith(BUNDLED) ? shippedConfig(path.slice(BUNDLED.length)) : path;
  const values = await readWrittenJson(file, 'a config file is one JSON object');
  return { source: nameOf(path), values: movePaths(values, (name) => join(dirname(file), name)) };
}

/** The same config, its relative paths as they are seen from a folder: what is saved there can be read there again. */
export function seenFrom<T>(folder: string, config: T): T {
  return movePaths(config, (path) => relative(resolve(folder), resolve(path)) || '.') as T;
}

/** Changes every relative path of a config; `-` is no path, and what ships with a package is where the package is. */
function movePaths(config: unknown, move: (path: string) => string): unknown {
  if (!isTree(config)) return config;
  const moved: Tree = { ...config };
  for (const path of PATHS) {
    const [key, inner] = path;
    const name = lookUp(config, inner === undefined ? [key] : [key, inner]);
    if (typeof name !== 'string' || name === '' || name === '-' || isAbsolute(name) || isPackaged(name)) continue;
    if (key === 'loss' && !isLossFile(name)) continue;
    if (inner === undefined) moved[key] = move(name);
    else moved[key] = { ...(moved[key] as Tree), [inner]: move(name) };
  }
  return moved;
}

const isPackaged = (name: string): boolean => name.startsWith(BUNDLED) || name.startsWith('npm:');

/** The file of a shipped config, named with or without its folder and ending. */
function shippedConfig(name: string): string {
  const wanted = name.replace(/^configs\//, '').replace(/\.json$/, '');
  const names = Object.keys(RECIPES);
  if (Object.hasOwn(RECIPES, wanted)) return join(SHIPPED_CONFIGS, `${wanted}.json`);
  const what = wanted === '' ? 'it names no config' : `no such config ships; ${didYouMean(wanted, names)}`;
  const told = Object.entries(RECIPES).map(([recipe, why]) => `${BUNDLED}${recipe}: ${why}`);
  throw new UserError(`--config ${BUNDLED}${name}${name === '' ? '' : ':'} ${what}`, told.join('\n'));
}

/** `{ 'a.b': 1 }` as `{ a: { b: 1 } }`. Any part is an ordinary key, `__proto__` too. */
export function nest(key: string, value: unknown): unknown {
  return key.split('.').reduceRight<unknown>((inner, part) => Object.fromEntries([[part, inner]]), value);
}

function jsonOrText(text: string): unknown {
  try {
    return parseJson(text, '--set', '');
  } catch {
    return text;
  }
}

export type Tree = Record<string, unknown>;

export const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What stands at a path; undefined where nothing does. */
export const lookUp = (tree: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((node, part) => (isTree(node) && Object.hasOwn(node, part) ? node[part] : undefined), tree);

/** The same without `$schema`, which tells an editor what may stand in a config file, and the program nothing. */
export function withoutSchema(values: unknown): unknown {
  if (!isTree(values) || typeof values.$schema !== 'string') return values;
  return Object.fromEntries(Object.entries(values).filter(([key]) => key !== '$schema'));
}

/** A layer that names another loss than the one chosen in the end loses its parameters: they are that other loss's. */
export function withoutOtherLoss(values: unknown, chosen: unknown): unknown {
  const named = lookUp(values, ['loss', 'name']);
  return isTree(values) && named !== undefined && named !== chosen ? { ...values, loss: { name: named } } : values;
}

/** Deep merge; later values win. */
export function merge(into: Tree, values: unknown, source: string, sources: Map<string, string>, path = ''): void {
  if (!isTree(values)) throw new UserError(`${source}: expected an object, found ${JSON.stringify(values)}`);
  for (const [key, value] of Object.entries(values)) {
    sources.set(path + key, source);
    if (!isTree(value)) own(into, key, value);
    else {
      const old = lookUp(into, [key]);
      const inner: Tree = isTree(old) ? old : {};
      own(into, key, inner);
      merge(inner, value, source, sources, `${path}${key}.`);
    }
  }
}

/** Sets a key of the object itself: an assignment to `__proto__` would reach its prototype. */
function own(tree: Tree, key: string, value: unknown): void {
  Object.defineProperty(tree, key, { value, writable: true, enumerable: true, configurable: true });
}
