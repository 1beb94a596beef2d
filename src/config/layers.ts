import { UserError } from '../errors';
import { readJson } from '../json';

/** Where a value came from, for messages: `configs/x.json`, `--set`, `--loss`. */
export interface Layer {
  readonly source: string;
  readonly values: unknown;
}

/** `train.batchTokens=2048` as a layer; the value is read as JSON where it is JSON, else as text. */
export function parseSetting(text: string): Layer {
  const [, key, value] = /^([\w.-]+)=(.*)$/s.exec(text) ?? [];
  if (!key) throw new UserError(`--set ${text}: expected key=value`, 'for example --set train.batchTokens=2048');
  return { source: '--set', values: nest(key, jsonOrText(value)) };
}

/** A JSON config file as a layer. @throws UserError with line and column where it is no JSON */
export async function readConfigFile(path: string): Promise<Layer> {
  return { source: path, values: await readJson(path, 'a config file is one JSON object') };
}

/** `{ 'a.b': 1 }` as `{ a: { b: 1 } }`. */
export function nest(key: string, value: unknown): unknown {
  return key.split('.').reduceRight<unknown>((inner, part) => ({ [part]: inner }), value);
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

export type Tree = Record<string, unknown>;

export const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What stands at a path; undefined where nothing does. */
export const lookUp = (tree: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((node, part) => (isTree(node) ? node[part] : undefined), tree);

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
    const old = into[key];
    if (!isTree(value)) into[key] = value;
    else merge(isTree(old) ? old : (into[key] = {}), value, source, sources, `${path}${key}.`);
  }
}
