import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** The Python that has PyTorch: DSC_TRAIN_PYTHON, else python3; and the device that PyTorch computes on: the processor, or `cuda`. */
const python = process.env.DSC_TRAIN_PYTHON ?? 'python3';
const on = process.env.DSC_TRAIN_PEER_DEVICE ?? 'cpu';

/**
 * Starts `peer.py`, which then waits without using the processor.
 * @returns ask({ what, hidden, variant, runs }) -> Promise<{ ms, cpu_ms }>, its version, whether it has a fused Adam, and a way to end it
 */
export async function startPeer(config) {
  const probe = spawnSync(python, ['-c', 'import torch'], { encoding: 'utf8' });
  if (probe.status !== 0) {
    throw new Error(
      `--peer needs PyTorch: \`${python} -c 'import torch'\` fails; name another Python in DSC_TRAIN_PYTHON`,
    );
  }
  const script = join(import.meta.dirname, 'peer.py');
  const child = spawn(python, [script, JSON.stringify({ ...config, device: on })], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error('peer.py ended');
    return JSON.parse(value);
  };
  const { torch, fused, device } = await next();
  return {
    version: device === null ? torch : `${torch} on ${device}`,
    fused,
    ask(question) {
      child.stdin.write(`${JSON.stringify(question)}\n`);
      return next();
    },
    end: () => child.stdin.end(),
  };
}
