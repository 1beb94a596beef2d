import { analyseTagger } from '../analyse';
import { leaveVoice } from '../analyse/ensemble';
import { writeAtomic } from '../files';
import { sealed } from '../files/json';
import { type BestTagger, run } from '../run';
import { type CorporaReader, corporaReader } from '../run/corpora';
import { isResumable } from '../run/resume';
import type { TrainEvent } from '../train/events';
import type { ChildEvent, ChildSign } from './child';
import { analysisPath, type AnalysisFile, type Job } from './job';
import { readJob } from './jobs';

export interface WorkerHost {
  readonly signal: AbortSignal;
  readonly send: (event: ChildEvent) => void;
  /** Reads the corpora, where jobs share them. */
  readonly read?: CorporaReader;
}

/** Milliseconds between two signs of life within an epoch. */
const INTERVAL = 250;

/** The work of one job: trains, and analyses the tagger that comes out. @returns false when it was stopped before its end */
export async function runJob({ config, analyse: wanted }: Job, { signal, send, read }: WorkerHost): Promise<boolean> {
  const { result } = await run(config, {
    signal,
    overwrite: true,
    resume: (await isResumable(config)) ? config.out : null,
    keep: ['job.json'],
    begin: () => undefined,
    listen: reportProgress(config.train.epochs, send),
    ...(read && { read }),
    ...(wanted && { examine }),
  });
  return result !== null;
}

/**
 * The work of a child process: one job after the other, by the paths of their files, until there are no more.
 * @param next the next path; null where there is none any more
 * @returns false when it was stopped before the end of a job
 * @throws what a job throws: nothing is done after that
 */
export async function runJobs(
  next: () => Promise<string | null>,
  { signal, send }: { readonly signal: AbortSignal; readonly send: (event: ChildEvent | ChildSign) => void },
): Promise<boolean> {
  const read = corporaReader();
  for (;;) {
    const path = await next();
    if (path === null) return true;
    send({ job: 'begun' });
    if (!(await runJob(await readJob(path, 0), { signal, send, read }))) return false;
    send({ job: 'done' });
  }
}

async function examine({ folder, corpora, decoding, decoders, scorers, result }: BestTagger): Promise<void> {
  const { config, decode, timing } = result;
  const isValid = decode.method === 'valid'; // else it is of other sequences than those that the analysis asks for
  const fit = isValid ? decode.fit : null;
  const { analysis, probabilities } = analyseTagger({
    corpora,
    decoding,
    decoders,
    scorers,
    metric: config.train.metric,
    fit,
  });
  const file: AnalysisFile = { started: timing.started, analysis };
  await writeAtomic(analysisPath(folder), `${JSON.stringify(sealed(file))}\n`);
  const { method, outsideBias } = decode;
  const split = probabilities.test ? 'test' : 'dev';
  const voice = {
    labels: corpora.vocab.labels,
    decoding: { method, outsideBias },
    probabilities: probabilities.test ?? probabilities.dev,
  };
  await leaveVoice({ folder, started: timing.started, split }, voice, result.weights);
}

function reportProgress(epochs: number, send: (event: ChildEvent) => void): (event: TrainEvent) => void {
  let devScore: number | null = null;
  let last = 0;
  return (event) => {
    if (event.kind !== 'step' && event.kind !== 'epoch') return;
    const now = performance.now();
    if (event.kind === 'step' && now - last < INTERVAL) return;
    last = now;
    const { epoch, tokensPerSecond } = event;
    if (event.kind === 'epoch') ({ devScore } = event);
    send({ epoch, epochs, share: event.kind === 'epoch' ? 1 : event.batch / event.batches, devScore, tokensPerSecond });
  };
}
