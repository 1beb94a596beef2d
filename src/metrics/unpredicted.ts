import type { Report } from './scores';

/**
 * Classes that gold and training hold and no prediction of these reports has: entity types, or tags where there are no entities.
 * Each scores 0, which an average over many classes hides. A class that training lacks is not listed: no tagger can learn it.
 * @param trained training entities of each type, or tokens of each plain tag
 */
export function unpredicted(reports: readonly Report[], trained: Readonly<Record<string, number>>): string[] {
  const gold = new Set<string>();
  const predictions = new Set<string>();
  for (const { entities, tags } of reports) {
    for (const { name, support, predicted } of (entities ?? tags).classes) {
      if (support > 0 && Object.hasOwn(trained, name)) gold.add(name);
      if (predicted > 0) predictions.add(name);
    }
  }
  return [...gold].filter((name) => !predictions.has(name));
}
