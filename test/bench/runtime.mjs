import { spawn, spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/**
 * Starts ONNX Runtime on a model, in a process of its own: its threads stay awake for a while after each call, beside it and not in ours.
 * @param feeds by input, ids of each batch: { dims, data }
 * @returns what `started` does; ask({ runs }), its version, and the tags of each batch. Null where onnxruntime-node does not load.
 */
export async function startRuntime(model, feeds, threads) {
  const script = join(import.meta.dirname, 'onnx.mjs');
  if (spawnSync(process.execPath, [script], { stdio: 'ignore' }).status !== 0) return null;
  const child = started(process.execPath, [script, model, String(threads)]);
  const tags = await child.ask({ feeds });
  const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json');
  return { ...child, version, tags };
}

/** A process that answers every line of JSON with one: { next(), ask(question) } are promises of a line, end() lets it go. */
export function started(command, args) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${[command, ...args].join(' ')} ended`);
    return JSON.parse(value);
  };
  return {
    next,
    ask(question) {
      child.stdin.write(`${JSON.stringify(question)}\n`);
      return next();
    },
    end: () => child.stdin.end(),
  };
}
