import { MultiBar, type SingleBar } from 'cli-progress';
import type { CompareEvent } from '../compare/launch';
import {
  advance,
  isSeedDone,
  labelOf,
  type LossProgress,
  NO_STAGE,
  processorSeconds,
  type StageProgress,
  stageSecondsLeft,
  stageSoFar,
} from '../compare/progress';
import type { SoFar } from '../compare/soFar';
import { spreadOf } from '../compare/statistics';
import { durationText } from '../compare/timeLeft';
import { metricValue } from '../metrics/metric';
import { count, percent, signedPercent, visible } from '../wording';
import type { ProgressStream } from './progress';

export interface CompareProgress {
  readonly listen: (event: CompareEvent) => void;
  /** Takes the bars down. */
  readonly end: () => void;
}

/** On a terminal one bar over all, one per loss that fills in with its scores, one per running job; plain lines elsewhere. */
export function createCompareProgress(
  stream: ProgressStream,
  quiet: boolean,
  clock = () => performance.now(),
): CompareProgress {
  const lines = lineProgress(stream, quiet, clock);
  return stream.isTTY && !quiet ? barProgress(stream, clock) : lines;
}

/** Milliseconds without a line after which one says what is under way: runs may take hours, and what reads a log waits for a sign of life. */
const SILENCE = 60_000;

/**
 * A line for each run that ends, and while losses are tuned for each loss that is through the round: its runs are many, and the table of
 * the report has them.
 */
function lineProgress(stream: ProgressStream, quiet: boolean, clock: () => number): CompareProgress {
  let stage = NO_STAGE;
  let found: readonly string[] = [];
  let ended = new Map<string, number>();
  let explained = false;
  let last = 0;
  return {
    listen(event) {
      const now = clock();
      const write = (text: string): void => {
        stream.write(text);
        last = now;
      };
      stage = advance(stage, event, now);
      if (event.kind === 'failed') write(failureText(event));
      if (quiet) return;
      if (event.kind === 'stage') {
        found = event.done;
        ended = new Map();
        write(stageText(event));
      }
      if (event.kind === 'progress' && now - last >= SILENCE) write(runningText(stage, event, now));
      if (event.kind !== 'done' && event.kind !== 'failed') return;
      const label = labelOf(event.job);
      const times = (ended.get(label) ?? 0) + 1;
      ended.set(label, times);
      if (found.includes(event.job.id)) return;
      if (stage.reference === null) {
        const loss = stage.losses.get(label);
        if (loss?.total === times) write(roundText(loss, stage, now));
        return;
      }
      if (event.kind === 'done') write(`${doneText(event)}  (${countText(stage, now)})\n`);
      const isOver = stage.done + stage.failed === stage.total;
      if (isOver || !isSeedDone(stage, event.job.config.seed)) return;
      const text = seedsText(stage, explained);
      write(text);
      explained ||= text !== '';
    },
    end: () => undefined,
  };
}

/** What is under way: of several runs the one that has just moved. */
function runningText(stage: StageProgress, event: Of<'progress'>, now: number): string {
  const others = stage.running.size - 1;
  const more = others > 0 ? ` and ${count(others, 'other run')}` : '';
  return `under way: ${event.job.id}, ${epochText(event)}${more}  (${countText(stage, now)})\n`;
}

/** A loss whose runs of a round of tuning have all ended. */
function roundText({ label, dev, total }: LossProgress, stage: StageProgress, now: number): string {
  const failed = total - dev.length;
  const scores =
    dev.length > 0 ? `, best epochs on dev ${percent(Math.min(...dev))}..${percent(Math.max(...dev))}` : '';
  return `${stage.title}: ${label}: ${count(total, 'run')}${scores}${failed > 0 ? `, ${failed} failed` : ''}  (${countText(stage, now)})\n`;
}

const LINE = '{label} {bar} {value}/{total}  {text}';

function barProgress(stream: ProgressStream, clock: () => number): CompareProgress {
  let stage = NO_STAGE;
  let multi: MultiBar | undefined;
  let overall: SingleBar | undefined;
  const losses = new Map<string, SingleBar>();
  const running = new Map<string, SingleBar>();
  let width = 0;
  const name = (label: string): string => label.padEnd(width);
  const end = (): void => {
    multi?.update(); // what was said since the last redraw, above all a failure
    multi?.stop();
    multi = undefined;
    losses.clear();
    running.clear();
  };

  function start(event: Of<'stage'>): void {
    end();
    stream.write(stageText(event));
    width = Math.max(9, ...event.jobs.map(({ id }) => id.length));
    multi = new MultiBar({
      stream,
      format: LINE,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      barsize: 20,
      hideCursor: true,
      clearOnComplete: true,
      fps: 5,
    });
    overall = multi.create(stage.total, stage.done, { label: name('all runs'), text: '' });
    for (const { label, total } of stage.losses.values())
      losses.set(label, multi.create(total, 0, { label: name(label), text: '' }));
  }

  function runLine(job: Of<'start'>['job'], text: string, share: number): void {
    const bar = running.get(job.id) ?? multi?.create(100, 0, {}, { format: '{label} {bar} {percentage} %  {text}' });
    if (!bar) return;
    running.set(job.id, bar);
    bar.update(Math.round(100 * share), { label: name(job.id), text });
  }

  return {
    listen(event) {
      const now = clock();
      stage = advance(stage, event, now);
      switch (event.kind) {
        case 'stage':
          start(event);
          break;
        case 'start':
          runLine(event.job, 'reading', 0);
          break;
        case 'progress':
          runLine(event.job, epochText(event), stage.running.get(event.job.id)?.share ?? 0);
          break;
        default: {
          const bar = running.get(event.job.id);
          if (bar) multi?.remove(bar);
          running.delete(event.job.id);
          if (event.kind === 'failed') multi?.log(failureText(event));
          const loss = stage.losses.get(labelOf(event.job));
          if (loss) losses.get(loss.label)?.update(loss.dev.length, { text: lossText(loss) });
          for (const one of stageSoFar(stage)) {
            const own = stage.losses.get(one.label);
            if (own) losses.get(one.label)?.update({ text: `${lossText(own)}  ${besideText(one, stage.reference)}` });
          }
        }
      }
      overall?.update(stage.done + stage.failed, { text: leftText(stage, now) });
    },
    end,
  };
}

type Of<K extends CompareEvent['kind']> = Extract<CompareEvent, { kind: K }>;

const stageText = ({ title, jobs, done, damaged, size }: Of<'stage'>): string =>
  [
    ...damaged.map((message) => visible(`${message}; it is made again`)),
    `${title}: ${jobs.length}${done.length > 0 ? `, ${done.length} done already` : ''}, ${size} at a time`,
    '',
  ].join('\n');

const failureText = ({ job, message }: Of<'failed'>): string => `${visible(`failed: ${job.id}: ${message}`)}\n`;

function doneText({ job, run }: Of<'done'>): string {
  const { best, test, timing } = run.result;
  const scored = test ? `  test ${percent(metricValue(test, 'micro-f1'))}` : '';
  return `${job.id}: done  dev ${percent(best.score)}${scored}  ${durationText(timing.seconds)}`;
}

const epochText = ({ event: { epoch, epochs, devScore } }: Of<'progress'>): string =>
  `epoch ${epoch}/${epochs}${devScore === null ? '' : `  dev ${percent(devScore)}`}`;

function lossText({ dev, scores }: { readonly dev: readonly number[]; readonly scores: readonly number[] }): string {
  const cell = (values: readonly number[]): string => {
    const { mean, sd } = spreadOf(values);
    return values.length > 1 ? `${percent(mean)} ± ${percent(sd)}` : percent(mean);
  };
  return dev.length === 0 ? '' : `dev ${cell(dev)}  scored ${cell(scores)}`;
}

/** Of one seed there is no spread. */
const FEWEST_PAIRS = 2;

/** Every loss against the reference once a seed is through with all of them; empty where it would be noise. */
function seedsText(stage: StageProgress, explained: boolean): string {
  const all = stageSoFar(stage).filter(({ seeds }) => seeds >= FEWEST_PAIRS);
  const [seeds, planned] = [Math.max(0, ...all.map((one) => one.seeds)), Math.max(0, ...all.map((one) => one.planned))];
  if (all.length === 0) return '';
  const told = all.map((one) => `${one.label} ${soFarText(one)}`).join('; ');
  const when = stage.grows ? 'at the looks of --until-decided alone' : 'with the last seed';
  const note = `  no verdict yet: that is drawn ${when}, by sentences as well; these intervals, 95 %, are of the spread of the seeds so far\n`;
  return `after ${seeds} of ${planned} seeds, ${stage.metric} against ${stage.reference ?? ''}: ${told}\n${explained ? '' : note}`;
}

function soFarText({ difference, interval, state }: SoFar): string {
  const numbers = interval === null ? 'one seed' : interval.map(percent).join('..');
  return `${signedPercent(difference)} (${numbers})${STATES[state]}`;
}

/** The same in a line that has other things to tell. */
const besideText = ({ difference, interval, state }: SoFar, reference: string | null): string =>
  `${signedPercent(difference)}${interval === null ? '' : ` (${interval.map(percent).join('..')})`} against ${reference ?? ''}${state === 'closed' ? ', none can be shown' : ''}`;

const STATES: Readonly<Record<SoFar['state'], string>> = {
  open: ', open',
  closed: ', decided: its seeds disagree, so that no difference can be shown',
  same: ', the same with each seed so far',
  few: ', fewer than five seeds show nothing',
};

const countText = (stage: StageProgress, now: number): string =>
  `${stage.done + stage.failed}/${stage.total}${leftText(stage, now) === '' ? '' : `, ${leftText(stage, now)}`}`;

function leftText(stage: StageProgress, now: number): string {
  const seconds = stageSecondsLeft(stage, now);
  const isOver = stage.done + stage.failed === stage.total;
  const left = seconds === null || isOver ? [] : [`about ${durationText(seconds)} left`];
  const cost = processorSeconds(stage);
  return [...left, ...(cost > 0 ? [`${durationText(cost)} of processors so far`] : [])].join(', ');
}
