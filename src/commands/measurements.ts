import { join } from 'node:path';
import { mean, spreadOf } from '../compare/statistics';
import { readJsonNow } from '../files/json';
import { MEASURED, type MeasuredCorpus, type MeasuredDecoding, type MeasuredGain } from '../inspect/measured';
import { groupBy } from '../order';
import { count, percent, signedPercent, whole } from '../wording';

/** A table of a document: its head, then its rows. */
export type Table = readonly (readonly string[])[];

/** What programs of `test/bench` wrote. */
const FIGURES = join(__dirname, '../../test/bench/figures');

const corpora = (): MeasuredCorpus[] => readJsonNow(MEASURED) as MeasuredCorpus[];

export const code = (text: string): string => `\`${text}\``;

const MARKS: Readonly<Record<MeasuredGain['verdict'], string>> = {
  better: ' ▲',
  worse: ' ▼',
  none: '',
  nothing: '',
  unjudged: '',
};

const cell = (gains: readonly MeasuredGain[] | undefined, metric: string): string => {
  const gain = gains?.find((one) => one.metric === metric);
  return gain ? `${signedPercent(gain.difference)}${MARKS[gain.verdict]}` : '';
};

function referenceCell({ reference }: MeasuredDecoding, metric: string): string {
  const score = reference.find((one) => one.metric === metric);
  return score ? spreadText(score) : '';
}

const HEADLINE = ['dsc', 'dl', 'tl', 'fl', 'ce+log-dice'];

/** Where a Dice loss pays: micro-F1 with valid sequences, the most imbalanced corpus first. */
export const paysTable = (measured = corpora()): Table => [
  ['corpus', 'O : entity', 'mentions', '`ce`', ...HEADLINE.map(code)],
  ...measured.map(({ name, outsideRatio, mentions, decodings: { valid } }) => [
    name,
    outsideRatio.toFixed(0),
    whole(mentions),
    referenceCell(valid, 'micro-F1'),
    ...HEADLINE.map((loss) => cell(valid.gains[loss], 'micro-F1')),
  ]),
];

/** Every loss by every average of the corpora that were measured with more of them. */
export function gainsTable(measured = corpora()): Table {
  return averagesTable(measured.filter(({ decodings }) => Object.keys(decodings.valid.gains).length > HEADLINE.length));
}

/** Losses by every average of the corpora in a file of figures; plain tags have no sequences that are not valid, and are those of argmax. */
export const averagesOf = (file: string, decoding: 'valid' | 'argmax' = 'valid'): Table =>
  averagesTable(readJsonNow(join(FIGURES, `${file}.json`)) as MeasuredCorpus[], decoding);

function averagesTable(measured: readonly MeasuredCorpus[], decoding: 'valid' | 'argmax' = 'valid'): Table {
  const losses = [...new Set(measured.flatMap(({ decodings }) => Object.keys(decodings[decoding].gains)))];
  return [
    ['corpus, average', code(measured[0]?.against ?? ''), ...losses.map(lossText)],
    ...measured.flatMap(({ name, decodings: { [decoding]: found } }) =>
      found.reference.map(({ metric }) => [
        `${name}, ${metric}`,
        referenceCell(found, metric),
        ...losses.map((loss) => cell(found.gains[loss], metric)),
      ]),
    ),
  ];
}

/** `wce:weights=power` as `wce`, `power`. */
const lossText = (label: string): string => code(label.replace(':weights=', '`, `'));

/** Other parameters of losses on dev, each as the difference from the default ones of the same loss. */
export function defaultsTable(measured = readJsonNow(join(FIGURES, 'defaults.json')) as MeasuredCorpus[]): Table {
  const labels = [
    ...new Set(measured.flatMap(({ against, decodings: { valid } }) => [against, ...Object.keys(valid.gains)])),
  ];
  const columns = measured.flatMap(({ name, decodings: { valid } }) =>
    valid.reference.map(({ metric }) => ({ name, metric, gains: valid.gains })),
  );
  /** Of the labels that another begins with, the longest. */
  const usualOf = (label: string): string | undefined =>
    labels.filter((one) => label.startsWith(`${one}:`)).sort((a, b) => b.length - a.length)[0];
  // against itself a loss gains nothing
  const points = (gains: MeasuredDecoding['gains'], label: string, metric: string): number =>
    gains[label]?.find((gain) => gain.metric === metric)?.difference ?? 0;
  return [
    ['setting', ...columns.map(({ name, metric }) => `${name}, ${metric}`)],
    ...labels.flatMap((label) => {
      const usual = usualOf(label);
      if (usual === undefined) return [];
      const gained = columns.map(({ gains, metric }) => points(gains, label, metric) - points(gains, usual, metric));
      return [[code(label), ...gained.map(signedPercent)]];
    }),
  ];
}

/** Decodings that a comparison scores every tagger by, and their names in a table. */
const DECODINGS = { argmax: 'argmax', valid: 'valid', 'valid+bias': 'valid, bias of O' } as const;
type Decoding = keyof typeof DECODINGS;
const everyDecoding = <T>(of: (decoding: Decoding) => T): T[] => (Object.keys(DECODINGS) as Decoding[]).map(of);

/** What `dsc` gains over `ce` as the tagger and its training grow: micro-F1, in the order of the file. */
export const trainingTable = (measured = readJsonNow(join(FIGURES, 'training.json')) as MeasuredCorpus[]): Table => [
  ['corpus, tagger, training', 'seeds', '`ce`, valid', ...everyDecoding((way) => `\`dsc\`, ${DECODINGS[way]}`)],
  ...measured.map(({ name, seeds, decodings }) => [
    name,
    String(seeds),
    referenceCell(decodings.valid, 'micro-F1'),
    ...everyDecoding((way) => cell(decodings[way].gains.dsc, 'micro-F1')),
  ]),
];

/** What `node test/bench/tuning.mjs --json` writes: a loss on a corpus a row. */
export interface TunedSetting {
  readonly corpus: string;
  readonly label: string;
  /** Settings of the candidate that was taken; none where the loss stayed as given. */
  readonly changes: Readonly<Record<string, unknown>>;
  /** Dev scores of the last round, the best candidate minus as given; null where one of its runs failed. */
  readonly dev: OverSeeds | null;
  readonly test: readonly { readonly metric: string; readonly given: OverSeeds; readonly tuned: OverSeeds }[];
}
type OverSeeds = Pick<ReturnType<typeof spreadOf>, 'mean' | 'sd'>;

/** What tuning took, what that gained on dev, and what on test. */
export const tuningTable = (rows = readJsonNow(join(FIGURES, 'tuning.json')) as readonly TunedSetting[]): Table => [
  ['corpus', 'loss', 'taken', 'best candidate on dev', 'test, micro-F1', 'tuned', 'gain'],
  ...rows.flatMap(({ corpus, label, changes, dev, test: [score] }) => {
    const taken = Object.entries(changes).map(([key, value]) => code(`${key}=${String(value)}`));
    return score
      ? [
          [
            corpus,
            code(label),
            taken.length > 0 ? taken.join(' ') : 'as given',
            dev ? `${signedPercent(dev.mean)} ± ${percent(dev.sd)}` : '',
            spreadText(score.given),
            ...(taken.length > 0
              ? [spreadText(score.tuned), signedPercent(score.tuned.mean - score.given.mean)]
              : ['', '']),
          ],
        ]
      : [];
  }),
];

/** Where a verdict with valid sequences is another one by argmax, or with the bias of O. */
export function decodingsTable(measured = corpora()): Table {
  const rows = measured.flatMap(({ name, decodings }) =>
    Object.entries(decodings.valid.gains).flatMap(([loss, gains]) =>
      gains.flatMap(({ metric }) => {
        const cells = everyDecoding((way) => cell(decodings[way].gains[loss], metric));
        const verdicts = cells.map((text) => /[▲▼]?$/.exec(text)?.[0]);
        return new Set(verdicts).size > 1 ? [[`${name}, ${metric}`, code(loss), ...cells]] : [];
      }),
    ),
  );
  return [['corpus, average', 'loss', ...Object.values(DECODINGS)], ...rows];
}

/** What `npm run bench:ablation -- --json` writes. */
interface Ablation {
  readonly rows: readonly {
    readonly corpus: string;
    readonly part: string;
    readonly runs: readonly {
      readonly seconds: number;
      readonly dev: number;
      readonly scores: Readonly<Record<string, { readonly test: { readonly micro: number; readonly macro: number } }>>;
    }[];
  }[];
}

const spreadText = ({ mean, sd }: OverSeeds): string => `${percent(mean)} ± ${percent(sd)}`;
const spread = (values: readonly number[]): string => spreadText(spreadOf(values));

/** What `npm run bench:ablation -- --json` found, by the name of its file. */
export const ablationOf = (file: string): Ablation => readJsonNow(join(FIGURES, `${file}.json`)) as Ablation;

/** What each part of the tagger adds, on each corpus. */
export function ablationTable({ rows }: Ablation): Table {
  return [
    ['corpus', 'part', 'argmax', 'valid', 'valid, bias of O', 'macro-F1', 'dev', 'CPU s'],
    ...rows.map(({ corpus, part, runs }) => {
      const of = (way: string, average: 'micro' | 'macro'): string => {
        const scores = runs.flatMap(({ scores: { [way]: score } }) => (score ? [score.test[average]] : []));
        return scores.length > 0 ? spread(scores) : '';
      };
      const best = runs[0]?.scores.valid ? 'valid' : 'argmax';
      return [
        corpus,
        part,
        of('argmax', 'micro'),
        of('valid', 'micro'),
        of('valid+bias', 'micro'),
        of(best, 'macro'),
        spread(runs.map(({ dev }) => dev)),
        mean(runs.map(({ seconds }) => seconds)).toFixed(0),
      ];
    }),
  ];
}

/** How a machine was while something was timed. */
interface Timing {
  /** Processor, versions. */
  readonly machine: string;
  /** Programs running on average in the minute before, and in the last minute; null where the bench was stopped. */
  readonly load: { readonly before: number; readonly after: number | null; readonly cores: number };
  readonly rounds: number;
}

interface TimedRow {
  readonly what: string;
  readonly who: string;
  /** Median milliseconds; null where the row is of no time. */
  readonly ms: number | null;
  readonly hidden?: number;
  /** What it stands beside ours as: another program, or another way of ours. */
  readonly side?: 'peer' | 'beside';
  readonly note: string;
}

/** What `npm run bench -- --json FILE` writes. */
export interface Speed extends Timing {
  /** Versions by name. */
  readonly peers: Readonly<Record<string, string>>;
  readonly rows: readonly TimedRow[];
  /** Null where the bench was stopped before it read. */
  readonly reading: {
    readonly name: string;
    readonly bytes: number;
    readonly lines: number;
    /** Millions of lines in a second of processor time. */
    readonly readers: readonly {
      readonly who: string;
      readonly least: number;
      readonly median: number;
      readonly most: number;
      readonly ratio: Ratio | null;
    }[];
  } | null;
}

/** By rounds; the interval is one of 95 %. */
interface Ratio {
  readonly median: number;
  readonly interval: readonly [number, number] | null;
}

/** What `npm run bench:runs -- --json FILE` writes: seconds, by the clock where nothing else is said. */
export interface Runs extends Timing {
  /** Of the machine, as many as there are runs at a time. */
  readonly cores: number;
  readonly rows: readonly {
    readonly runs: number;
    readonly epochs: number;
    readonly wall: number;
    /** Of all runs, from their first file read to their last score. */
    readonly runSeconds: number;
    /** `wall` over `runSeconds / cores`. */
    readonly ratio: number;
    readonly first: number;
    readonly last: number;
    readonly processor: number | null;
  }[];
}

/** What `npm run bench:start -- --json FILE` writes: milliseconds of processor time, `wall` by the clock. */
export interface Start extends Timing {
  readonly rows: readonly {
    readonly what: string;
    readonly ms: number;
    readonly least: number;
    readonly wall: number;
  }[];
}

interface Spread {
  readonly median: number;
  readonly least: number;
}

/** What `npm run bench:install -- --json FILE` writes: seconds, bytes. */
export interface Install extends Timing {
  readonly seconds: Spread;
  readonly cpu: Spread;
  readonly cold: { readonly wall: number };
  readonly tarball: number;
  readonly bytes: number;
  readonly packages: number;
}

/** What `npm run bench:memory -- --file FILE --json FILE` writes: bytes, seconds of processor time. */
export interface Memory extends Timing {
  /** Which was read again and again. */
  readonly file: string;
  readonly bytes: number;
  readonly lines: number;
  readonly tokens: number;
  readonly seconds: number;
  readonly resident: number;
  readonly peakPerToken: number;
  readonly keptPerToken: number;
}

/** What `npm run bench:busy -- --json FILE` writes: the training step beside programs that never pause. */
export interface Busy extends Timing {
  /** So many of them. */
  readonly busy: number;
  /** `ratio` to the first row, the median of the rounds, and what lies between their quartiles. */
  readonly rows: readonly {
    readonly threads: number;
    readonly tokensPerSecond: number;
    readonly ratio: number;
    readonly quartiles: readonly [number, number];
  }[];
}

/** What `npm run bench:tensorflow -- --json FILE` writes: milliseconds of the engine and of `tf.layers`. */
export interface Layers extends Timing {
  readonly rows: readonly {
    readonly what: string;
    readonly hidden: number;
    readonly ms: number;
    readonly layers: number;
    readonly ratio: Ratio;
  }[];
}

/** What `npm run bench:engines -- --json FILE` writes: milliseconds of processor time of a training step. */
export interface Engines extends Timing {
  readonly hidden: number;
  readonly rows: readonly {
    readonly engine: string;
    readonly ms: number;
    readonly tokensPerSecond: number;
    /** To the first row, which has none. */
    readonly ratio: Ratio | null;
  }[];
}

export const speedFigures = (file: string): Speed => readJsonNow(join(FIGURES, `${file}.json`)) as Speed;
export const memoryFigures = (): Memory => readJsonNow(join(FIGURES, 'memory.json')) as Memory;
export const runsFigures = (): Runs => readJsonNow(join(FIGURES, 'runs.json')) as Runs;
export const startFigures = (): Start => readJsonNow(join(FIGURES, 'start.json')) as Start;
export const busyFigures = (): Busy => readJsonNow(join(FIGURES, 'busy.json')) as Busy;
export const layersFigures = (): Layers => readJsonNow(join(FIGURES, 'tensorflow.json')) as Layers;
export const enginesFigures = (): Engines => readJsonNow(join(FIGURES, 'engines.json')) as Engines;
export const installFigures = (): Install => readJsonNow(join(FIGURES, 'install.json')) as Install;

/** Where and how something was timed, in a sentence, which says whether the machine had other work. */
export function timingText({ machine, load, rounds, peers = {} }: Timing & Partial<Pick<Speed, 'peers'>>): string {
  const versions = Object.entries(peers).map(([name, version]) => `; ${name} ${version}`);
  const after = load.after === null ? ' (stopped by a limit of time)' : ` and ${load.after.toFixed(1)} at the end`;
  // a quarter of the cores: half a program on two, four on sixteen
  const shared =
    load.before >= load.cores / 4 ? ', which it shared with other work: ratios hold, times are too long' : '';
  return `${machine}${versions.join('')}; ${count(rounds, 'round')}; load ${load.before.toFixed(1)} before${after}, on ${load.cores} cores${shared}.`;
}

const rough = (x: number): string => (x >= 100 ? whole(x) : x.toPrecision(3));

/** Everything that another program was timed beside, or with `beside` another way of ours: its time, ours, and the ratio. */
export function speedTable({ rows }: Speed, side: 'peer' | 'beside'): Table {
  const ours = (row: TimedRow): number => {
    const own = rows.find(({ what, who, hidden }) => what === row.what && who === 'ours' && hidden === row.hidden);
    return own?.ms ?? NaN;
  };
  return [
    ['what', 'H', 'ours, ms', 'beside', 'ms', 'that is'],
    ...rows
      .filter((row) => row.side === side)
      .map((row) => [
        row.what,
        String(row.hidden ?? ''),
        rough(ours(row)),
        row.who,
        rough(row.ms ?? NaN),
        row.note.replace(/ times (ours|that)/, ' times'),
      ]),
  ];
}

/** What the bench tells of ours alone. */
export function ownTable({ rows }: Speed): Table {
  const told = rows.filter(({ what, who, side, note }) => who === 'ours' && side === undefined && !note.endsWith(' ms of processor time') && !what.startsWith('reading')); // prettier-ignore
  return [
    ['what', 'H', 'ms', 'found'],
    ...told.map(({ what, hidden, ms, note }) => [what, String(hidden ?? ''), ms === null ? '' : rough(ms), note]),
  ];
}

/** A step of the CRF's kernels alone. */
export const crfTable = ({ rows }: Speed): Table => [
  ['a step', 'ms'],
  ...rows
    .filter(({ what, who }) => what.startsWith('CRF, ') && who === 'ours')
    .map(({ what, ms }) => [what.slice('CRF, '.length), rough(ms ?? NaN)]),
];

export const busyTable = ({ busy, rows }: Busy): Table => [
  [`beside ${count(busy, 'busy program')}`, 'tokens/s', 'times the first', 'middle half of the rounds'],
  ...rows.map(({ threads, tokensPerSecond, ratio, quartiles }) => [
    count(threads, 'thread'),
    whole(tokensPerSecond),
    ratio.toFixed(2),
    quartiles.map((one) => one.toFixed(2)).join(' to '),
  ]),
];

export const layersTable = ({ rows }: Layers): Table => [
  ['what', 'H', 'ours, ms', '`tf.layers`, ms', 'that is'],
  ...rows.map(({ what, hidden, ms, layers, ratio }) => [
    what,
    String(hidden),
    rough(ms),
    rough(layers),
    ratioText(ratio),
  ]),
];

export function enginesTable({ hidden, rows }: Engines): Table {
  const first = rows[0]?.engine ?? '';
  return [
    [`training step, H = ${hidden}, 1 thread`, 'processor, ms', 'tokens/s of it', 'takes'],
    ...rows.map(({ engine, ms, tokensPerSecond, ratio }) => [
      code(engine),
      rough(ms),
      whole(tokensPerSecond),
      ratio === null ? '' : ratioText(ratio, code(first)),
    ]),
  ];
}

/** Millions of lines in a second of processor time. */
export function readingTable({ reading }: Speed): Table {
  if (reading === null) throw new Error('the bench was stopped before it came to reading');
  const { name, bytes, lines, readers } = reading;
  return [
    [`${name}, ${whole(bytes / 1e6)} MB, ${whole(lines)} lines`, 'median', 'least', 'most', 'takes'],
    ...readers.map(({ who, median, least, most, ratio }) => [
      who,
      ...[median, least, most].map((speed) => speed.toFixed(2)),
      ratio === null ? '' : ratioText(ratio),
    ]),
  ];
}

/** As the bench itself words it: no ratio is told where it may be 1. */
function ratioText({ median, interval }: Ratio, of = 'ours'): string {
  if (interval === null) return 'too few rounds for a ratio';
  const [low, high] = interval;
  const span = `${low.toFixed(2)} to ${high.toFixed(2)}`;
  return low <= 1 && high >= 1 ? `no difference shown (${span})` : `${median.toFixed(2)} times ${of} (${span})`;
}

/** Of one file that is as long as many copies of another. */
export function memoryTable(found: Memory): Table {
  const { file, bytes, lines, tokens, seconds, resident, peakPerToken, keptPerToken } = found;
  const speed = lines / seconds / 1e6;
  return [
    [`${file}, repeated to ${whole(bytes / 1e6)} MB`, ''],
    ['tokens', whole(tokens)],
    ['read, counted and encoded, processor time', `${seconds.toFixed(1)} s, ${speed.toFixed(2)} M lines a second`],
    ['resident at the most', `${whole(resident / 1e6)} MB`],
    ['… a token, over a process that reads it once', `${peakPerToken.toFixed(1)} bytes`],
    ['kept for the training, a token', `${keptPerToken.toFixed(1)} bytes`],
  ];
}

/** Seconds. */
export function runsTable({ rows, cores }: Runs): Table {
  const seconds = (x: number): string => x.toFixed(1);
  return [
    [
      'comparison',
      'by the clock, s',
      `own seconds of runs / ${cores}`,
      'is',
      'before the first run',
      'after the last',
      'processor',
    ],
    ...rows.map(({ runs, epochs, wall, runSeconds, ratio, first, last, processor }) => [
      `${count(runs, 'run')} of ${count(epochs, 'epoch')}`,
      ...[wall, runSeconds / cores].map(seconds),
      `${ratio.toFixed(2)} times`,
      ...[first, last].map(seconds),
      processor === null ? '' : seconds(processor),
    ]),
  ];
}

/** Seconds. */
export function startTable({ rows }: Start): Table {
  const seconds = (ms: number): string => (ms / 1000).toFixed(3);
  return [
    ['command', 'processor, median s', 'least', 'by the clock'],
    ...rows.map(({ what, ms, least, wall }) => [what, ...[ms, least, wall].map(seconds)]),
  ];
}

export function installTable({ seconds, cpu, cold, tarball, bytes, packages }: Install): Table {
  const megabytes = (size: number): string => `${(size / 1e6).toFixed(1)} MB`;
  return [
    ['install', ''],
    ['from a warm cache of npm', `${seconds.median.toFixed(1)} s (least ${seconds.least.toFixed(1)})`],
    ['… of processor time', `${cpu.median.toFixed(1)} s`],
    ['from an empty cache', `${cold.wall.toFixed(1)} s`],
    ['tarball', megabytes(tarball)],
    ['installed, with all packages', `${megabytes(bytes)} in ${packages} packages`],
  ];
}

/** What `test/bench/until.mjs --json` writes: shares of comparisons without a difference. */
export interface FalseCalls {
  readonly experiments: number;
  readonly rows: readonly {
    readonly world: string;
    readonly losses: number;
    /** Called by the rule, and by a level of 5 % at every look. */
    readonly wrong: number;
    readonly naive: number;
  }[];
}

export const untilFigures = (): FalseCalls => readJsonNow(join(FIGURES, 'until.json')) as FalseCalls;

/** World by world, the numbers of losses beside one another. */
export function untilTable({ rows }: FalseCalls): Table {
  return [
    ['what varies', 'losses', 'false calls, %', '5 % at every look, %'],
    ...[...groupBy(rows, ({ world }) => world)].map(([world, of]) => [
      world,
      of.map(({ losses }) => String(losses)).join(', '),
      ...(['wrong', 'naive'] as const).map((key) => of.map((row) => (100 * row[key]).toFixed(1)).join(', ')),
    ]),
  ];
}

/** Kinds of worlds in which seeds differ as is usual, half as much and twice as much: what `test/bench/power.mjs --json` writes of them. */
const POPULATIONS = {
  usual: 'seeds as usual: claimed, realised',
  half: 'half as much',
  twice: 'twice as much',
} as const;

export type Claims = Readonly<
  Record<
    keyof typeof POPULATIONS,
    {
      readonly rows: readonly {
        /** Of what was claimed, from and to. */
        readonly low: number;
        readonly high: number;
        /** null of none. */
        readonly claimed: number | null;
        readonly realised: number | null;
      }[];
    }
  >
>;

export const powerFigures = (): Claims => readJsonNow(join(FIGURES, 'power.json')) as Claims;

/** What was claimed and what came of it, by what was claimed. */
export function powerTable(found: Claims): Table {
  const kinds = Object.keys(POPULATIONS) as (keyof typeof POPULATIONS)[];
  const inPercent = (x: number): string => (100 * x).toFixed(1);
  const band = (low: number, high: number): string =>
    low === 0 && high === 1
      ? 'all'
      : low === 0
        ? `under ${100 * high}`
        : high === 1
          ? `${100 * low} and more`
          : `${100 * low} to ${100 * high}`;
  return [
    ['claimed power, %', ...kinds.map((kind) => POPULATIONS[kind])],
    ...found.usual.rows.map(({ low, high }, i) => [
      band(low, high),
      ...kinds.map((kind) => {
        const row = found[kind].rows[i];
        return row?.claimed == null || row.realised === null ? '-' : `${inPercent(row.claimed)}, ${inPercent(row.realised)}`; // prettier-ignore
      }),
    ]),
  ];
}
