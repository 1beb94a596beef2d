import { firstLine, mistaken, UserError } from '../errors';
import { cores as coresHere } from '../machine';
import { type Engine, type EngineOptions, type Step, ThreadsRefused } from './engine';
import { type Warning, warning } from '../warnings';

export type { Engine, EngineOptions, Step } from './engine';

/** An open engine and why it is this one, recorded with every result; and what of the options it does otherwise. */
export interface OpenEngine extends Omit<Engine, 'prepare'> {
  readonly why: string;
  readonly warnings: readonly Warning[];
  /** Makes it the current one: to be called after every `await` before tensors are made, since another may have come between. */
  activate(): void;
  /** Frees the backend with all its tensors, once everybody who opened this engine has let go of it. */
  dispose(): void;
}

interface EngineRow {
  /** One line for `--help`. */
  readonly what: string;
  /** What must be there for it to open, and where that comes from. */
  readonly needs: string;
  /** What is found of the things that it needs, without loading any of them. */
  inspect?(): Promise<readonly Step[]>;
  /** Makes the engine's backend current; throws, with a message fit for users, where this machine cannot run it. */
  open(options: EngineOptions): Promise<Engine>;
}

/** In the order in which `auto` tries them: fastest first. */
export const ENGINES = {
  cuda: {
    what: 'an NVIDIA GPU, by @tensorflow/tfjs-node-gpu',
    needs: 'an NVIDIA GPU with its driver; libtensorflow, CUDA and cuDNN (dsc-train setup tensorflow --gpu)',
    inspect: async () => (await import('./tensorflow/inspect.js')).inspect(['gpu']),
    open: async (options) => (await import('./cuda.js')).open(options),
  },
  native: {
    what: 'our C++ kernels on the processor, all cores',
    needs: 'the kernels compiled for this system (a C++ compiler and Python 3 when the package is installed)',
    open: async (options) => (await import('./native.js')).open(options),
  },
  tensorflow: {
    what: 'libtensorflow on the processor, by @tensorflow/tfjs-node-gpu',
    needs: 'libtensorflow (dsc-train setup tensorflow)',
    inspect: async () => (await import('./tensorflow/inspect.js')).inspect(['cpu', 'gpu']),
    open: async (options) => (await import('./tensorflow/index.js')).open(options),
  },
  js: {
    what: 'plain JavaScript kernels on one CPU core; runs everywhere, slowly',
    needs: 'nothing',
    open: async () => (await import('./js.js')).open(),
  },
} as const satisfies Readonly<Record<string, EngineRow>>;

export type EngineName = keyof typeof ENGINES;

/** The row of an engine, where there is one of that name. */
export function engineRow(name: string): EngineRow | undefined {
  return Object.hasOwn(ENGINES, name) ? ENGINES[name as EngineName] : undefined;
}

/**
 * Opens an engine of ENGINES by name, or with `auto` the first that opens.
 * @throws UserError when the name is unknown, or the engine asked for does not open: another is never taken in its place
 */
export async function openEngine(name: string, options: EngineOptions = {}): Promise<OpenEngine> {
  const { threads = 1 } = options;
  if (!Number.isInteger(threads) || threads < 1) throw mistaken('threads', threads, 'a whole number from 1 up');
  if (name === 'auto') return openFirst(options);
  const row = engineRow(name);
  if (!row) throw new UserError(`unknown engine '${name}'`, `engines: auto, ${Object.keys(ENGINES).join(', ')}`);
  try {
    return await openRow(name, row, options, 'asked for by name');
  } catch (error) {
    if (error instanceof ThreadsRefused) throw error;
    const auto = `or try --engine auto, which takes the first that opens of ${Object.keys(ENGINES).join(', ')}`;
    const mend = error instanceof UserError && error.note !== '' ? [error.note, auto] : [auto.slice('or '.length)];
    throw new UserError(`engine ${name} does not open here: ${firstLine(error)}`, mend.join('\n'));
  }
}

/** How many have an engine open, or are about to: they share its backend. */
const holders = new Map<string, number>();

/** The ops of the tensor API have gradients as soon as an engine is open, whichever it is. */
async function openRow(name: string, row: EngineRow, options: EngineOptions, why: string): Promise<OpenEngine> {
  holders.set(name, (holders.get(name) ?? 0) + 1);
  let isHeld = true;
  /** @returns whether nobody has it any more */
  const letGo = (): boolean => {
    if (!isHeld) return false;
    isHeld = false;
    const left = (holders.get(name) ?? 1) - 1;
    holders.set(name, left);
    return left === 0;
  };
  try {
    const { prepare, ...engine } = await row.open(options);
    const [{ registerGradients }, { activator }] = [await import('../kernels/index.js'), await import('./current.js')];
    registerGradients();
    const activate = activator(engine.backend, prepare);
    activate(); // another may have been opened meanwhile
    const dispose = (): void => {
      if (letGo()) engine.dispose();
    };
    return { ...engine, why, warnings: threadWarnings(engine, options.threads ?? 1), activate, dispose };
  } catch (error) {
    letGo();
    throw error;
  }
}

async function openFirst(options: EngineOptions): Promise<OpenEngine> {
  const failures: string[] = [];
  for (const [name, row] of Object.entries(ENGINES)) {
    try {
      return await openRow(name, row, options, ['first that opens', ...failures].join('; '));
    } catch (error) {
      if (error instanceof ThreadsRefused) throw error;
      failures.push(`${name}: ${firstLine(error)}`);
    }
  }
  throw new UserError('no engine opens here', failures.join('\n'));
}

function threadWarnings({ name, threads }: Engine, asked: number): Warning[] {
  const cores = coresHere();
  return [
    ...(asked > threads ? [warning('fewer-threads', { engine: name, threads, asked })] : []),
    ...(threads > cores ? [warning('more-threads-than-cores', { threads, cores })] : []),
  ];
}
