import { basename } from 'node:path';
import type { FacetName } from '../analyse/facets';
import { bucketVerdict } from '../compare/buckets';
import { type Comparison, RARE } from '../compare/comparison';
import { partsOf } from '../compare/plan';
import { FEWEST_SEEDS } from '../compare/statistics';
import type { Config } from '../config';
import { present } from '../errors';
import { isLossFile } from '../losses';
import { SPAN_ERRORS } from '../metrics/error-analysis';
import { inOneLine } from '../warnings';
import { capitalised, count, percent, whole } from '../wording';
import {
  averageForest,
  calibrationFigure,
  classForests,
  facetForests,
  facetRows,
  gradientFigures,
  gradientRows,
  learningFigure,
  precisionRecallFigure,
  only,
  rankedLabels,
  rankingTable,
  tagConfusion,
  tagPairs,
  typeConfusion,
} from './compareFigures';
import {
  calibrationRows,
  changesText,
  decodingRows,
  decodingSentences,
  decodingTitle,
  ensembleRows,
  ensembleTitle,
  hasOutside,
  scoreRows,
  testRows,
  timeText,
  tuningRows,
} from './compareText';
import { type Figure, figureHtml, flagged, foldHtml, html, type Html, pageHtml, type Section, tableHtml } from './html';

/** The comparison as one page that needs nothing but a browser: the answer first, what is behind it folded. */
export function comparisonHtml(given: Comparison): string {
  const comparison = shortNames(given);
  const { data, losses, seeds, reference, split, version, engine, answer } = comparison;
  const scored = data[split] ?? data.dev;
  return pageHtml({
    title: `Losses compared on ${basename(data.train.path)}`,
    lead: answer,
    note: `${count(losses.length, 'loss', 'losses')}, ${count(seeds.length, 'seed')} each, trained on ${count(data.train.sentences, 'sentence')}, scored on ${split} (${basename(scored.path)}, ${count(scored.sentences, 'sentence')}), tested against ${reference}.`,
    sections: sections(comparison),
    footer: `dsc-train ${version}; engine ${engine.name}, ${engine.device}; ${timeText(comparison)}.`,
  });
}

/** Losses up to which the ranking is one; of more, the best stand open with the reference, as many as leave the rest of the screen. */
const [MOST_LOSSES, BEST_LOSSES] = [10, 7];

/** Losses whose ranking stands open, and the others. */
function openLosses(comparison: Comparison): readonly [open: Comparison, others: Comparison | null] {
  const order = rankedLabels(comparison);
  if (order.length <= MOST_LOSSES) return [comparison, null];
  const open = new Set([...order.slice(0, BEST_LOSSES), comparison.reference]);
  return [only(comparison, open), only(comparison, new Set(order.filter((label) => !open.has(label))))];
}

/** Classes whose forest stands open; the rest is folded. */
const OPEN_CLASSES = 6;
/** Rows of the table of all tests; compare.json and compare.csv have all. */
const MOST_TESTS = 300;

function sections(comparison: Comparison): Section[] {
  const { reference } = comparison;
  const [classes, rarer] = classForests(comparison, OPEN_CLASSES);
  const figures = (...all: readonly (Figure | null)[]): Html[] => all.flatMap((one) => (one ? [figureHtml(one)] : []));
  const panels = (some: readonly Html[]): Html => html`<div class="panels wide">${some}</div> `;
  const curve = learningFigure(comparison);
  const curves = precisionRecallFigure(comparison);
  const types = typeConfusion(comparison);
  const tags = tagConfusion(comparison);
  const facets = facetForests(comparison);
  const pairs = tagPairs(comparison);
  const [open, others] = openLosses(comparison);
  const ranking = (some: Comparison): Html =>
    html`<div class="beside">
      <div>${rankingTable(some)}</div>
      <div>${averageForest(some)}</div>
    </div> `;
  const ofEntities = calibrationFigure(comparison, 'spanBins');
  const ofTokens = calibrationFigure(comparison, 'bins');
  return [
    section('ranking', 'Ranking', [
      ...warningList(comparison),
      ranking(open),
      ...(others
        ? [foldHtml(`${count(others.losses.length, 'loss', 'losses')} with lower means`, ranking(others))]
        : []),
      html`<p class="note">${shownNote(comparison)}</p> `,
      foldHtml('Every average in words', list(comparison.verdicts)),
    ]),
    ...(classes.length > 0
      ? [
          section('classes', 'By class', [
            panels(classes),
            html`<p class="note">
              Differences of F1 from ${reference} in points, classes by their frequency in
              training.${classNote(comparison)}
            </p> `,
            ...(rarer.length > 0 ? [foldHtml(count(rarer.length, 'rarer class', 'rarer classes'), panels(rarer))] : []),
          ]),
        ]
      : []),
    ...(facets.length + comparison.facetsLeftOut.length > 0
      ? [
          section('where', 'Where a loss wins', [
            html`<p>${whereText(comparison)}</p> `,
            ...leftOut(comparison),
            ...facets.map(({ title, shown, panels: some }) =>
              foldHtml(`By ${title}${shown > 0 ? `: ${count(shown, 'difference')} shown` : ''}`, panels(some)),
            ),
            fold('F1 by facet and bucket, in per cent, means over seeds', facetRows(comparison)),
            html`<p class="note">
              ${facetNote(comparison)}Gold and predictions are each sorted by their own text, length and sentence.
              Tested as the classes are${comparison.until ? ' at a single look, the last one' : ''}, with Holm's
              correction over the buckets of a facet and all losses.
            </p> `,
          ]),
        ]
      : []),
    ...(comparison.decodings.length > 1
      ? [
          section('decoding', 'Loss or operating point?', [
            ...(decodingSentences(comparison).length > 0 ? [list(decodingSentences(comparison))] : []),
            fold(capitalised(decodingTitle(comparison)), decodingRows(comparison)),
          ]),
        ]
      : []),
    section(
      'learning-curves',
      'Learning curves',
      curve ? figures(curve) : [html`<p>No run has more than one epoch, so there is no curve.</p> `],
    ),
    ...(curves ? [section('precision-recall', 'Precision and recall', figures(curves))] : []),
    section('calibration', 'Calibration', [
      ...figures(ofEntities ?? ofTokens),
      ...(ofEntities && ofTokens ? [foldHtml('Reliability of tokens', figures(ofTokens))] : []),
      fold(
        hasOutside(comparison)
          ? 'Expected calibration error, and a bias of O chosen on dev run by run, in per cent'
          : 'Expected calibration error in per cent',
        calibrationRows(comparison),
      ),
    ]),
    ...(types || tags
      ? [
          section('confusion', 'Confusion', [
            ...figures(types ?? tags),
            ...(types ? [fold('Errors of entities by kind, a seed', errorRows(comparison))] : []),
            ...(types && tags ? [foldHtml('Confusion by tag', figures(tags))] : []),
            ...(pairs ? [foldHtml('Which tags are taken for which', tableHtml(pairs))] : []),
          ]),
        ]
      : []),
    section('details', 'Details', details(comparison)),
  ];
}

const FACET_NOTES: Partial<Record<FacetName, string>> = {
  consistency: 'how much of its text in training has this label',
  density: 'share of the sentence in entities',
};

/** What the facets are that do not say it themselves. */
function facetNote({ facets }: Comparison): string {
  const told = facets.flatMap(({ name }) => {
    const note = FACET_NOTES[name];
    return note === undefined ? [] : [`${name}: ${note}`];
  });
  return told.length > 0 ? `${capitalised(told.join('; '))}. ` : '';
}

/** What is drawn of rare classes: their intervals are wider than the axis. */
const classNote = ({ metrics }: Comparison): string =>
  metrics.some(({ rare, support }) => rare && support !== 0)
    ? ` (rare): fewer than ${RARE} gold items, so that F1 says little. Those side by side are along one axis: what is an arrow, or runs to the edge, lies beyond.`
    : ' Those side by side are along one axis.';

/** When a difference counts as shown. */
function shownNote({ resamples, until }: Comparison): string {
  const tests = `the paired bootstrap over sentences and seeds (${whole(resamples)} resamples) at 5 %, after Holm's correction over the averages, or over the classes, of all losses; and the permutation test over seeds at 5 %, or with five seeds that all agree`;
  if (!until) return `A difference is shown, filled and named, where two tests agree: ${tests}. Hollow: none is shown.`;
  return `A difference is shown, filled and named, where a look at the growing comparison shows it: its p by Student's t is not above the level that alpha spending leaves to that look, and two tests of the look by itself agree: ${tests}. Intervals hold at all looks together. Hollow: none is shown.`;
}

/** Why facets of training are not there. */
function leftOut({ facetsLeftOut, data }: Comparison): Html[] {
  if (facetsLeftOut.length === 0) return [];
  const names = facetsLeftOut.join(', ');
  return [
    html`<p class="note">
      Left out: ${names}. They ask the training file, and ${basename(data.train.path)} is gone, or another than the runs
      were trained on.
    </p> `,
  ];
}

function whereText({ facets, reference, task }: Comparison): string {
  const where = bucketVerdict(facets, reference);
  if (where !== null) return `${capitalised(where)}.`;
  const verdicts = new Set(facets.flatMap(({ tests }) => tests.map(({ verdict }) => verdict)));
  if (verdicts.has('unjudged'))
    return `Fewer than ${FEWEST_SEEDS} seeds show nothing of a loss: no difference is judged.`;
  if (verdicts.size === 1 && verdicts.has('nothing'))
    return `No loss gets any ${task === 'chunks' ? 'entity' : 'token'} right: there is nothing to compare.`;
  return `No difference from ${reference} is shown for any kind of ${task === 'chunks' ? 'entity' : 'token'}.`;
}

const fold = (caption: string, rows: readonly (readonly string[])[]): Html => {
  const [head = [], ...body] = rows;
  return foldHtml(caption, tableHtml({ caption, head, rows: body }));
};

function details(comparison: Comparison): Html[] {
  const { split, reference, tuning, ensembles, tests } = comparison;
  const gradients = gradientFigures(comparison);
  const [head = [], ...rows] = testRows(comparison);
  const cut =
    rows.length > MOST_TESTS ? ` (the first ${MOST_TESTS} of ${whole(rows.length)}; compare.json has all)` : '';
  return [
    fold(`Every score: mean ± standard deviation over seeds, in per cent, on ${split}`, upright(scoreRows(comparison))),
    fold('Every average of every seed, in per cent', valueRows(comparison)),
    ...(tests.length > 0
      ? [fold(`Every test against ${reference}, in points${cut}`, [head, ...rows.slice(0, MOST_TESTS)])]
      : []),
    ...(ensembles.length > 0 ? [fold(capitalised(ensembleTitle(comparison)), ensembleRows(comparison))] : []),
    ...(gradients.length > 0
      ? [
          foldHtml('Where the gradient comes from', [
            html`<p>
              The gradient of a token is the sum over labels of |dLoss/dlogit| on the training batches. The argument
              against cross-entropy is that easy tokens of the majority class drown the others; the charts show what
              each loss does about it.
            </p> `,
            table('Share of tokens and of gradient in per cent, means over seeds', gradientRows(comparison)),
            ...gradients.map(figureHtml),
          ]),
        ]
      : []),
    ...(tuning
      ? [
          foldHtml('Tuning', [
            html`<p>
              Chosen on dev by successive halving, without a look at test. Every loss had the same number of candidates
              (fewer where its label fixes what would be tried), epochs and seeds (${tuning.seeds.join(', ')}: none of
              those above). In the last round the best candidate met the config as given, each with all of the seeds.
            </p> `,
            table('Chosen on dev', tuningRows(comparison)),
            ...tuningTables(comparison),
          ]),
        ]
      : []),
    foldHtml('Losses and configs', configs(comparison)),
    foldHtml('Data', dataTable(comparison)),
  ];
}

const table = (caption: string, [head = [], ...rows]: readonly (readonly string[])[]): Html =>
  tableHtml({ caption, head, rows });

const section = (id: string, title: string, body: readonly Html[]): Section => ({ id, title, body });

const list = (lines: readonly string[]): Html =>
  html`<ul>
    ${lines.map((line) => html`<li>${line}</li> `)}
  </ul> `;

/** What a reader must know before believing the numbers: open as long as it leaves the numbers in sight. */
function warningList({ warnings }: Comparison): Html[] {
  if (warnings.length === 0) return [];
  const items = html`<ul>
    ${warnings.map((one) => html`<li><span class="warning">warning</span>: ${flagged(inOneLine(one))}</li> `)}
  </ul> `;
  if (warnings.length <= 2) return [items];
  return [foldHtml(html`<span class="warning">${count(warnings.length, 'warning')}</span> to read first`, items)];
}

/** The longer side of a table goes down the page. */
function upright(rows: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const columns = rows[0]?.length ?? 0;
  if (columns <= rows.length) return rows;
  return Array.from({ length: columns }, (_, c) => rows.map((row) => present(row[c], 'cell')));
}

/** Each seed's value of the averages. */
function valueRows({ losses, metrics, seeds }: Comparison): string[][] {
  const averages = metrics.filter(({ kind }) => kind === 'average');
  const rows = losses.flatMap(({ label, runs, scores }) =>
    averages.map(({ name, title }) => {
      const done = runs.filter(({ status }) => status === 'done').map(({ seed }) => seed);
      const valueOf = (run: number): number => present(present(scores[name], name).values[run], name);
      return [
        `${label}: ${title}`,
        ...seeds.map((seed) => (done.includes(seed) ? percent(valueOf(done.indexOf(seed))) : '-')),
      ];
    }),
  );
  return [['loss: metric', ...seeds.map((seed) => `seed ${seed}`)], ...rows];
}

/** Loss by loss: wrong entities of each kind, the mean over seeds. */
function errorRows({ losses }: Comparison): string[][] {
  const names = {
    type: 'wrong type',
    boundary: 'wrong boundary',
    both: 'both wrong',
    missed: 'missed',
    spurious: 'spurious',
  };
  return [
    ['loss', ...SPAN_ERRORS.map((kind) => names[kind])],
    ...losses.flatMap(({ label, errors, runs }) => {
      if (!errors) return [];
      const seeds = runs.filter(({ status }) => status === 'done').length;
      return [[label, ...SPAN_ERRORS.map((kind) => (errors.kinds[kind] / seeds).toFixed(1))]];
    }),
  ];
}

function tuningTables({ tuning, losses }: Comparison): Html[] {
  return (tuning?.losses ?? []).map(({ rungs }, i) =>
    tableHtml({
      caption: `Candidates of ${present(losses[i], 'loss').label}`,
      head: ['candidate', 'epochs', 'seeds', 'dev score'],
      rows: rungs.flatMap(({ epochs, seeds, candidates }) =>
        candidates.map(({ changes, score }) => [
          changesText(changes),
          String(epochs),
          String(seeds.length),
          score === null ? 'failed' : percent(score),
        ]),
      ),
    }),
  );
}

function dataTable({ data, signature }: Comparison): Html[] {
  const splits = [data.train, data.dev, ...(data.test ? [data.test] : [])];
  return [
    tableHtml({
      caption: 'Data',
      head: ['file', 'sentences', 'tokens', 'SHA-256'],
      rows: splits.map(({ path, sentences, tokens, sha256 }) => [
        basename(path),
        whole(sentences),
        whole(tokens),
        html`<code>${sha256.slice(0, 16)}</code>`,
      ]),
    }),
    html`<p>Scored as <code>${signature}</code>.</p> `,
  ];
}

/** The config of the reference, and what the others have otherwise. */
function configs({ losses, reference }: Comparison): Html[] {
  const base = losses.find(({ label }) => label === reference) ?? present(losses[0], 'loss');
  return [
    tableHtml({
      caption: 'Losses',
      head: ['loss', 'what it is', 'formula'],
      rows: losses.map(({ label, title, formula }) => [label, title, html`<code>${formula}</code>`]),
    }),
    tableHtml({
      caption: `What differs from the config of ${base.label}`,
      head: ['loss', 'config'],
      rows: losses
        .filter(({ label }) => label !== base.label)
        .map(({ label, config }) => [label, differences(config, base.config)]),
    }),
    foldHtml(`Config of ${base.label}`, html`<pre>${JSON.stringify(placeless(base.config), null, 1)}</pre> `),
  ];
}

/** `loss.name dsc (ce), loss.alpha 0.6`: with the other's value in brackets where it has one. */
function differences(config: Config, other: Config): string {
  const [own, theirs] = [flat(placeless(config)), flat(placeless(other))];
  const parts = [...new Set([...own.keys(), ...theirs.keys()])].flatMap((key) => {
    const [value, before] = [own.get(key), theirs.get(key)];
    if (value === before) return [];
    return [`${key} ${value ?? 'not set'}${value === undefined || before === undefined ? '' : ` (${before})`}`];
  });
  return parts.length > 0 ? parts.join(', ') : 'nothing';
}

function flat(value: unknown, prefix = ''): Map<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return new Map([[prefix, typeof value === 'string' ? value : JSON.stringify(value)]]);
  return new Map(
    Object.entries(value).flatMap(([key, inner]) => [...flat(inner, prefix === '' ? key : `${prefix}.${key}`)]),
  );
}

/** A page goes places: it names files, not where they lay, and no folder of a run. `compare.json` has the paths. */
export function placeless(config: Config): unknown {
  return JSON.parse(JSON.stringify({ ...config, out: undefined }), (_key, value: unknown) =>
    typeof value === 'string' && /^([/\\~]|[A-Za-z]:[/\\]|\.\.?[/\\])/.test(value) ? basename(value) : value,
  );
}

/** The same with losses that come from a file named by the file alone, wherever two do not share its name. */
function shortNames(comparison: Comparison): Comparison {
  const labels = comparison.losses.map(({ label }) => label);
  const names = new Map(
    labels.flatMap((label) => {
      const { name, settings } = partsOf(label);
      return isLossFile(name) ? [[label, [basename(name), ...settings].join(':')] as const] : [];
    }),
  );
  const taken = [...labels.filter((label) => !names.has(label)), ...names.values()];
  if (names.size === 0 || new Set(taken).size < taken.length) return comparison;
  const longest = [...names.keys()].sort((a, b) => b.length - a.length);
  const short = (text: string): string =>
    longest.reduce((all, label) => all.replaceAll(label, names.get(label) ?? label), text);
  return renamed(comparison, short) as Comparison;
}

function renamed(value: unknown, short: (text: string) => string): unknown {
  if (typeof value === 'string') return short(value);
  if (Array.isArray(value)) return value.map((one) => renamed(one, short));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [short(key), renamed(one, short)]));
}
