import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { basename } from 'node:path';
import node, { execPath } from 'node:process';
import { pathToFileURL } from 'node:url';
import { firstLine, UserError } from '../errors';
import { runProgram } from '../machine/program';
import { readBytes } from '.';
import { importOf } from './importOf';

/** A file of the user's with code, and what it exports by default. */
export interface OwnModule {
  readonly exported: unknown;
  /** Of the file, in hex. */
  readonly sha256: string;
  /** Where it is, from the root of the disk, links followed. */
  readonly file: string;
}

const ran = new Map<string, string>();

/** A file of CommonJS is kept by its path alone: one that has changed since is forgotten. */
function forgetOld(path: string, sha256: string): void {
  const before = ran.get(path);
  ran.set(path, sha256);
  if (before === undefined || before === sha256) return;
  for (const key of Object.keys(require.cache)) if (key === path) Reflect.deleteProperty(require.cache, key);
}

/**
 * Runs a file of JavaScript, as a module of its own kind. What was changed since it ran last runs anew; files that it imports do not.
 * @throws UserError where it cannot be read or run, with the line where that is known
 */
export async function runFile(path: string): Promise<OwnModule> {
  const sha256 = createHash('sha256')
    .update(await readBytes(path))
    .digest('hex');
  const file = await realpath(path);
  forgetOld(file, sha256);
  const url = pathToFileURL(file);
  url.searchParams.set('sha256', sha256);
  try {
    const { default: exported } = await ending(importOf(url.href), path);
    return { exported, sha256, file };
  } catch (error) {
    throw explainOwn(error, path, error instanceof SyntaxError ? await lineOfSyntax(file) : undefined);
  }
}

/** Node ends without a word where all that is left to do waits for what never comes: that is told. */
async function ending<T>(work: Promise<T>, path: string): Promise<T> {
  let idle: () => void = () => undefined;
  const stuck = new Promise<never>((_, fail) => {
    const note = 'an await outside of every function has nothing to wait for';
    idle = () => fail(new UserError(`${path}: never comes to its end`, note));
  });
  node.once('beforeExit', idle);
  try {
    return await Promise.race([work, stuck]);
  } finally {
    node.off('beforeExit', idle);
  }
}

/** Node tells the line of a syntax error only to who reads what it prints. */
async function lineOfSyntax(file: string): Promise<string | undefined> {
  const { complaints } = await runProgram(execPath, ['--check', file]);
  return /^\S+:(\d+)$/m.exec(complaints)?.[1];
}

/** What went wrong in the code of such a file, in words. */
export function explainOwn(error: unknown, path: string, line?: string): UserError {
  if (error instanceof UserError) return error;
  const what = error instanceof Error ? `${error.name}: ${firstLine(error)}` : `it threw ${String(error)}`;
  const missing = /Cannot find (?:package|module) 'dsc-train'/.test(what);
  const note = missing
    ? 'npm install dsc-train in the folder of the file or above it; or export the object as it is, which defineLoss and defineFeature hand back'
    : '';
  return new UserError(`${line === undefined ? placeIn(error, path) : `${path}:${line}`}: ${what}`, note);
}

/** `path:line:column`, as far as the stack tells. */
function placeIn(error: unknown, path: string): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const name = basename(path).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const [, line, column] = new RegExp(`/${name}(?:\\?sha256=\\w+)?:(\\d+)(?::(\\d+))?`).exec(stack) ?? [];
  return [path, line, column].filter((part) => part !== undefined).join(':');
}
