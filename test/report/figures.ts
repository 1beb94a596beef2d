import {
  barChart,
  heatPanels,
  linePanels,
  precisionRecallPanels,
  rankDiagram,
  reliabilityPanels,
  stackedShares,
} from '../../src/report/charts';
import { figureHtml, pageHtml, type Figure } from '../../src/report/html';

/** A name that would do harm if it were not escaped. */
export const HOSTILE = '"><script>alert(1)</script>&\'';

const EPOCHS = [1, 2, 3, 4, 5];
const text = (id: string) => ({ id, title: `Chart ${id}`, description: `What ${id} shows, in words.` });

/** One chart of every kind, on made-up numbers. */
export const FIGURES: Readonly<Record<string, () => Figure>> = {
  bars: () =>
    barChart({
      ...text('bars'),
      categoryName: 'class',
      categories: [
        'O',
        'person',
        'creative-work',
        HOSTILE,
        '地名',
        'a-very-long-class-name-that-does-not-fit-anywhere',
      ],
      valueName: 'tokens',
      unit: 'count',
      log: true,
      series: [{ name: 'train', values: [59570, 660, 140, 12, 1, 0] }],
    }),
  'grouped-bars': () =>
    barChart({
      ...text('grouped-bars'),
      categoryName: 'class',
      categories: ['person', 'location', HOSTILE],
      valueName: 'F1',
      unit: 'share',
      full: 1,
      series: [
        { name: 'ce', values: [0.61, 0.42, 0.1] },
        { name: 'dsc', values: [0.66, 0.4, 0.22] },
        { name: 'tl', values: [0.5, null, 0.3] },
      ],
    }),
  lines: () =>
    linePanels({
      ...text('lines'),
      xName: 'epoch',
      xUnit: 'count',
      yName: 'dev F1',
      yUnit: 'share',
      panels: ['ce', 'fl', 'dl', 'dsc', 'tl', 'ce+dl', 'ce+dsc', 'wce', HOSTILE].map((name, i) => ({
        title: name,
        says: 'rises',
        series: [
          {
            name,
            colour: i,
            points: EPOCHS.map((x) => {
              const y = (0.5 + 0.03 * i) * (1 - Math.exp(-x / (2 + i / 3)));
              return { x, y, low: y - 0.03, high: y + 0.02 };
            }),
          },
        ],
      })),
    }),
  'precision-recall': () =>
    precisionRecallPanels(text('precision-recall'), [
      {
        title: HOSTILE,
        says: 'dsc is above',
        curves: [
          {
            name: 'ce',
            colour: 0,
            points: [
              { recall: 0, precision: 1 },
              { recall: 0.4, precision: 0.8, marked: true },
              { recall: 0.9, precision: 0.2 },
            ],
          },
          {
            name: HOSTILE,
            colour: 1,
            points: [
              { recall: 0, precision: 1 },
              { recall: 0.5, precision: 0.7 },
              { recall: 0.95, precision: 0.3 },
            ],
          },
        ],
      },
    ]),
  heat: () =>
    heatPanels({
      ...text('heat'),
      rowName: 'gold',
      columnName: 'predicted',
      panels: [
        {
          title: 'ce',
          rows: ['person', 'location', HOSTILE, 'spurious'].map((name) => ({ name, note: '100' })),
          columns: ['person', 'location', HOSTILE, 'missed'],
          values: [
            [0.7, 0.1, 0.02, 0.18],
            [0.2, 0.5, 0.001, 0.299],
            [0, 0, 0.2, 0.8],
            [0.6, 0.3, 0.1, null],
          ],
        },
      ],
    }),
  ranks: () =>
    rankDiagram({ ...text('ranks'), names: ['ce', 'dsc', HOSTILE], ranks: [1.4, 2.1, 2.5], criticalDifference: 0.9 }),
  shares: () =>
    stackedShares({
      ...text('shares'),
      xName: 'epoch',
      panels: ['ce', HOSTILE].map((title) => ({
        title,
        says: 'O shrinks',
        x: EPOCHS,
        series: [
          { name: 'gold O', values: [0.8, 0.7, 0.6, 0.5, 0.4] },
          { name: 'person', values: [0.15, 0.2, 0.25, 0.3, 0.3] },
          { name: HOSTILE, values: [0.05, 0.1, 0.15, 0.2, 0.3] },
        ],
      })),
    }),
  reliability: () =>
    reliabilityPanels(
      text('reliability'),
      ['ce', 'dsc'].map((name, i) => ({
        title: name,
        says: 'too sure',
        series: [
          {
            name,
            colour: i,
            bins: [0, 1, 2, 3, 4].map((b) => ({
              low: b / 5,
              high: (b + 1) / 5,
              count: b === 0 ? 0 : 10 ** b,
              confidence: b / 5 + 0.1,
              accuracy: Math.min(1, b / 5 + 0.05 + 0.1 * i),
            })),
          },
        ],
      })),
    ),
};

export function demoPage(): string {
  return pageHtml({
    title: `Charts of ${HOSTILE}`,
    lead: 'One of every kind.',
    sections: Object.entries(FIGURES).map(([name, figure]) => ({
      id: `section-${name}`,
      title: name,
      body: [figureHtml(figure())],
    })),
    footer: 'Made for a test.',
  });
}
