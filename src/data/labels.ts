import type { LabelCount, Sentence } from './types';

/** Labels and how often each stands in the sentences: O first where there is one, then by code unit. */
export function countLabels(sentences: readonly Sentence[]): LabelCount[] {
  const counts = new Map<string, number>();
  for (const { tags } of sentences) for (const tag of tags) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  return [...counts].map(([label, count]) => ({ label, count })).sort((a, b) => compareLabels(a.label, b.label));
}

/** The one order of labels everywhere: O first, then by code unit. */
export function compareLabels(a: string, b: string): number {
  if (a === b) return 0;
  if (a === 'O' || b === 'O') return a === 'O' ? -1 : 1;
  return a < b ? -1 : 1;
}
