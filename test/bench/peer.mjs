import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { started } from './runtime.mjs';

/** The Python that has PyTorch: DSC_TRAIN_PYTHON, else python3; and the device that PyTorch computes on: the processor, or `cuda`. */
const python = process.env.DSC_TRAIN_PYTHON ?? 'python3';
const on = process.env.DSC_TRAIN_PEER_DEVICE ?? 'cpu';

/**
 * Starts `peer.py`, which then waits without using the processor.
 * @returns what `started` does; ask({ what, hidden, variant, runs }) -> Promise<{ ms, cpu_ms }>, its version, whether it has a fused Adam
 */
export async function startPeer(config) {
  const probe = spawnSync(python, ['-c', 'import torch'], { encoding: 'utf8' });
  if (probe.status !== 0) {
    throw new Error(
      `--peer needs PyTorch: \`${python} -c 'import torch'\` fails; name another Python in DSC_TRAIN_PYTHON`,
    );
  }
  const child = started(python, [join(import.meta.dirname, 'peer.py'), JSON.stringify({ ...config, device: on })]);
  const { torch, fused, device } = await child.next();
  return { ...child, version: device === null ? torch : `${torch} on ${device}`, fused };
}
