import { availableParallelism, cpus, homedir, hostname, totalmem, tmpdir } from 'node:os';
import { versions } from 'node:process';

export { littleEndian } from './bytes';

/** Processors that this process may use: of a machine shared by cgroups or affinity, its part. */
export const cores = (): number => availableParallelism();

/** Bytes of memory in all. */
export const memory = (): number => totalmem();

/** Model of the processor. */
export const processor = (): string => cpus().at(0)?.model ?? 'unknown';

export const hostName = (): string => hostname();

/** The user's own folder. */
export const userFolder = (): string => homedir();

/** Where files may lie for a while: the system clears it. */
export const temporaryFolder = (): string => tmpdir();

/** The version of Unicode that cases and classes of characters are of. */
export const unicode = (): string => versions.unicode ?? 'unknown';
