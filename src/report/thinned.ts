import type { Break, Thinned, ThinnedCurve } from '../compare/thinned';
import { FEWEST_SEEDS } from '../compare/statistics';
import { present } from '../errors';
import { groupBy } from '../order';
import type { ThinStep } from '../split/thin';
import { typeTitle } from '../schemes';
import { capitalised, count, percent, signedPercent, visibleLines, whole } from '../wording';
import { linePanels } from './charts';
import { saveForms } from './compareFiles';
import { markdownTable } from './compareMarkdown';
import { figureHtml, html, pageHtml, tableHtml } from './html';
import { toJson } from './json';
import { align } from './text';

type Rows = string[][];

/** What is left at each step, before anything is trained. */
export function thinStepsText(name: string, steps: readonly ThinStep[]): string {
  const lines = [`${typeTitle(name)} is thinned by sentences of the training file:`, ...align(stepRows(name, steps))];
  return visibleLines(lines.map((line) => `${line}\n`).join(''));
}

/** The curves as they are printed at the end. */
export function thinnedText(thinned: Thinned): string {
  const parts = [
    [`what is left of the training file; ${thinned.split} and dev are whole`, ...align(stepRows(thinned.name, thinned.steps))], // prettier-ignore
    ...thinned.curves.map((curve) => [titleOf(thinned, curve), ...align(curveRows(thinned, curve))]),
    breakLines(thinned),
    [answerText(thinned)],
  ];
  return visibleLines(parts.map((lines) => lines.map((line) => `${line}\n`).join('')).join('\n'));
}

/** Writes the curves in every form into a folder. @returns the paths */
export const saveThinned = (folder: string, thinned: Thinned): Promise<string[]> =>
  saveForms(folder, {
    'thinned-curves.json': toJson(thinned),
    'thinned-curves.md': thinnedMarkdown(thinned),
    'thinned-curves.html': thinnedHtml(thinned),
  });

function stepRows(name: string, steps: readonly ThinStep[]): Rows {
  const classes = [...new Set(steps.flatMap((step) => Object.keys(step.classes)))].filter((one) => one !== name);
  const countOf = ({ classes: counts }: ThinStep, one: string): string =>
    whole(Object.hasOwn(counts, one) ? present(counts[one], one) : 0);
  return [
    ['share', `${typeTitle(name)} left`, 'sentences with it', 'sentences', 'tokens', ...classes.map(typeTitle)],
    ...steps.map((step) => [
      step.name.slice(step.name.lastIndexOf('-') + 1).replace('of', '/'),
      whole(step.mentions),
      whole(step.holding),
      whole(step.sentences),
      whole(step.tokens),
      ...classes.map((one) => countOf(step, one)),
    ]),
  ];
}

const metricTitle = ({ metric }: ThinnedCurve): string =>
  metric.kind === 'class' ? `F1 of ${typeTitle(metric.title)}` : metric.title;

const titleOf = ({ split, seeds, reference }: Thinned, curve: ThinnedCurve): string =>
  `${metricTitle(curve)} on ${split}: mean over ${count(seeds, 'seed')} with its 95 % interval, and the difference from ${reference} where it is shown`;

const MARKS = { better: ' better', worse: ' worse' } as const;

function curveRows({ steps, labels, name }: Thinned, { points }: ThinnedCurve): Rows {
  return [
    [`${typeTitle(name)} left`, ...labels],
    ...steps.map((step, i) => [
      whole(step.mentions),
      ...labels.map((label) => {
        const { mean, low, high, test } = present(points[i]?.[label], label);
        const shown = test && (test.verdict === 'better' || test.verdict === 'worse');
        const mark = shown ? ` ${signedPercent(test.difference)}${MARKS[test.verdict]}` : '';
        return `${percent(mean)} (${percent(low)}..${percent(high)})${mark}`;
      }),
    ]),
  ];
}

/** Where each loss breaks, in words. */
function breakLines({ curves, name, labels, steps }: Thinned): string[] {
  const breaks = curves[0]?.breaks ?? {};
  return [
    `where F1 of ${typeTitle(name)} is half of what the loss has with all ${whole(steps[0]?.mentions ?? 0)}:`,
    ...labels.map((label) => `${label}: ${breakText(present(breaks[label], label), steps)}`),
    'in brackets, where the ends of the 95 % interval of F1 come to that half',
  ];
}

function breakText({ half, low, high, silent }: Break, steps: readonly ThinStep[]): string {
  const [most, fewest] = [steps[0]?.mentions ?? 0, steps.at(-1)?.mentions ?? 0].map(whole);
  if (silent === steps[0]?.mentions) return `no seed finds any, not even with all ${most ?? ''}`;
  const of = (n: number | null): string => (n === null ? `below ${fewest ?? ''}` : whole(n));
  const found = half === null ? `below ${fewest ?? ''}, if at all` : `about ${count(Math.round(half), 'mention')}`;
  const interval = low === null && high === null ? '' : ` (${of(low)}..${of(high)})`;
  return `${found}${interval}${silent === null ? '' : `; none found by any seed at ${whole(silent)} and below`}`;
}

/** One sentence: where each loss breaks, and whether any is shown to hold out better than the reference. */
function answerText({ curves, name, labels, steps, reference, seeds }: Thinned): string {
  const [first] = curves;
  const [most, fewest] = [steps[0]?.mentions ?? 0, steps.at(-1)?.mentions ?? 0];
  const title = `F1 of ${typeTitle(name)}`;
  const where = labels.map((label) => {
    const { half, silent } = present(first?.breaks?.[label], label);
    if (silent === most) return `${label} finds none, not even with all ${whole(most)}`;
    return half === null ? `${label} keeps more than half down to ${whole(fewest)}` : `${label} has half of it at about ${whole(half)}`; // prettier-ignore
  });
  const tests = (first?.points ?? []).flatMap((point, s) =>
    Object.entries(point).flatMap(([label, { test }]) =>
      test ? [{ label, test, left: steps[s]?.mentions ?? 0 }] : [],
    ),
  );
  const shown = [...groupBy(tests, ({ label, test }) => `${label} is shown to be ${test.verdict}`)]
    .filter(([, of]) => of.some(({ test }) => test.verdict === 'better' || test.verdict === 'worse'))
    .map(([text, of]) => `${text} than ${reference} at ${of.map(({ left }) => whole(left)).join(', ')}`);
  const verdict =
    shown.length > 0
      ? shown.join('; ')
      : seeds < FEWEST_SEEDS
        ? `${count(seeds, 'seed')} show no difference: ${FEWEST_SEEDS} are needed`
        : `no loss is shown to differ from ${reference} at any step`;
  return `${title} with ever fewer of ${count(most, 'mention')}: ${where.join(', ')}; ${verdict}.`;
}

function thinnedMarkdown(thinned: Thinned): string {
  const parts = [
    `# ${pageTitle(thinned)}`,
    answerText(thinned),
    markdownTable(stepRows(thinned.name, thinned.steps)),
    ...thinned.curves.flatMap((curve) => [`## ${titleOf(thinned, curve)}`, markdownTable(curveRows(thinned, curve))]),
    '## Where each loss breaks',
    breakLines(thinned)
      .map((line) => `- ${line}`)
      .join('\n'),
  ];
  return `${parts.join('\n\n')}\n`;
}

const pageTitle = ({ labels, name }: Thinned): string => `${labels.join(', ')} with ever fewer ${typeTitle(name)}`;

function thinnedHtml(thinned: Thinned): string {
  const { version, name, steps, labels, curves, split } = thinned;
  const [first, ...lines] = breakLines(thinned);
  const [breaks, note] = [lines.slice(0, -1), lines.at(-1)];
  const [head = [], ...rows] = stepRows(name, steps);
  return pageHtml({
    title: pageTitle(thinned),
    lead: answerText(thinned),
    note: `Sentences with ${typeTitle(name)} were left out of the training file; dev${split === 'dev' ? ' is' : ` and ${split} are`} whole.`,
    sections: [
      {
        id: 'breaks',
        title: 'Where each loss breaks',
        body: [
          html`<p>${capitalised(first ?? '')}</p>
            <ul>
              ${breaks.map((line) => html`<li>${line}</li> `)}
            </ul>
            <p class="note">${capitalised(note ?? '')}.</p> `,
        ],
      },
      {
        id: 'curves',
        title: 'Scores by what is left',
        body: [
          figureHtml(
            linePanels({
              id: 'thinned',
              title: `Scores by mentions of ${typeTitle(name)} in training`,
              description:
                'Mean over seeds of each loss; the bands are 95 % intervals over sentences and seeds. The axis of mentions is logarithmic.',
              xName: `${typeTitle(name)} in training`,
              xUnit: 'count',
              xMarks: steps.map(({ mentions }) => mentions).reverse(),
              yName: 'score',
              yUnit: 'share',
              panels: curves.map((curve) => ({
                title: metricTitle(curve),
                says: `${metricTitle(curve)} of ${labels.join(', ')} by mentions in training; the numbers follow as a table`,
                series: labels.map((label, l) => ({
                  name: label,
                  colour: l,
                  points: steps.map(({ mentions }, s) => {
                    const { mean, low, high } = present(curve.points[s]?.[label], label);
                    return { x: mentions, y: mean, low, high, dot: 3 };
                  }),
                })),
              })),
            }),
          ),
          ...curves.map((curve) => {
            const [columns = [], ...cells] = curveRows(thinned, curve);
            return tableHtml({ caption: titleOf(thinned, curve), head: columns, rows: cells });
          }),
        ],
      },
      {
        id: 'steps',
        title: 'What is left',
        body: [tableHtml({ caption: 'The training file, step by step', head, rows })],
      },
    ],
    footer: `dsc-train ${version}.`,
  });
}
