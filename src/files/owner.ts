import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { kill, pid } from 'node:process';
import { present } from '../errors';
import { hostName } from '../machine';
import { codeOf } from './system';

/** A name for what a process keeps in a folder while it lives: it tells everybody who made it. */
export function ownName(suffix: string): string {
  return `.dsc-train-${self().join('-')}-${randomBytes(4).toString('hex')}${suffix}`;
}

/** What a process left in a folder under a name of `ownName`. */
export interface Left {
  readonly name: string;
  readonly pid: number;
  /** Its process runs no longer: on this machine that is known; of another, anything untouched for 15 minutes. */
  readonly dead: boolean;
  /** Its process is this one. */
  readonly own: boolean;
}

const FOREIGN_WAIT = 15 * 60_000;

const NAME = /^\.dsc-train-([0-9a-f]{8})-([0-9a-f]{8})-(\d+)-(\d+)-[0-9a-f]{8}\.[a-z]+$/;

/** What processes keep in a folder under names of `ownName` with this suffix. Nothing where there is no such folder. */
export async function leftIn(folder: string, suffix: string): Promise<Left[]> {
  const found: Left[] = [];
  for (const name of await readdir(folder).catch(() => [])) {
    const parts = NAME.exec(name);
    if (!parts || !name.endsWith(suffix)) continue;
    const [, machine, boot, id, start = ''] = parts;
    const [ourMachine, ourBoot, ourId, ourStart] = self();
    const here = machine === ourMachine;
    const touched = here
      ? 0
      : await stat(join(folder, name)).then(
          ({ mtimeMs }) => mtimeMs,
          () => 0,
        );
    const dead = here ? boot !== ourBoot || !isAlive(Number(id), start) : Date.now() - touched > FOREIGN_WAIT;
    found.push({ name, pid: Number(id), dead, own: here && boot === ourBoot && id === ourId && start === ourStart });
  }
  return found;
}

const swept = new Set<string>();

/** Removes the temporary files of processes that were killed; done once for each folder that this process writes to. */
export async function sweep(folder: string): Promise<void> {
  if (swept.has(folder)) return;
  swept.add(folder);
  for (const { name, dead } of await leftIn(folder, '.tmp')) {
    if (dead) await unlink(join(folder, name)).catch(() => undefined);
  }
}

type Self = readonly [machine: string, boot: string, pid: string, start: string];
let whoami: Self | undefined;

/** Process numbers come again: in another container, after the next boot, and when they wrap. So a name holds all of these. */
function self(): Self {
  const id = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8);
  const or = (read: () => string): string => {
    try {
      return read();
    } catch {
      return ''; // a system without /proc
    }
  };
  whoami ??= [
    id(`${hostName()} ${or(() => readlinkSync('/proc/self/ns/pid'))}`),
    id(or(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1'))),
    String(pid),
    startOf(pid),
  ];
  return whoami;
}

/** When a process began, in ticks since the boot; 0 where that cannot be told, empty when it has ended and waits to be collected. */
function startOf(id: number): string {
  try {
    const text = readFileSync(`/proc/${id}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' '); // behind the name, which may hold anything
    return ['Z', 'X'].includes(present(fields[0], 'state')) ? '' : present(fields[19], 'start');
  } catch {
    return '0';
  }
}

function isAlive(id: number, start: string): boolean {
  try {
    kill(id, 0);
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return false; // EPERM: it lives, and is somebody else's
  }
  return ['0', start].includes(startOf(id));
}
