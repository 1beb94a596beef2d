import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';

const folders = new Set();

/** @returns the path of a new folder, which is gone when the process ends: when it is done, throws, or is interrupted */
export function temporaryFolder(name) {
  if (folders.size === 0) removeAtTheEnd();
  const folder = mkdtempSync(join(tmpdir(), `${name}-`));
  folders.add(folder);
  return folder;
}

/** Sooner than that. */
export function remove(folder) {
  rmSync(folder, { recursive: true, force: true });
}

function removeAtTheEnd() {
  process.once('exit', () => folders.forEach(remove));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
}
