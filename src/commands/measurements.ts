import { join } from 'node:path';
import { mean, spreadOf } from '../compare/statistics';
import { readJsonNow } from '../files/json';
import { MEASURED, type MeasuredCorpus, type MeasuredDecoding, type MeasuredGain } from '../inspect/measured';
import { percent, signedPercent, whole } from '../wording';

/** A table of a document: its head, then its rows. */
export type Table = readonly (readonly string[])[];

/** What programs of `test/bench` wrote. */
const FIGURES = join(__dirname, '../../test/bench/figures');

const corpora = (): MeasuredCorpus[] => readJsonNow(MEASURED) as MeasuredCorpus[];

export const code = (text: string): string => `\`${text}\``;

const MARKS: Readonly<Record<MeasuredGain['verdict'], string>> = { better: ' ▲', worse: ' ▼', none: '', unjudged: '' };

const cell = (gains: readonly MeasuredGain[] | undefined, metric: string): string => {
  const gain = gains?.find((one) => one.metric === metric);
  return gain ? `${signedPercent(gain.difference)}${MARKS[gain.verdict]}` : '';
};

function referenceCell({ reference }: MeasuredDecoding, metric: string): string {
  const score = reference.find((one) => one.metric === metric);
  return score ? `${percent(score.mean)} ± ${percent(score.sd)}` : '';
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

/** Losses on the marginals of a CRF, and its likelihood. */
export const crfTable = (measured = readJsonNow(join(FIGURES, 'crf.json')) as MeasuredCorpus[]): Table =>
  averagesTable(measured);

function averagesTable(measured: readonly MeasuredCorpus[]): Table {
  const losses = [...new Set(measured.flatMap(({ decodings }) => Object.keys(decodings.valid.gains)))];
  return [
    ['corpus, average', code(measured[0]?.against ?? ''), ...losses.map(lossText)],
    ...measured.flatMap(({ name, decodings: { valid } }) =>
      valid.reference.map(({ metric }) => [
        `${name}, ${metric}`,
        referenceCell(valid, metric),
        ...losses.map((loss) => cell(valid.gains[loss], metric)),
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

/** Where a verdict with valid sequences is another one by argmax, or with the bias of O. */
export function decodingsTable(measured = corpora()): Table {
  const rows = measured.flatMap(({ name, decodings }) =>
    Object.entries(decodings.valid.gains).flatMap(([loss, gains]) =>
      gains.flatMap(({ metric }) => {
        const cells = (['argmax', 'valid', 'valid+bias'] as const).map((way) =>
          cell(decodings[way].gains[loss], metric),
        );
        const verdicts = cells.map((text) => /[▲▼]?$/.exec(text)?.[0]);
        return new Set(verdicts).size > 1 ? [[`${name}, ${metric}`, code(loss), ...cells]] : [];
      }),
    ),
  );
  return [['corpus, average', 'loss', 'argmax', 'valid', 'valid, bias of O'], ...rows];
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

function spread(values: readonly number[]): string {
  const { mean, sd } = spreadOf(values);
  return `${percent(mean)} ± ${percent(sd)}`;
}

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
