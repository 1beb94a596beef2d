import type { z } from 'zod';
import { UserError } from '../errors';
import { type HeadKind, HEAD_KINDS } from '../heads/kinds';
import { findLoss, parseLossParams } from '../losses';
import { didYouMean } from '../wording';
import { settingOf } from './flags';
import { isTree, lookUp, type Tree } from './layers';
import { domainOf, keysOf } from './schema';

/** An issue of the schema in words, with where each value came from. */
export function describe(issue: z.core.$ZodIssue, merged: Tree, sources: Map<string, string>): string[] {
  const path = issue.path.map(String);
  const at = (key: string): string => `${sources.get(key) ?? 'config'}: ${key}`;
  if (issue.code === 'unrecognized_keys') {
    const siblings = keysOf().flatMap(([leaf]) =>
      startsWith(leaf, path) ? leaf.slice(path.length, path.length + 1) : [],
    );
    return issue.keys.map(
      (key) => `${at([...path, key].join('.'))}: unknown key; ${didYouMean(key, [...new Set(siblings)])}`,
    );
  }
  const key = path.join('.');
  const found = lookUp(merged, path);
  if (found === undefined) return [`${at(key)} is missing: ${remedy(key)}`];
  const hint =
    issue.code === 'invalid_value'
      ? didYouMean(typeof found === 'string' ? found : JSON.stringify(found), issue.values.map(String))
      : issue.code === 'custom'
        ? issue.message
        : `expected ${domainOf(path)}`;
  return [`${at(key)}: found ${shown(found)}; ${hint}`];
}

/** As JSON where there is JSON of it: a program may give anything. */
function shown(found: unknown): string {
  try {
    if (typeof found === 'number') return String(found);
    const text = JSON.stringify(found) as string | undefined; // of a function there is none
    return cut(text ?? String(found));
  } catch {
    return Object.prototype.toString.call(found);
  }
}

/** As much of a value as a message bears. */
const cut = (text: string): string => (text.length > 200 ? `${text.slice(0, 200)}…` : text);

/** How a value that has no default is given. */
const remedy = (key: string): string =>
  key === 'data.dev'
    ? `name it with ${settingOf(key)}, or cut one off the training file with dsc-train split`
    : `name it with ${settingOf(key)}`;

const startsWith = (leaf: readonly string[], path: readonly string[]): boolean =>
  leaf.length > path.length && path.every((part, i) => leaf[i] === part);

/** A loss checks its own parameters; its problems are listed with the others. */
export function lossProblems(loss: unknown, sources: Map<string, string>): string[] {
  const { name, ...params } = isTree(loss) ? loss : {};
  const loss_ = name ?? 'dsc';
  if (typeof loss_ !== 'string' || !findLoss(loss_)) return [];
  try {
    parseLossParams(loss_, params);
    return [];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return error.message.split('\n').map((line) => `${sources.get('loss') ?? 'config'}: ${line}`);
  }
}

/** A loss of whole sentences needs a head that gives them a probability. */
export function headProblems(merged: Tree, sources: Map<string, string>): string[] {
  const loss = lookUp(merged, ['loss', 'name']);
  const head = lookUp(merged, ['model', 'head']) ?? 'softmax';
  const kinds = Object.entries<HeadKind>(HEAD_KINDS);
  const spec = findLoss(loss);
  const [name, kind] = kinds.find(([each]) => each === head) ?? [];
  if (!spec?.ofSentences || !kind || kind.ofSentences) return [];
  const fit = kinds.flatMap(([each, { ofSentences }]) => (ofSentences ? [each] : []));
  const setting = settingOf('model.head').replace('\u2026', fit.join(' or '));
  return [
    `${sources.get('loss.name') ?? 'config'}: loss ${spec.name} is of whole sentences, and the head ${name} tags ${kind.title}: add ${setting}, or take loss ce`,
  ];
}
