import { engineRow, openEngine, type Step } from '../engine';
import type { KernelCheck } from '../engine/selfTest';
import { UserError } from '../errors';
import { cores, processor } from '../machine';
import type { Speed } from './speed';

/** What is known of one engine on this machine. */
export interface Diagnosis {
  readonly engine: string;
  /** What it is, and what it needs. */
  readonly what: string;
  readonly needs: string;
  /** What was found of that. */
  readonly steps: readonly Step[];
  /** It opens, and every kernel gives the right numbers. */
  readonly works: boolean;
  /** Why it does not open, and what to do. */
  readonly problem?: { readonly message: string; readonly note: string };
  readonly device?: string;
  readonly threads?: number;
  readonly versions?: Readonly<Record<string, string>>;
  readonly kernels?: readonly KernelCheck[];
  readonly speed?: Speed;
}

export interface Machine {
  readonly node: string;
  readonly system: string;
  readonly processor: string;
  readonly cores: number;
}

export interface Examination {
  readonly version: string;
  readonly machine: Machine;
  readonly engines: readonly Diagnosis[];
  /** What `--engine` asked for. */
  readonly asked: string;
  /** The engine asked for works; with `auto`, the one that a run would take. */
  readonly works: boolean;
}

/** Opens an engine in this process, tests every kernel and trains for some seconds. Ends with the engine closed. */
export async function diagnose(name: string, seconds: number): Promise<Diagnosis> {
  const row = engineRow(name);
  const steps = (await row?.inspect?.()) ?? [];
  const about = { engine: name, what: row?.what ?? '', needs: row?.needs ?? '', steps };
  try {
    const engine = await openEngine(name);
    try {
      const { selfTest } = await import('../engine/selfTest.js');
      const { measureSpeed } = await import('./speed.js');
      const kernels = selfTest();
      const works = kernels.every(({ passed }) => passed);
      const { device, threads, versions } = engine;
      return {
        ...about,
        works,
        device,
        threads,
        versions,
        kernels,
        ...(works && seconds > 0 && { speed: await measureSpeed(seconds) }),
      };
    } finally {
      engine.dispose();
    }
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { ...about, works: false, problem: { message: error.message, note: error.note } };
  }
}

export function machine(node: string, platform: string, arch: string): Machine {
  return {
    node,
    system: `${platform} ${arch}`,
    processor: processor(),
    cores: cores(),
  };
}

/** The engine that `auto` takes is the first that opens: it must also work. */
export function examined(version: string, machine: Machine, engines: readonly Diagnosis[], asked: string): Examination {
  const one =
    asked === 'auto'
      ? engines.find(({ device }) => device !== undefined)
      : engines.find(({ engine }) => engine === asked);
  return { version, machine, engines, asked, works: one?.works ?? false };
}
