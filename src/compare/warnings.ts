import { present } from '../errors';
import { typeTitle } from '../schemes';
import type { RunResult } from '../run/result';
import { settingsOf } from '../run/warnings';
import { type Warning, warning, WARNINGS } from '../warnings';
import type { Comparison, LossResult } from './comparison';
import type { Plan } from './plan';
import { canBeShown, familySize, FEWEST_SEEDS, LEVEL } from './statistics';
import type { Tuned } from './tune';

/** What a reader must know before believing the numbers. */
export function warningsOf(
  { losses, split, metrics, floor }: Pick<Comparison, 'losses' | 'split' | 'metrics' | 'floor'>,
  finished: readonly RunResult[],
  plan: Plan,
  tuned: readonly Tuned[] | null,
): Warning[] {
  const [metric] = metrics;
  const warnings = ofTheRuns(finished);
  for (const loss of losses) warnings.push(...ofLoss(loss, split));
  for (const { entrant, rungs } of tuned ?? []) {
    const scores = rungs.flatMap(({ candidates }) => candidates.map(({ score }) => score ?? 0));
    const candidates = rungs.at(0)?.candidates.length;
    if (candidates !== undefined && Math.max(...scores) === 0)
      warnings.push(warning('tuning-learned-nothing', { subject: `${entrant.label}: `, candidates }));
  }
  if (split === 'dev') warnings.push(warning('dev-scores', {}));
  const seeds = plan.seeds.length;
  if (seeds < FEWEST_SEEDS) warnings.push(warning('few-seeds', { seeds, fewest: FEWEST_SEEDS }));
  const questions = familySize('class', metrics, losses.length - 1);
  if (seeds >= FEWEST_SEEDS && !canBeShown(questions, plan.resamples))
    warnings.push(
      warning('few-resamples', {
        questions,
        resamples: plan.resamples,
        needed: 100 * Math.ceil(questions / LEVEL / 50),
      }),
    );
  const engines = [...new Set(finished.map(({ engine }) => `${engine.name} (${engine.device})`))];
  if (engines.length > 1) warnings.push(warning('different-engines', { engines }));
  for (const { label, runs, scores, config } of losses) {
    if (!floor || !metric || !Object.hasOwn(scores, metric.name) || !runs.some(({ learned }) => learned)) continue;
    const { mean } = present(scores[metric.name], metric.name);
    const least = present(floor[metric.name], metric.name);
    const worse = [{ what: `${metric.title} on ${split}`, scored: mean, floor: least }];
    if (mean < least)
      warnings.push(warning('worse-than-look-up', { subject: `${label}: `, worse }, settingsOf(config)));
  }
  return warnings;
}

/** What the runs say of files and machine, once each: what they say of training and scores is told by loss. */
function ofTheRuns(finished: readonly RunResult[]): Warning[] {
  const shared = finished.flatMap(({ warnings }) => warnings.filter(({ code }) => isShared(WARNINGS[code].of)));
  return [...new Map(shared.map((one) => [`${one.code} ${one.message}`, one])).values()];
}

const isShared = (source: (typeof WARNINGS)[Warning['code']]['of']): boolean =>
  source === 'data' || source === 'machine';

function ofLoss({ label, runs, unpredicted, config }: LossResult, split: 'test' | 'dev'): Warning[] {
  const warnings: Warning[] = [];
  const subject = `${label}: `;
  const settings = settingsOf(config);
  for (const { seed, status, message } of runs) {
    const run = `${label}, seed ${seed}`;
    if (status === 'failed') warnings.push(warning('run-failed', { run, why: message ?? '' }));
    if (status === 'missing') warnings.push(warning('run-unfinished', { run }));
  }
  const seeds = runs.filter(({ status, learned }) => status === 'done' && !learned).map(({ seed }) => seed);
  if (seeds.length > 0) warnings.push(warning('learned-nothing', { subject, seeds }, settings));
  if (unpredicted.length > 0 && runs.some(({ learned }) => learned)) {
    const found = { subject, splits: `${split} with any seed`, classes: unpredicted.map(typeTitle) };
    warnings.push(warning('never-predicted', found, settings));
  }
  return warnings;
}
