import { distance } from 'fastest-levenshtein';

/** The candidate closest to a mistyped name, or undefined when none is close enough to be what was meant. */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  const lower = name.toLowerCase();
  const ranked = candidates
    .map((candidate) => ({ candidate, edits: edits(lower, candidate.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  const best = ranked.at(0);
  return best && best.edits <= Math.max(1, Math.floor(name.length / 2)) ? best.candidate : undefined;
}

/** Levenshtein's distance, where letters in the wrong order count as one slip. */
function edits(typed: string, meant: string): number {
  const letters = (text: string): string => Array.from(text).sort().join('');
  return typed !== meant && letters(typed) === letters(meant) ? 1 : distance(typed, meant);
}

/** `; did you mean 'x'?` or the list of what is valid: the tail of every "unknown name" message. */
export function didYouMean(name: string, candidates: readonly string[]): string {
  const best = nearest(name, candidates);
  return best === undefined ? `valid: ${candidates.join(', ')}` : `did you mean '${best}'?`;
}
