import type { Report } from './scores';

/**
 * Classes that gold and training hold and the predictions never: entity types, or tags where there are no entities. Each scores 0,
 * which an average over many classes hides. A class that training lacks is not listed: no tagger can learn it.
 * @param trained tokens of each training label; chunk labels are IOB2
 */
export function unpredicted({ entities, tags }: Report, trained: Readonly<Record<string, number>>): string[] {
  const labelOf = (name: string): string => (entities ? `B-${name}` : name);
  return (entities ?? tags).classes
    .filter(({ name, support, predicted }) => support > 0 && predicted === 0 && Object.hasOwn(trained, labelOf(name)))
    .map(({ name }) => name);
}
