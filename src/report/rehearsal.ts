import type { CompareRehearsal } from '../compare/rehearsal';
import { durationText } from '../compare/timeLeft';
import type { Rehearsal } from '../run/rehearsal';
import { patienceOf } from '../train/schedule';
import { count, whole } from '../wording';
import { align } from './text';

/** What a run would take. */
export function rehearsalText(found: Rehearsal): string {
  const { setup, batches, tokensPerSecond, epochs, secondsPerEpoch, seconds, devIsGuessed } = found;
  const done = 'dry run: everything was read and checked, and nothing was written';
  if (tokensPerSecond === null) return `${done}\nno epoch is left to be trained\n`;
  const { schedule, patience } = setup.config.train;
  const most = patienceOf(schedule, patience);
  const ends = Number.isFinite(most) ? `, fewer where ${count(most, 'epoch')} bring no better dev score` : '';
  return [
    done,
    `speed: ${whole(tokensPerSecond)} tokens/s (${count(batches, 'batch', 'batches')} trained on ${setup.engine.name}, and let go)`,
    `an epoch: about ${secondsPerEpoch < 9.95 ? `${secondsPerEpoch.toFixed(1)} s` : durationText(secondsPerEpoch)}${devIsGuessed ? ', with dev, which was not timed' : ', with dev'}`,
    `training: about ${durationText(seconds)} for ${count(epochs, 'epoch')} at the most${ends}`,
    '',
  ].join('\n');
}

/** The same for programs. */
export function rehearsalData(found: Rehearsal): object {
  const { setup, ...times } = found;
  const { config, folder, engine, weights, warnings } = setup;
  const { name, why, device, threads } = engine;
  return { ...times, folder, engine: { name, why, device, threads }, weights, warnings, config };
}

/** What a comparison would take. */
export function compareRehearsalText(found: CompareRehearsal): string {
  const { folder, seeds, losses, done, runs, size, threads, seconds, tunes } = found;
  const left = runs - done;
  const rows = losses.map((loss) => [
    loss.label,
    whole(loss.left),
    loss.seconds === null ? '-' : durationText(loss.seconds),
  ]);
  const there = done > 0 ? `, ${whole(done)} of them there already` : '';
  return [
    'dry run: everything was read and checked, each loss was tried, and nothing was written',
    `${count(losses.length, 'loss', 'losses')} with ${count(seeds.length, 'seed')}: ${count(runs, 'run')} in ${folder}${there}`,
    ...(left > 0 ? align([['loss', 'runs left', 'about each'], ...rows]) : []),
    left > 0
      ? `about ${durationText(seconds)} at the most: ${count(size, 'run')} at a time with ${count(threads, 'thread')} each, each as fast as it is alone`
      : 'no run is left: the same command without --dry-run makes the report',
    ...(tunes ? ['tuning comes before, and is not counted'] : []),
    '',
  ].join('\n');
}
