import { durationText } from '../compare/timeLeft';
import type { Rehearsal } from '../run/rehearsal';
import { patienceOf } from '../train/schedule';
import { count, whole } from '../wording';

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
