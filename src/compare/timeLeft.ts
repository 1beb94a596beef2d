/** What an estimate of the time left needs to know of a stage. */
export interface StageState {
  /** Seconds of each run that was finished here; runs that were on disk already are none of them. */
  readonly finished: readonly number[];
  /** Runs under way: seconds since the start, and the share of their epochs that is done. */
  readonly running: readonly { readonly seconds: number; readonly share: number }[];
  readonly waiting: number;
  /** Runs at a time. */
  readonly size: number;
}

/**
 * Seconds left, or null while nothing is known. A run is taken to last as long as the mean of the finished ones; before there is one,
 * as long as the share done of those under way says (early stopping ends it sooner).
 */
export function secondsLeft({ finished, running, waiting, size }: StageState): number | null {
  const projected = running.filter(({ share }) => share > 0.02).map(({ seconds, share }) => seconds / share);
  const known = finished.length > 0 ? finished : projected;
  if (known.length === 0) return null;
  const each = known.reduce((a, b) => a + b, 0) / known.length;
  const rest = running.map(({ seconds, share }) => Math.max(each - seconds, 0.1 * each * (1 - share)));
  const work = rest.reduce((a, b) => a + b, 0) + waiting * each;
  return Math.max(work / Math.max(1, size), ...rest, 0);
}

/** `42 s`, `3 min 05 s`, `2 h 10 min`. */
export function durationText(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const two = (n: number): string => String(n).padStart(2, '0');
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}
