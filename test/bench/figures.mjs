import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';

/** Watches how busy the machine is. @returns what tells it at the end: programs running in the minute before, and in the last one */
export function watchLoad() {
  const [before] = loadavg();
  return (after = loadavg()[0]) => ({ before, after, cores: cpus().length });
}

/** Writes what a bench found, where somebody asked for it. @param path undefined where nobody did */
export function saveFigures(path, found) {
  if (path !== undefined) writeFileSync(path, `${JSON.stringify(found, null, 1)}\n`);
}
