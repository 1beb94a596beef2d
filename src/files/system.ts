import { type FileHandle, open } from 'node:fs/promises';
import { explain } from '../errors';

/** 256 KiB: large enough that a read costs nothing beside parsing, small enough to keep memory flat. */
export const CHUNK_BYTES = 1 << 18;

export const sleep = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));

export const codeOf = (error: unknown): unknown => (error as NodeJS.ErrnoException | undefined)?.code;

/** What the system would say. */
export const refusal = (code: string): Error => Object.assign(new Error(code), { code });

export function unlessMissing(error: unknown): null {
  if (codeOf(error) === 'ENOENT') return null;
  throw error;
}

/** Some file systems cannot flush one file; there the rename must do. */
export async function sync(file: Pick<FileHandle, 'sync'>): Promise<void> {
  await file.sync().catch((error: unknown) => {
    if (!['EINVAL', 'ENOTSUP'].includes(String(codeOf(error)))) throw error;
  });
}

/** A rename is on the disk only once its folder is; some systems cannot open a folder, and there the rename must do. */
export async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, 'r');
    await folder.sync().finally(() => folder.close());
  } catch {
    // The file itself is complete either way.
  }
}

export async function guard<T>(path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw explain(error, path);
  }
}

export function guardSync<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw explain(error, path);
  }
}
