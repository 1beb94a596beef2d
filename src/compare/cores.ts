import { ENGINES } from '../engine';
import { cores as coresHere } from '../machine';
import type { Job } from './job';

/** Runs at a time where nobody says: one a core; one where a GPU computes, whose memory the first process takes. */
export async function atOnce(jobs: readonly Job[]): Promise<number> {
  const names = new Set(jobs.map(({ config }) => config.engine.name));
  const gpu = names.has('cuda') || (names.has('auto') && (await gpuIsThere()));
  return gpu ? 1 : coresHere();
}

/** Would `auto` take the GPU? As far as files tell: opening it would take its memory. */
async function gpuIsThere(): Promise<boolean> {
  const steps = await ENGINES.cuda.inspect();
  return steps.length > 0 && steps.every((step) => 'found' in step);
}

/**
 * Processes at a time and threads of each. A tagger of this size gains little from a second thread, so each core gets a run of its
 * own as long as there are runs enough; fewer runs share the cores.
 */
export function shareCores(runs: number, most: number, cores = coresHere()): { size: number; threads: number } {
  const size = Math.max(1, Math.min(most, runs));
  return { size, threads: Math.max(1, Math.floor(cores / size)) };
}
