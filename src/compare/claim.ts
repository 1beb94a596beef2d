import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { UserError } from '../errors';
import { ensureDir, leftIn, makeDir, ownName, remove, touch } from '../files';

const CLAIM = '.compare';

/** Milliseconds between two signs of life to those on other machines. */
const SIGN_OF_LIFE = 60_000;
/** Two that begin at once both see the other and step back, each for a while of its own. */
const TRIES = 3;
const STEP_BACK = 400;

/**
 * Makes a folder this comparison's own until it is given back: two would run the same jobs in the same folders. What a killed one
 * left is taken over.
 * @param say told of that
 * @throws UserError while another comparison runs in the folder
 */
export async function claimFolder(out: string, say: (text: string) => void): Promise<() => Promise<void>> {
  await ensureDir(out);
  for (let left = TRIES - 1; ; left--) {
    const claim = join(out, ownName(CLAIM));
    await makeDir(claim);
    const others = (await leftIn(out, CLAIM)).filter(({ name }) => join(out, name) !== claim);
    const running = others.find(({ dead }) => !dead);
    if (!running) {
      for (const { name, pid } of others) {
        await remove(join(out, name));
        say(`${out}: the comparison of process ${pid} was killed; this one goes on with it\n`);
      }
      const signs = setInterval(() => void touch(claim).catch(() => undefined), SIGN_OF_LIFE).unref();
      return () => {
        clearInterval(signs);
        return remove(claim);
      };
    }
    await remove(claim);
    if (left === 0) {
      throw new UserError(
        `${out}: a comparison is running here, process ${running.pid}`,
        `wait for it, or choose another --out; if there is no such process on any machine, remove ${join(out, running.name)}`,
      );
    }
    await setTimeout(randomInt(STEP_BACK));
  }
}
