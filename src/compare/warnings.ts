import type { RunResult } from '../run/result';
import type { LossResult } from './comparison';
import type { Plan } from './plan';
import { FEWEST_SEEDS } from './statistics';
import type { Tuned } from './tune';

/** What a reader must know before believing the numbers. */
export function warningsOf(
  losses: readonly LossResult[],
  finished: readonly RunResult[],
  plan: Plan,
  tuned: readonly Tuned[] | null,
  split: 'test' | 'dev',
): string[] {
  const warnings: string[] = [];
  for (const { label, runs, unpredicted } of losses) {
    for (const { seed, status, message } of runs) {
      if (status === 'failed') warnings.push(`${label}, seed ${seed}: failed: ${message ?? ''}`);
      if (status === 'missing') warnings.push(`${label}, seed ${seed}: not finished`);
    }
    const unlearned = runs.filter(({ status, learned }) => status === 'done' && !learned).map(({ seed }) => seed);
    if (unlearned.length > 0)
      warnings.push(`${label}: learned nothing (dev score 0) with seed ${unlearned.join(', ')}`);
    if (unpredicted.length > 0 && runs.some(({ learned }) => learned))
      warnings.push(
        `${label}: predicted no ${unpredicted.join(', ')} on ${split} with any seed, though training holds them`,
      );
  }
  for (const { entrant, rungs } of tuned ?? []) {
    const scores = rungs.flatMap(({ candidates }) => candidates.map(({ score }) => score ?? 0));
    if (scores.length > 0 && Math.max(...scores) === 0)
      warnings.push(`${entrant.label}: none of its ${rungs[0].candidates.length} tuning candidates learned anything`);
  }
  if (split === 'dev')
    warnings.push('the scores are of dev, which chose the best epoch too: they flatter every loss; give --test');
  if (plan.seeds.length < FEWEST_SEEDS)
    warnings.push(
      `${plan.seeds.length} seed${plan.seeds.length === 1 ? '' : 's'}: too few to tell losses from luck, so no verdict; ${FEWEST_SEEDS} or more can`,
    );
  const engines = [...new Set(finished.map(({ engine }) => `${engine.name} (${engine.device})`))];
  if (engines.length > 1) warnings.push(`the runs were made on different engines: ${engines.join('; ')}`);
  return warnings;
}
