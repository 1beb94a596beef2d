import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Column } from '../../src/features';
import { present } from '../../src/errors';

interface Ids {
  readonly dims: readonly number[];
  readonly data: readonly number[];
}
export type Feeds = Readonly<Record<string, Ids>>;

export interface Answer {
  readonly tags: readonly number[];
  readonly probabilities: readonly number[];
}

/** Why onnxruntime-node does not load here; null where it does. */
export function noRuntime(): string | null {
  const { status, stderr } = spawnSync(process.execPath, ['-e', "require('onnxruntime-node')"], {
    cwd: __dirname,
    encoding: 'utf8',
  });
  return status === 0 ? null : (/Error: .*/.exec(stderr)?.[0] ?? `exit code ${String(status)}`);
}

/** @throws Error with what the runtime said */
export function runOnnx(model: string, batches: readonly Feeds[]): Answer[] {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(__dirname, 'runOnnx.mjs')], {
    input: JSON.stringify({ model, batches }),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Answer[];
}

/** Ids of whole sentences by our own encoders, as the inputs of a model are laid out. */
export function feedsOf(sentences: readonly (readonly string[])[], columns: readonly Column[]): Feeds {
  const tokens = sentences.flat();
  const own = (column: Column): Ids => {
    if (column.encode) return { dims: [tokens.length], data: tokens.map(column.encode) };
    const rows = column.spell
      ? tokens.map(column.spell)
      : sentences.flatMap((sentence) => present(column.rowsOf, 'rows')(sentence).map((set) => [...set]));
    const most = Math.max(...rows.map(({ length }) => length));
    const data = rows.flatMap((row) => [...row, ...new Array<number>(most - row.length).fill(-1)]);
    return { dims: [tokens.length, most], data };
  };
  const lengths = { dims: [sentences.length], data: sentences.map(({ length }) => length) };
  return { lengths, ...Object.fromEntries(columns.map((column) => [column.name, own(column)])) };
}
