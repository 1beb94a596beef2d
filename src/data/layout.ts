import { UserError } from '../errors';
import { detectFormat, FORMATS, resolveColumn, type Format, type FormatName } from './formats';
import { takeSample } from './sample';
import type { Choice } from './types';

export interface RowOptions {
  readonly format?: FormatName | 'auto';
  /** 1-based number or name; the format's own where it is not given. */
  readonly tokenColumn?: number | string | null;
  readonly tagColumn?: number | string | null;
  /** false reads tokens alone, as input to a tagger; every tag is then `_`. */
  readonly tagged?: boolean;
}

/** How a file is laid out, decided from its first lines and the options. */
export interface Layout {
  readonly format: Choice<FormatName>;
  readonly separator: 'tab' | 'blank';
  readonly columns: { readonly token: number; readonly tag: number; readonly count: number };
}

/** @throws UserError when the columns asked for are not there */
export function decideLayout(path: string, bytes: Buffer, options: RowOptions): Layout {
  const sample = takeSample(bytes);
  const chosen = options.format ?? 'auto';
  const choice = chosen === 'auto' ? detectFormat(sample) : { name: chosen, why: 'as told' };
  const format: Format = FORMATS[choice.name];
  const tagged = options.tagged ?? true;
  const count = !tagged ? Math.max(1, sample.columns) : format.names.length || Math.max(2, sample.columns);
  const token = resolveColumn(options.tokenColumn ?? Math.min(format.token, count), format, count, path) + 1;
  const tag = resolveColumn(options.tagColumn ?? (Math.min(format.tag, count) || count), format, count, path) + 1;
  if (token === tag && tagged) {
    throw new UserError(
      `${path}: column ${String(token)} cannot be both token and tag`,
      `this file has ${String(count)} columns`,
    );
  }
  const separator = format.tabOnly ? 'tab' : sample.separator;
  return { format: choice, separator, columns: { token, tag, count } };
}
