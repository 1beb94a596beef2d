import { distance } from 'fastest-levenshtein';

/** The candidate closest to a mistyped name, or undefined when none is close enough to be what was meant. */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  const lower = name.toLowerCase();
  const ranked = candidates
    .map((candidate) => ({ candidate, edits: distance(lower, candidate.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  const best = ranked.at(0);
  return best && best.edits <= Math.max(1, Math.floor(name.length / 2)) ? best.candidate : undefined;
}

/** `; did you mean 'x'?` or the list of what is valid: the tail of every "unknown name" message. */
export function didYouMean(name: string, candidates: readonly string[]): string {
  const best = nearest(name, candidates);
  return best === undefined ? `valid: ${candidates.join(', ')}` : `did you mean '${best}'?`;
}
