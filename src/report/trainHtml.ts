import { basename } from 'node:path';
import { type EpochShares, sharesByClass, sharesByDifficulty } from '../compare/gradientTable';
import { durationText } from '../compare/timeLeft';
import { present } from '../errors';
import type { Cell } from '../metrics/confusion';
import { intervalOf } from '../metrics/intervals';
import type { Score } from '../metrics/prf';
import type { Report } from '../metrics/scores';
import { lossOfResult, type RunResult } from '../run/result';
import { OUTSIDE, splitTag, typeTitle } from '../schemes';
import { inOneLine } from '../warnings';
import { capitalised, count, percent, whole } from '../wording';
import { heatPanels, type IntervalRow, intervalTable, linePanels, type LinePanel, stackedShares } from './charts';
import { confusionPanel, leftText, shareText } from './compareFigures';
import { placeless } from './compareHtml';
import { floorLines } from './floor';
import { type Figure, figureHtml, foldHtml, html, type Html, pageHtml, type Section, tableHtml } from './html';
import { seriesColour } from './palette';

/** Parts of a stacked chart at the most, the rest together. */
const MOST_PARTS = 6;

/** Classes with a picture of their own. */
const MOST_CLASSES = 9;

/** A finished run as one page that needs nothing but a browser: scores first, how it came to them behind. */
export function runHtml(result: RunResult): string {
  const { data, config, test, dev, best, history, version, engine, timing } = result;
  const split = test ? 'test' : 'dev';
  const scored = test ?? dev;
  const file = data[split] ?? data.dev;
  const { micro } = scored.entities ?? scored.tags;
  const { title } = lossOfResult(result);
  const what = scored.entities ? `micro-F1 ${percent(micro.f1)}` : `accuracy ${percent(scored.accuracy)} %`;
  return pageHtml({
    title: `A tagger of ${basename(data.train.path)}`,
    lead: `${what} on ${split}, with the loss ${lossName(config.loss.name)} (${title}).`,
    note: `Trained on ${count(data.train.sentences, 'sentence')}, scored on ${split} (${basename(file.path)}, ${count(file.sentences, 'sentence')}). Epoch ${best.epoch} of ${history.length} was the best on dev; seed ${config.seed}.`,
    sections: sections(result, split, scored),
    footer: `dsc-train ${version}; engine ${engine.name}, ${engine.device}; ${durationText(timing.seconds)}, started ${timing.started.slice(0, 16).replace('T', ' ')} UTC.`,
  });
}

/** That of a file by the file alone: a page goes places. */
const lossName = (name: string): string => (/[/\\]/.test(name) ? basename(name) : name);

function sections(result: RunResult, split: 'dev' | 'test', scored: Report): Section[] {
  const gradients = gradientFigures(result);
  return [
    {
      id: 'scores',
      title: 'Scores',
      body: [
        ...warningList(result),
        scoreTable(scored, `F1 on ${split}, in per cent`),
        html`<p class="note">
          ${split === 'dev' ? 'Dev chose the epoch: these scores flatter the tagger. ' : ''}Macro: over the classes in
          gold. Intervals: a bootstrap over sentences.
          ${floorLines(scored)
            .map((line) => `${capitalised(line)}.`)
            .join(' ')}
        </p> `,
        ...(split === 'test'
          ? [foldHtml('Dev, which chose the epoch', scoreTable(result.dev, 'F1 on dev, in per cent'))]
          : []),
      ],
    },
    {
      id: 'learning',
      title: 'Learning curves',
      body: [beside(learningFigures(result)), ...classFigures(result).map(figureHtml)],
    },
    { id: 'confusion', title: 'Confusion', body: [figureHtml(confusionFigure(scored, split))] },
    ...(gradients.length > 0
      ? [
          {
            id: 'gradient',
            title: 'Where the gradient comes from',
            body: [
              html`<p>
                How much of the gradient of each epoch comes from the tokens of each class, and from tokens that the
                tagger is sure of already. The argument for Dice losses is that most of the gradient of cross-entropy
                comes from easy tokens of the most frequent class.
              </p> `,
              beside(gradients),
            ],
          },
        ]
      : []),
    { id: 'run', title: 'The run', body: details(result, scored) },
  ];
}

/** Next to one another where there is room. */
const beside = (figures: readonly Figure[]): Html =>
  html`<div class="beside">${figures.map((figure) => html`<div>${figureHtml(figure)}</div> `)}</div> `;

const warningList = ({ warnings }: RunResult): Html[] =>
  warnings.length > 0
    ? [
        html`<ul>
          ${warnings.map((one) => html`<li><span class="warning">Warning:</span> ${inOneLine(one)}</li> `)}
        </ul> `,
      ]
    : [];

/** Every class, and the averages under them, with intervals along one axis. */
function scoreTable(report: Report, caption: string): Html {
  const { classes, micro, macro } = report.entities ?? report.tags;
  const floor = report.floor?.table;
  const floors = new Map(floor?.classes.map(({ name, f1 }) => [name, f1]));
  const row = (
    name: string,
    metric: string,
    score: Pick<Score, 'precision' | 'recall' | 'f1'>,
    support: string,
    below: number | undefined,
    colour: number,
  ): IntervalRow => {
    const found = report.intervals && intervalOf(report.intervals, metric);
    const numbers = [score.f1, score.precision, score.recall].map(percent);
    return {
      name,
      value: score.f1,
      low: found?.low ?? score.f1,
      high: found?.high ?? score.f1,
      kind: { colour: seriesColour(colour) },
      cells: [...numbers, ...(floor ? [below === undefined ? '' : percent(below)] : []), support],
    };
  };
  const level = (report.intervals?.entities ?? report.intervals?.tags)?.level ?? 0.95;
  return intervalTable({
    caption,
    head: [
      report.entities ? 'entities' : 'tags',
      report.intervals ? `${Number((100 * level).toFixed(2))} % interval` : 'F1',
      ...['F1', 'precision', 'recall'],
      ...(floor ? ['look-up'] : []),
      'support',
    ],
    wide: [1, 2],
    groups: [
      {
        title: 'classes',
        rows: [...classes]
          .sort((a, b) => b.support - a.support)
          .map((one) => row(typeTitle(one.name), `${one.name}.f1`, one, whole(one.support), floors.get(one.name), 0)),
      },
      {
        title: 'averages',
        rows: [
          row('micro', 'micro-f1', micro, whole(micro.support), floor?.micro.f1, 1),
          row(`macro (${macro.classes})`, 'macro-f1', macro, '', floor?.macro.f1, 1),
        ],
      },
    ],
    unit: 'share',
  });
}

/** Score on dev and loss in training by epoch; the epoch that was kept has a dot. */
/** `micro-F1` for `micro-f1`, as other places have it. */
const titleOf = (metric: string): string => metric.replace(/f1$/, 'F1');

function learningFigures({ history, best, metric, config }: RunResult): Figure[] {
  const title = lossName(config.loss.name);
  const panel = (of: (epoch: RunResult['history'][number]) => number, colour: number): LinePanel => ({
    title,
    says: `from ${of(present(history[0], 'epoch')).toPrecision(3)} in the first epoch to ${of(present(history.at(-1), 'epoch')).toPrecision(3)} in the last`,
    series: [
      {
        name: title,
        colour,
        points: history.map((one) => ({ x: one.epoch, y: of(one), ...(one.epoch === best.epoch && { dot: 4 }) })),
      },
    ],
  });
  if (history.length === 0) return [];
  const shared = { xName: 'epoch', xUnit: 'count' } as const;
  return [
    linePanels({
      ...shared,
      id: 'dev-score',
      title: `${titleOf(metric)} on dev after each epoch`,
      description: `The dot is epoch ${best.epoch}, whose tagger was kept: ${percent(best.score)}.`,
      yName: titleOf(metric),
      yUnit: 'share',
      panels: [panel(({ devScore }) => devScore, 0)],
      table: {
        caption: 'Epochs',
        head: ['epoch', 'loss in training', `${titleOf(metric)} on dev`, 'learning rate'],
        rows: history.map(({ epoch, trainLoss, devScore, learningRate }) => [
          String(epoch),
          trainLoss.toFixed(4),
          percent(devScore),
          String(Number(learningRate.toPrecision(3))),
        ]),
      },
    }),
    linePanels({
      ...shared,
      id: 'train-loss',
      title: 'Loss in training',
      description: 'The mean over the tokens of each epoch, with dropout. It may fall long after dev stands still.',
      yName: 'loss',
      yUnit: 'number',
      panels: [panel(({ trainLoss }) => trainLoss, 1)],
    }),
  ];
}

/** F1 on dev by epoch, a panel a class; none where a run did not keep it. */
function classFigures({ history, dev, best }: RunResult): Figure[] {
  const byName = new Map((dev.entities ?? dev.tags).classes.map(({ name, support }) => [name, support]));
  const all = Object.keys(history.at(-1)?.classes ?? {}).sort((a, b) => (byName.get(b) ?? 0) - (byName.get(a) ?? 0));
  const names = all.slice(0, MOST_CLASSES);
  if (names.length === 0) return [];
  const panels = names.map((name): LinePanel => {
    const points = history.flatMap(({ epoch, classes }) => {
      const y = classes?.[name];
      return y === undefined ? [] : [{ x: epoch, y, ...(epoch === best.epoch && { dot: 4 }) }];
    });
    const last = percent(points.at(-1)?.y ?? 0);
    const title = `${typeTitle(name)}: ${whole(byName.get(name) ?? 0)}`;
    return {
      title,
      says: `${percent(points[0]?.y ?? 0)} after the first epoch, ${last} after the last`,
      series: [{ name: title, colour: 0, points }],
    };
  });
  const left = all.length - names.length;
  return [
    linePanels({
      id: 'dev-classes',
      title: 'F1 of each class on dev',
      description: `Beside each name how many of it are in dev; the dot is epoch ${best.epoch}. A class at 0 was not predicted right once.${left > 0 ? ` ${count(left, 'rarer class', 'rarer classes')} of the table have no picture.` : ''}`,
      xName: 'epoch',
      xUnit: 'count',
      yName: 'F1',
      yUnit: 'share',
      yRange: [0, 1],
      panels,
      table: {
        caption: 'F1 of each class on dev, in per cent',
        head: ['epoch', ...all.map(typeTitle)],
        rows: history.map(({ epoch, classes }) => [
          String(epoch),
          ...all.map((name) => {
            const f1 = classes?.[name];
            return f1 === undefined ? '-' : percent(f1);
          }),
        ]),
      },
    }),
  ];
}

/** Tokens by gold and predicted class: of chunk tags the letter is left out. */
function confusionFigure({ confusion, entities }: Report, split: string): Figure {
  const nameOf = (tag: string): string => {
    const { role, type } = splitTag(tag);
    return entities && role !== 'outside' ? typeTitle(type) : tag;
  };
  const names = [...new Set(confusion.tags.map(nameOf))];
  const idOf = new Map(names.map((name, id) => [name, id]));
  const place = confusion.tags.map((tag) => present(idOf.get(nameOf(tag)), 'class'));
  const sums = new Map<string, number>();
  for (const [g, p, n] of confusion.cells) {
    const key = `${place[g]} ${place[p]}`;
    sums.set(key, (sums.get(key) ?? 0) + n);
  }
  const cells = [...sums].map(([key, n]): Cell => {
    const [g = 0, p = 0] = key.split(' ').map(Number);
    return [g, p, n];
  });
  const panel = confusionPanel(`on ${split}`, 1, names, cells, null);
  const letters = entities ? ' Where an entity begins and goes on is left out.' : '';
  return heatPanels({
    id: 'confusion-classes',
    title: 'Tokens by gold class (rows) and predicted class (columns)',
    description: `In per cent of the row; beside its name how many tokens it has; empty: none.${letters}${leftText([panel], 'classes')}`,
    rowName: 'gold',
    columnName: 'predicted',
    panels: [panel],
  });
}

/** Where the gradient came from, by class and by difficulty; none where it was not measured. */
function gradientFigures({ history, data, dev, config }: RunResult): Figure[] {
  const run = { runs: [{ history }] };
  const commonest = Object.entries(data.train.classes).sort(([, a], [, b]) => b - a).map(([name]) => name); // prettier-ignore
  const names = (dev.entities ? [OUTSIDE.letter, ...commonest] : commonest).slice(0, MOST_PARTS);
  const kinds: readonly (readonly [id: string, title: string, note: string, shares: EpochShares | null])[] = [
    ['class', 'Gradient by class', '', sharesByClass(run, names)],
    [
      'sureness',
      'Gradient by difficulty',
      'Easy tokens have p over 0.9 for the gold label, hard ones at most 0.5. ',
      sharesByDifficulty(run),
    ],
  ];
  return kinds.flatMap(([id, title, note, shares]) => {
    if (!shares) return [];
    const series = [...shares.parts].map(([name, { gradient }]) => ({ name: typeTitle(name), values: gradient }));
    return [
      stackedShares({
        id: `gradient-${id}`,
        title,
        description: `${note}Shares of the sum of |dLoss/dlogit| over an epoch: ${shareText(shares)}.`,
        xName: 'epoch',
        panels: [{ title: lossName(config.loss.name), says: shareText(shares), x: shares.epochs, series }],
        table: {
          caption: `${title}: per cent of the gradient (of the tokens)`,
          head: ['epoch', ...series.map(({ name }) => name)],
          rows: shares.epochs.map((epoch, e) => [
            String(epoch),
            ...[...shares.parts.values()].map(
              ({ gradient, tokens }) =>
                `${(100 * present(gradient[e], 'share')).toFixed(1)} (${(100 * present(tokens[e], 'share')).toFixed(1)})`,
            ),
          ]),
        },
      }),
    ];
  });
}

function details(result: RunResult, scored: Report): Html[] {
  const { data, config, weights, engine } = result;
  const splits = Object.entries({ train: data.train, dev: data.dev, ...(data.test && { test: data.test }) });
  return [
    tableHtml({
      caption: 'Data',
      head: ['part', 'file', 'sentences', 'tokens', 'scheme', 'SHA-256'],
      rows: splits.map(([name, { path, sentences, tokens, scheme, sha256 }]) => [
        name,
        basename(path),
        whole(sentences),
        whole(tokens),
        scheme,
        html`<code>${sha256.slice(0, 16)}</code>`,
      ]),
    }),
    html`<p>
      ${count(weights, 'weight')}, on ${count(engine.threads, 'thread')}. Scored as <code>${scored.signature}</code>.
    </p> `,
    foldHtml('Config', html`<pre>${JSON.stringify(placeless(config), null, 1)}</pre> `),
  ];
}
