import { escapeText, type Figure, Html } from '../html';
import { type ChartText, fix } from './draw';

export interface RanksData extends ChartText {
  readonly names: readonly string[];
  /** Mean rank of each, 1 the best. */
  readonly ranks: readonly number[];
  /** Ranks closer than this are not told apart. */
  readonly criticalDifference: number;
}

/** Narrow enough for a telephone. */
const [WIDTH, SIDE, TOP, ROW] = [288, 10, 58, 20];
/** Between a name and the line that leads to it. */
const GAP = 4;
/** Width of a letter, about. */
const LETTER = 6.8;

/**
 * Critical-difference diagram (Demsar 2006): mean ranks on a line, the best at the left; a bar joins those that do not differ.
 * Names hang down from the line, those of the better half at the left.
 */
export function rankDiagram({ id, title, description, names, ranks, criticalDifference }: RanksData): Figure {
  const k = names.length;
  const order = ranks.map((rank, i) => ({ rank, name: names[i] ?? '' })).sort((a, b) => a.rank - b.rank);
  const x = (rank: number): number => SIDE + ((rank - 1) / Math.max(1, k - 1)) * (WIDTH - 2 * SIDE);
  const bars = cliques(
    order.map(({ rank }) => rank),
    criticalDifference,
  );
  const under = TOP + 10 + 8 * bars.length;
  const half = Math.ceil(k / 2);
  const longest = LETTER * Math.max(...names.map((name) => `${name} 10.00`.length));
  const apart = 2 * longest > WIDTH - 2 * SIDE; // else the better and the worse half stand side by side
  const height = under + ROW * (apart ? k : half) + 4;
  const line = (x1: number, y1: number, x2: number, y2: number, width = 1): string =>
    `<line x1="${fix(x1)}" y1="${fix(y1)}" x2="${fix(x2)}" y2="${fix(y2)}" stroke="var(--ink)" stroke-width="${width}"/>`;
  const text = (at: number, y: number, anchor: string, words: string): string =>
    `<text x="${fix(at)}" y="${fix(y)}" text-anchor="${anchor}">${escapeText(words)}</text>`;
  const ticks = Array.from(
    { length: k },
    (_, i) => line(x(i + 1), TOP - 6, x(i + 1), TOP) + text(x(i + 1), TOP - 10, 'middle', String(i + 1)),
  );
  const labels = order.map(({ rank, name }, i) => {
    const left = i < half;
    const y = under + ROW * (left ? i : k - 1 - i + (apart ? half : 0)) + 12;
    const end = left ? SIDE : WIDTH - SIDE;
    return (
      line(x(rank), TOP, x(rank), y - 4) +
      line(x(rank), y - 4, end, y - 4) +
      text(left ? end + GAP : end - GAP, y - 8, left ? 'start' : 'end', `${name} ${rank.toFixed(2)}`)
    );
  });
  const fits = criticalDifference <= k - 1;
  const cd = fits ? line(x(1), 20, x(1 + criticalDifference), 20, 2) : '';
  const svg = `<svg class="diagram" viewBox="0 0 ${WIDTH} ${fix(height)}" role="img" aria-label="${escapeText(title)}">${[
    cd,
    text(
      x(1),
      14,
      'start',
      `critical difference ${criticalDifference.toFixed(2)}${fits ? '' : ': wider than the axis'}`,
    ),
    line(x(1), TOP, x(k), TOP),
    ...ticks,
    ...bars.map(([from, to], i) => line(x(from) - 4, TOP + 8 + 8 * i, x(to) + 4, TOP + 8 + 8 * i, 4)),
    ...labels,
  ].join('')}</svg>`;
  return {
    id,
    title,
    description,
    body: new Html(svg),
    table: {
      caption: title,
      head: ['loss', 'mean rank'],
      rows: order.map(({ name, rank }) => [name, rank.toFixed(2)]),
    },
  };
}

/** Runs of sorted ranks that lie within the critical difference, the longest only: [first, last] rank of each. */
function cliques(sorted: readonly number[], difference: number): (readonly [number, number])[] {
  const found: { from: number; to: number }[] = [];
  sorted.forEach((rank, from) => {
    let to = from;
    while (to + 1 < sorted.length && (sorted[to + 1] as number) - rank <= difference) to++;
    if (to > from && !found.some((one) => one.to >= to)) found.push({ from, to });
  });
  return found.map(({ from, to }) => [sorted[from] as number, sorted[to] as number]);
}
