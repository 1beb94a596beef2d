import { join } from 'node:path';
import { env } from 'node:process';
import { userFolder } from '../machine';

/** Our own folder for what is too large for a package, or belongs to no folder of the user's: DSC_TRAIN_HOME, or the user's cache folder. */
export function homeFolder(): string {
  return env.DSC_TRAIN_HOME ?? join(env.XDG_CACHE_HOME ?? join(userFolder(), '.cache'), 'dsc-train');
}
