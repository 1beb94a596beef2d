import { UserError } from '../errors';

/** So many are printed; the rest is counted. */
const SHOWN = 20;

interface Problem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly note: string;
}

/** Collects what is wrong with a file, so that one run shows all of it. Memory stays bounded however broken the file is. */
export interface Problems {
  /** Line and column are 1-based; a column counts characters (code points). */
  add(line: number, column: number, message: string, note: string): void;
  /** @throws UserError when anything was added: the first 20 in the order of the file, and how many more there are */
  throwIfAny(): void;
}

export function createProblems(path: string): Problems {
  const kept: Problem[] = [];
  let count = 0;

  function add(line: number, column: number, message: string, note: string): void {
    count++;
    kept.push({ line, column, message, note });
    if (kept.length >= 4 * SHOWN) shorten();
  }

  function shorten(): void {
    kept.sort((a, b) => a.line - b.line || a.column - b.column);
    kept.length = Math.min(kept.length, SHOWN);
  }

  function throwIfAny(): void {
    if (count === 0) return;
    shorten();
    const shown = kept.map(({ line, column, message }) => `${path}:${line}:${column}: ${message}`);
    if (count > shown.length) shown.push(`and ${count - shown.length} more`);
    throw new UserError(shown.join('\n'), [...new Set(kept.map(({ note }) => note))].join('\n'));
  }

  return { add, throwIfAny };
}

/** A field or row for a message: in quotes, control characters escaped, cut to 60 characters. */
export function quote(text: string): string {
  const points = characters(text.slice(0, 200));
  return JSON.stringify(points.length > 60 ? `${points.slice(0, 59).join('')}…` : points.join(''));
}

/** Code points: what a column counts. */
export function characters(text: string): string[] {
  return Array.from(text);
}
