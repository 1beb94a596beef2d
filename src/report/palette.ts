/** Colours of a page and its charts in one theme. */
export interface Theme {
  readonly paper: string;
  readonly ink: string;
  /** Second text colour: still 4.5 : 1 on paper. */
  readonly muted: string;
  readonly rule: string;
  readonly link: string;
  /** Ground of headers and code. */
  readonly panel: string;
  /** The fullest cell of a heat map; ink is readable on it. */
  readonly heat: string;
  readonly error: string;
  readonly warning: string;
  /** What a test calls better, and worse, than its reference: apart in hue and lightness, and never told by colour alone. */
  readonly better: string;
  readonly worse: string;
  /** Series of a chart: 3 : 1 on paper, and apart in hue and lightness for colour-blind readers (after Okabe and Ito). */
  readonly series: readonly string[];
}

export const LIGHT: Theme = {
  paper: '#ffffff',
  ink: '#1f2328',
  muted: '#59636e',
  rule: '#d0d7de',
  link: '#0550ae',
  panel: '#f6f8fa',
  heat: '#5aa9e6',
  error: '#b3261e',
  warning: '#8a5a00',
  better: '#0a5ca8',
  worse: '#9a3b00',
  series: ['#0072b2', '#c85200', '#00795b', '#a83f82', '#826500', '#4a4bc4', '#6d3f1f', '#5f6670'],
};

export const DARK: Theme = {
  paper: '#0d1117',
  ink: '#e6edf3',
  muted: '#9aa4af',
  rule: '#373e47',
  link: '#79c0ff',
  panel: '#161b22',
  heat: '#1b5fa8',
  error: '#ff8a80',
  warning: '#e3b341',
  better: '#79c0ff',
  worse: '#ff9e5e',
  series: ['#56b4e9', '#ff8c42', '#2fc997', '#e98cc4', '#f0d03c', '#a5a8ff', '#d2a679', '#b0b7bf'],
};

/** How many colours a chart has before they come round again, with another dash. */
export const SERIES_COLOURS = LIGHT.series.length;

/** The theme as CSS variables: `--ink`, and `--s0` to `--s7` for the series. */
export function themeVariables({ series, ...colours }: Theme): string {
  const named = Object.entries(colours).map(([name, colour]) => `--${name}:${colour}`);
  return [...named, ...series.map((colour, i) => `--s${i}:${colour}`)].join(';');
}

export const seriesColour = (i: number): string => `var(--s${i % SERIES_COLOURS})`;
