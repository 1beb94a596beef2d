import { analyseTagger } from '../analyse';
import { writeAtomic } from '../files';
import { sealed } from '../files/json';
import { type BestTagger, run } from '../run';
import { isResumable } from '../run/resume';
import type { TrainEvent } from '../train/events';
import type { ChildEvent } from './child';
import { analysisPath, type AnalysisFile, type Job } from './job';

export interface WorkerHost {
  readonly signal: AbortSignal;
  readonly send: (event: ChildEvent) => void;
}

/** Milliseconds between two signs of life within an epoch. */
const INTERVAL = 250;

/** The work of one job: trains, and analyses the tagger that comes out. @returns false when it was stopped before its end */
export async function runJob({ config, analyse: wanted }: Job, { signal, send }: WorkerHost): Promise<boolean> {
  const { result } = await run(config, {
    signal,
    overwrite: true,
    resume: (await isResumable(config)) ? config.out : null,
    keep: ['job.json'],
    begin: () => undefined,
    listen: reportProgress(config.train.epochs, send),
    ...(wanted && { examine }),
  });
  return result !== null;
}

async function examine({ folder, corpora, decoding, decoders, result }: BestTagger): Promise<void> {
  const { config, decode, timing } = result;
  const isValid = decode.method === 'valid'; // else it is of other sequences than those that the analysis asks for
  const fit = isValid ? decode.fit : null;
  const analysis = analyseTagger({ corpora, decoding, decoders, metric: config.train.metric, fit });
  const file: AnalysisFile = { started: timing.started, analysis };
  await writeAtomic(analysisPath(folder), `${JSON.stringify(sealed(file))}\n`);
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
