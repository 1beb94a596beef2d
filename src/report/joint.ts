import { FACTS, type Joint, type JointCell, type JointCorpus, type JointDecoding, ROPE } from '../compare/joint';
import type { Verdict } from '../compare/statistics';
import { present } from '../errors';
import { percent, pValue, signedPercent, visibleLines, whole } from '../wording';
import { barChart, rankDiagram } from './charts';
import { saveForms } from './compareFiles';
import { markdownTable } from './compareMarkdown';
import { figureHtml, html, type Html, pageHtml, type Section, tableHtml } from './html';
import { toJson } from './json';
import { align } from './text';

type Rows = string[][];

/** Several comparisons as they are printed at the end. */
export function jointText(joint: Joint): string {
  const parts = jointParts(joint).map(({ title, rows, notes }) => [title, ...align(rows), ...notes]);
  return visibleLines(parts.map((lines) => lines.map((line) => `${line}\n`).join('')).join('\n'));
}

/** Writes the joint report in every form into a folder. @returns the paths */
export const saveJoint = (folder: string, joint: Joint): Promise<string[]> =>
  saveForms(folder, {
    'joint.json': toJson(joint),
    'joint.md': jointMarkdown(joint),
    'joint.html': jointHtml(joint),
  });

interface Part {
  readonly id: string;
  readonly title: string;
  readonly rows: Rows;
  readonly notes: readonly string[];
}

function jointParts(joint: Joint): Part[] {
  const parts: Part[] = [
    { id: 'corpora', title: 'The corpora, the most imbalanced first', rows: factRows(joint), notes: [] },
  ];
  for (const decoding of joint.decodings) {
    parts.push({
      id: `gain-${idOf(decoding)}`,
      title: `${decoding.metric} by ${decoding.name}: ${joint.reference}, and the difference from it in points with its 95 % interval`,
      rows: gainRows(joint, decoding),
      notes: rankingLines(joint, decoding),
    });
    if (decoding.links.length > 0)
      parts.push({
        id: `links-${idOf(decoding)}`,
        title: `${decoding.metric} by ${decoding.name}: what a gain goes with over ${joint.corpora.length} corpora (Spearman)`,
        rows: linkRows(decoding),
        notes: [],
      });
  }
  parts.push({
    id: 'behaviour',
    title: 'How they differ, as their configs decode: means over seeds, in per cent, and epochs',
    rows: behaviourRows(joint),
    notes: [],
  });
  return parts;
}

const idOf = ({ name, metric }: JointDecoding): string => `${name}-${metric}`.toLowerCase().replace(/[^a-z]+/g, '-');

const ratio = (value: number | null): string => (value === null ? '-' : `${value.toFixed(value < 10 ? 1 : 0)} : 1`);

const share = (value: number | null): string => (value === null ? '-' : percent(value));

function factRows({ corpora }: Joint): Rows {
  return [
    ['corpus', 'scored on', 'seeds', ...Object.values(FACTS)],
    ...corpora.map(({ name, split, seeds, facts }) => [
      name,
      split,
      String(seeds),
      ratio(facts.outsideRatio),
      whole(facts.mentions),
      whole(facts.sentences),
      share(facts.unseen),
      whole(facts.classes),
      whole(facts.rarest),
    ]),
  ];
}

const MARKS: Readonly<Record<Verdict, string>> = { better: ' better', worse: ' worse', none: '', unjudged: '' };

function gainRows({ corpora, labels, reference }: Joint, { cells }: JointDecoding): Rows {
  const others = labels.filter((label) => label !== reference);
  const cellOf = ({ name }: JointCorpus, label: string): JointCell => present(cells[name]?.[label], label);
  return [
    ['corpus', reference, ...others],
    ...corpora.map((corpus) => {
      const { mean, sd } = cellOf(corpus, reference);
      return [
        corpus.name,
        `${percent(mean)} ± ${percent(sd)}`,
        ...others.map((label) => {
          const { test } = cellOf(corpus, label);
          if (!test) return '-';
          const { difference, low, high, verdict } = test;
          return `${signedPercent(difference)} (${percent(low)}..${percent(high)})${MARKS[verdict]}`;
        }),
      ];
    }),
  ];
}

function rankingLines({ labels, reference, corpora }: Joint, { ranking, signedRank }: JointDecoding): string[] {
  if (!ranking) return [];
  const { ranks, friedman, criticalDifference, against } = ranking;
  const order = labels.map((label, i) => ({ label, rank: present(ranks[i], label) })).sort((a, b) => a.rank - b.rank);
  const differs = labels.filter((_, i) => (against[i]?.pHolm ?? 1) <= 0.05);
  const sure = Object.entries(signedRank).map(
    ([label, { worse, equal, better }]) =>
      `${label} ${[worse, equal, better].map((p) => (100 * p).toFixed(0)).join('/')}`,
  );
  return [
    `mean ranks over ${corpora.length} corpora: ${order.map(({ label, rank }) => `${label} ${rank.toFixed(2)}`).join(', ')}`,
    `Friedman p ${pValue(friedman.p)}; ranks further apart than ${criticalDifference.toFixed(2)} differ (Nemenyi, 5 %)`,
    differs.length > 0
      ? `by ranks, Holm-corrected, ${differs.join(', ')} differ${differs.length === 1 ? 's' : ''} from ${reference}`
      : `by ranks, Holm-corrected, no loss differs from ${reference}`,
    `chances in per cent that a loss is worse / within ${percent(ROPE)} points / better than ${reference} on a corpus like these (signed ranks): ${sure.join(', ')}`,
  ];
}

function linkRows({ links }: JointDecoding): Rows {
  return [
    ['loss', 'fact', 'rho', 'p', 'p after Holm'],
    ...links
      .slice(0, 10)
      .map(({ label, fact, rho, p, pHolm }) => [label, FACTS[fact], rho.toFixed(2), p.toFixed(3), pHolm.toFixed(3)]),
  ];
}

function behaviourRows({ corpora }: Joint): Rows {
  return [
    ['corpus', 'loss', 'precision', 'recall', 'recall, seen', 'recall, unseen', 'best epoch', '90 % at epoch', 'ECE'],
    ...corpora.flatMap(({ name, behaviour }) =>
      behaviour.map(({ label, precision, recall, seenRecall, unseenRecall, bestEpoch, reaches, ece }) => [
        name,
        label,
        share(precision),
        share(recall),
        share(seenRecall),
        share(unseenRecall),
        bestEpoch.toFixed(1),
        reaches.toFixed(1),
        share(ece),
      ]),
    ),
  ];
}

function jointMarkdown(joint: Joint): string {
  const parts = jointParts(joint).map(
    ({ title, rows, notes }) => `## ${title}\n\n${markdownTable(rows)}${notes.map((note) => `\n\n${note}.`).join('')}`,
  );
  return `# ${titleOf(joint)}\n\n${parts.join('\n\n')}\n`;
}

const titleOf = ({ labels, corpora }: Joint): string => `${labels.join(', ')} compared on ${corpora.length} corpora`;

function jointHtml(joint: Joint): string {
  const { version, reference, corpora, decodings } = joint;
  const parts = new Map(jointParts(joint).map((part) => [part.id, part]));
  const body = (id: string): Html[] => {
    const part = parts.get(id);
    if (!part) return [];
    const [head = [], ...rows] = part.rows;
    return [
      tableHtml({ caption: part.title, head, rows }),
      ...(part.notes.length > 0
        ? [
            html`<ul>
              ${part.notes.map((note) => html`<li>${note}</li> `)}
            </ul> `,
          ]
        : []),
    ];
  };
  const ofDecoding = (decoding: JointDecoding): Section => ({
    id: `decoding-${idOf(decoding)}`,
    title: `${decoding.metric}, decoded by ${decoding.name}`,
    body: [
      figureHtml(gainFigure(joint, decoding)),
      ...(decoding.ranking
        ? [
            figureHtml(
              rankDiagram({
                id: `ranks-${idOf(decoding)}`,
                title: 'Mean ranks',
                description: `Mean rank of each loss over ${corpora.length} corpora, 1 the best. A bar joins losses that Nemenyi's test does not tell apart at 5 %.`,
                names: joint.labels,
                ...decoding.ranking,
              }),
            ),
          ]
        : []),
      ...body(`gain-${idOf(decoding)}`),
      ...body(`links-${idOf(decoding)}`),
    ],
  });
  return pageHtml({
    title: titleOf(joint),
    lead: `Against ${reference}; each corpus has its own report in its folder.`,
    sections: [
      { id: 'corpora', title: 'Corpora', body: body('corpora') },
      ...decodings.map(ofDecoding),
      { id: 'behaviour', title: 'How they differ', body: body('behaviour') },
    ],
    footer: `dsc-train ${version}.`,
  });
}

/** Gain of each loss on each corpus, the most imbalanced first. */
function gainFigure({ corpora, labels, reference }: Joint, decoding: JointDecoding) {
  const others = labels.filter((label) => label !== reference);
  const testOf = ({ name }: JointCorpus, label: string): JointCell['test'] =>
    present(decoding.cells[name]?.[label], label).test;
  return barChart({
    id: `gains-${idOf(decoding)}`,
    title: `Gain over ${reference}`,
    description: `Difference of each loss from ${reference} on each corpus, the most imbalanced first (O tokens to one of an entity); the error bars are 95 % intervals over sentences and seeds.`,
    categoryName: 'corpus',
    categories: corpora.map((corpus) => `${corpus.name} (${ratio(corpus.facts.outsideRatio)})`),
    valueName: 'difference',
    unit: 'share',
    series: others.map((label) => ({
      name: label,
      values: corpora.map((corpus) => testOf(corpus, label)?.difference ?? null),
      intervals: corpora.map((corpus) => {
        const test = testOf(corpus, label);
        return test ? ([test.low, test.high] as const) : null;
      }),
    })),
  });
}
