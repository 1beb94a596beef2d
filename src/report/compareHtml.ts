import { basename } from 'node:path';
import type { Comparison } from '../compare/comparison';
import type { Config } from '../config';
import { present } from '../errors';
import { percent } from '../wording';
import {
  calibrationFigure,
  confusionFigures,
  entityCalibrationFigure,
  gradientFigures,
  gradientRows,
  learningFigure,
  precisionRecallFigures,
  scoreFigure,
} from './compareFigures';
import {
  calibrationRows,
  calibrationTitle,
  changesText,
  decodingRows,
  decodingSentences,
  decodingTitle,
  ensembleRows,
  ensembleTitle,
  hasOutside,
  timeText,
  scoreRows,
  testRows,
  tuningRows,
} from './compareText';
import { figureHtml, html, type Html, pageHtml, type Section, tableHtml } from './html';
import { inOneLine } from '../warnings';

/** The comparison as one page that needs nothing but a browser. */
export function comparisonHtml(comparison: Comparison): string {
  const { data, losses, seeds, reference, split, version, engine } = comparison;
  const labels = losses.map(({ label }) => label).join(', ');
  return pageHtml({
    title: `Losses compared on ${basename(data.train.path)}`,
    lead: `${labels}; ${seeds.length} seeds each, scored on ${split} (${basename((data.test ?? data.dev).path)}), tested against ${reference}.`,
    sections: sections(comparison),
    footer: `dsc-train ${version}; engine ${engine.name}, ${engine.device}; ${timeText(comparison)}.`,
  });
}

function sections(comparison: Comparison): Section[] {
  const { split, reference, resamples, verdicts, warnings, tuning } = comparison;
  const table = (caption: string, [head = [], ...rows]: readonly (readonly string[])[]): Html =>
    tableHtml({ caption, head, rows });
  return [
    section('verdict', 'Verdict', [
      list(verdicts),
      warnings.length > 0
        ? html`<ul>
            ${warnings.map((one) => html`<li><span class="warning">warning</span>: ${inOneLine(one)}</li> `)}
          </ul> `
        : html``,
    ]),
    section('scores', 'Scores', [
      table(`Mean ± standard deviation over seeds, in per cent, on ${split}`, scoreRows(comparison)),
      table('Every value, in per cent', valueRows(comparison)),
      figureHtml(scoreFigure(comparison, 'average')),
      figureHtml(scoreFigure(comparison, 'class')),
    ]),
    section('tests', `Against ${reference}`, [
      html`<p>
        A loss is called better or worse where two tests agree: the paired bootstrap over sentences and seeds
        (${resamples} resamples) at 5 %, after Holm's correction over the averages, or over the classes, of all losses;
        and the permutation test over seeds at 5 %, or with five seeds that all agree. Fewer than five seeds get no
        verdict.
      </p> `,
      table(`Difference from ${reference}, in points`, testRows(comparison)),
    ]),
    ...(comparison.decodings.length > 1
      ? [
          section('decoding', 'The loss, or its operating point?', [
            table(capitalised(decodingTitle(comparison)), decodingRows(comparison)),
            list(decodingSentences(comparison)),
          ]),
        ]
      : []),
    ...(comparison.ensembles.length > 0
      ? [
          section('ensemble', 'All seeds as one tagger', [
            table(capitalised(ensembleTitle(comparison)), ensembleRows(comparison)),
          ]),
        ]
      : []),
    section('learning-curves', 'Learning curves', [figureHtml(learningFigure(comparison))]),
    section('gradients', 'Where the gradient comes from', [
      html`<p>
        The gradient of a token is the sum over labels of |dLoss/dlogit| on the training batches. The argument against
        cross-entropy is that easy tokens of the majority class drown the others; the charts show what each loss does
        about it.
      </p> `,
      table('Share of tokens and of gradient in per cent, means over seeds', gradientRows(comparison)),
      ...gradientFigures(comparison).map(figureHtml),
    ]),
    section('precision-recall', 'Precision and recall', precisionRecallFigures(comparison).map(figureHtml)),
    section('calibration', calibrationTitle(comparison), [
      table(
        hasOutside(comparison)
          ? 'Expected calibration error; a bias of O is chosen on dev, run by run; in per cent'
          : 'Expected calibration error in per cent',
        calibrationRows(comparison),
      ),
      figureHtml(calibrationFigure(comparison)),
      ...[entityCalibrationFigure(comparison)].flatMap((figure) => (figure ? [figureHtml(figure)] : [])),
    ]),
    section('confusion', 'Confusion', confusionFigures(comparison).map(figureHtml)),
    ...(tuning
      ? [
          section('tuning', 'Tuning', [
            html`<p>
              Chosen on dev by successive halving, without a look at test. Every loss had the same number of candidates,
              epochs and seeds (${tuning.seeds.join(', ')}: none of those above). In the last round the best candidate
              met the config as given, each with all of the seeds.
            </p> `,
            table('Chosen on dev', tuningRows(comparison)),
            ...tuningTables(comparison),
          ]),
        ]
      : []),
    section('configs', 'Configs and data', configs(comparison)),
  ];
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const section = (id: string, title: string, body: readonly Html[]): Section => ({ id, title, body });

const list = (lines: readonly string[]): Html =>
  html`<ul>
    ${lines.map((line) => html`<li>${line}</li> `)}
  </ul> `;

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

function configs({ losses, data, signature }: Comparison): Html[] {
  const splits = [data.train, data.dev, ...(data.test ? [data.test] : [])];
  return [
    tableHtml({
      caption: 'Data',
      head: ['file', 'sentences', 'tokens', 'SHA-256'],
      rows: splits.map(({ path, sentences, tokens, sha256 }) => [
        basename(path),
        String(sentences),
        String(tokens),
        sha256,
      ]),
    }),
    html`<p>Scored as <code>${signature}</code>.</p> `,
    ...losses.map(
      ({ label, title, formula, config }) =>
        html`<h3>${label}</h3>
          <p>${title}: <code>${formula}</code></p>
          <pre tabindex="0">${JSON.stringify(shown(config), null, 2)}</pre> `,
    ),
  ];
}

/** A page goes places: it names files, not where they lay. `compare.json` has the paths. */
function shown({ data, ...config }: Config): object {
  const { train, dev, test, ...rest } = data;
  const files = { train: basename(train), dev: basename(dev), test: test === null ? null : basename(test) };
  return { data: { ...files, ...rest }, ...config };
}
