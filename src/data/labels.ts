import { present } from '../errors';
import type { LabelCount, Sentence, WrittenTag } from './types';

/** Labels and how often each stands in the sentences: O first where there is one, then by code unit. */
export function countLabels(sentences: readonly Sentence[]): LabelCount[] {
  const counts = new Map<string, number>();
  for (const { tags } of sentences) for (const tag of tags) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  return [...counts].map(([label, count]) => ({ label, count })).sort((a, b) => compareLabels(a.label, b.label));
}

/** Tags as they stand in a file, with the labels that they became. @param raw the same sentences with the tags of the file */
export function countWritten(raw: readonly Sentence[], sentences: readonly Sentence[]): WrittenTag[] {
  const pairs = new Map<string, Map<string, number>>();
  raw.forEach(({ tags }, s) => {
    const labels = present(sentences[s], 'sentence').tags;
    for (let i = 0; i < tags.length; i++) {
      const tag = tags[i] as string;
      const label = labels[i] as string;
      let of = pairs.get(tag);
      if (!of) pairs.set(tag, (of = new Map<string, number>()));
      of.set(label, (of.get(label) ?? 0) + 1);
    }
  });
  return [...pairs]
    .map(([label, of]): WrittenTag => {
      const labels = [...of].map(([inner, count]) => ({ label: inner, count }));
      return { label, count: labels.reduce((sum, { count }) => sum + count, 0), labels };
    })
    .sort((a, b) => compareLabels(a.label, b.label));
}

/** The one order of labels everywhere: O first, then by code unit. */
export function compareLabels(a: string, b: string): number {
  if (a === b) return 0;
  if (a === 'O' || b === 'O') return a === 'O' ? -1 : 1;
  return a < b ? -1 : 1;
}
