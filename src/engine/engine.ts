import { UserError } from '../errors';

/** What computes the tensors. Several may be open; one is current in a process at a time, as tfjs has one current backend. */
export interface Engine {
  /** Its row in ENGINES. */
  readonly name: string;
  /** The tfjs backend that it made current. */
  readonly backend: string;
  /** The device in words, for reports. */
  readonly device: string;
  readonly threads: number;
  /** Library versions by package name. */
  readonly versions: Readonly<Record<string, string>>;
  /** Brings back what it set in the process when it was opened, where another may have set it since. */
  readonly prepare?: () => void;
  /** Frees the backend with all its tensors. */
  dispose(): void;
}

/** The system does not let the engine start its threads. `auto` passes it on: the next engine would be many times slower. */
export class ThreadsRefused extends UserError {}

export interface EngineOptions {
  /** Upper limit of threads; absent: what the engine finds best. */
  readonly threads?: number;
}

/** One thing on the way to an engine: what was found of it, or what is wrong and what mends that. */
export type Step = { readonly step: string } & (
  { readonly found: string } | { readonly problem: string; readonly mend: string }
);
