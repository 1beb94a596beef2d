import {
  FACTS,
  FEWEST_CORPORA,
  type Joint,
  type JointCell,
  type JointCorpus,
  type JointDecoding,
  ROPE,
} from '../compare/joint';
import { FEWEST_SEEDS, LEVEL, type Verdict } from '../compare/statistics';
import { present } from '../errors';
import type { Ranking } from '../metrics/ranks';
import { count, percent, pValue, signedPercent, someOf, visibleLines, whole } from '../wording';
import { type IntervalRow, intervalScale, intervalTable, rankDiagram } from './charts';
import { testRow } from './compareFigures';
import { saveForms } from './compareFiles';
import { markdownTable } from './compareMarkdown';
import { figureHtml, foldHtml, html, type Html, pageHtml, tableHtml } from './html';
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
    { id: 'corpora', title: 'The corpora, the most imbalanced first', rows: factRows(joint), notes: notesOf(joint) },
  ];
  for (const decoding of joint.decodings) {
    parts.push({
      id: `gain-${idOf(decoding)}`,
      title: `${wayOf(decoding)}: ${joint.reference}, and the difference from it in points with its 95 % interval`,
      rows: gainRows(joint, decoding),
      notes: rankingLines(joint, decoding),
    });
    if (decoding.links.length > 0)
      parts.push({
        id: `links-${idOf(decoding)}`,
        title: `${wayOf(decoding)}: what a gain goes with over corpora (Spearman)`,
        rows: linkRows(decoding),
        notes: linkNotes(joint),
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

const notesOf = (joint: Joint): string[] => [...leftNotes(joint), ...seedNotes(joint), ...plainNotes(joint)];

/** What could not be compared. */
function leftNotes({ leftOut: { corpora, losses }, reference }: Joint): string[] {
  return [
    ...corpora.map((name) => `left out: ${name}, where no run of ${reference} finished`),
    ...losses.map((label) => `left out: ${label}, of which no run finished on some corpus`),
  ];
}

/** What stands for what where some corpora have plain tags and others entities. */
function plainNotes({ corpora }: Joint): string[] {
  const plain = corpora.filter(({ task }) => task === 'tags').map(({ name }) => name);
  if (plain.length === 0 || plain.length === corpora.length) return [];
  return [
    `plain tags: ${plain.join(', ')}; their first average is accuracy over tokens, decoded by argmax whatever the title says, a point of it counts as one of F1, and their rarest class is counted in tokens`,
  ];
}

const KINDS: Readonly<Record<JointCorpus['task'], string>> = { chunks: 'with entities', tags: 'of plain tags' };

/** What a gain goes with is asked within corpora of one kind, of which there may be too few. */
function linkNotes({ corpora }: Joint): string[] {
  return (Object.keys(KINDS) as JointCorpus['task'][]).flatMap((task) => {
    const { length } = corpora.filter((corpus) => corpus.task === task);
    if (length === 0 || length >= FEWEST_CORPORA) return [];
    return [`${count(length, 'corpus', 'corpora')} ${KINDS[task]} left out: ${FEWEST_CORPORA} of a kind are needed`];
  });
}

/** How tags were chosen, in words. */
const WAYS: Readonly<Record<string, string>> = {
  argmax: 'by argmax',
  valid: 'with valid sequences',
  'valid+bias': 'with valid sequences and the bias of O',
};

const wayOf = ({ metric, name }: JointDecoding): string => `${metric} ${WAYS[name] ?? name}`;

/** On which corpora no loss can be judged. */
function seedNotes({ corpora }: Joint): string[] {
  const few = corpora.filter(({ seeds }) => seeds < FEWEST_SEEDS).map(({ name }) => name);
  if (few.length === 0) return [];
  const where = few.length === corpora.length ? 'any corpus' : someOf(few, 4);
  return [`no difference is judged on ${where}: ${FEWEST_SEEDS} seeds are needed`];
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
      facts.mentions === null ? '-' : whole(facts.mentions),
      whole(facts.sentences),
      share(facts.unseen),
      whole(facts.classes),
      whole(facts.rarest),
    ]),
  ];
}

const MARKS: Readonly<Record<Verdict, string>> = {
  better: ' better',
  worse: ' worse',
  none: '',
  nothing: ' none right',
  unjudged: '',
};

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

function rankingLines({ labels, reference, corpora }: Joint, { ranking, signedRank, silent }: JointDecoding): string[] {
  const left = silent.length > 0 ? [`left out of the ranks: ${silent.join(', ')}, where no loss gets anything right`] : []; // prettier-ignore
  if (!ranking) return left;
  const { ranks } = ranking;
  const order = labels.map((label, i) => ({ label, rank: present(ranks[i], label) })).sort((a, b) => a.rank - b.rank);
  const differs = differing(labels, ranking);
  const sure = Object.entries(signedRank).map(
    ([label, { worse, equal, better }]) =>
      `${label} ${[worse, equal, better].map((p) => (100 * p).toFixed(0)).join('/')}`,
  );
  return [
    ...left,
    `mean ranks over ${corpora.length - silent.length} corpora: ${order.map(({ label, rank }) => `${label} ${rank.toFixed(2)}`).join(', ')}`,
    apartText(labels, ranking),
    differs.length > 0
      ? `by ranks, Holm-corrected, ${differs.join(', ')} differ${differs.length === 1 ? 's' : ''} from ${reference}`
      : `by ranks, Holm-corrected, no loss is shown to differ from ${reference}`,
    ...(sure.length > 0 && corpora.length - silent.length >= FEWEST_CORPORA
      ? [
          `how sure it is, in per cent, that over corpora like these the typical difference from ${reference} is worse / within ${100 * ROPE} point / better (Bayesian signed ranks): ${sure.join(', ')}`,
        ]
      : []),
  ];
}

/** Losses that the ranks tell from the reference, after Holm's correction. */
const differing = (labels: readonly string[], { against }: Ranking): string[] =>
  labels.filter((_, i) => (against[i]?.pHolm ?? 1) <= LEVEL);

/** What the ranks tell apart. */
function apartText(labels: readonly string[], { friedman, criticalDifference, signs }: Ranking): string {
  if (!signs)
    return `Friedman p ${pValue(friedman.p)}; ranks further apart than ${criticalDifference.toFixed(2)} differ (Nemenyi, 5 %)`;
  const [first, second] = signs.ahead;
  const of = count(first + second, 'corpus', 'corpora');
  return `${labels.join(' and ')} are ahead on ${first} and ${second} of ${of}, p ${pValue(signs.p)} (sign test, exact)`;
}

function linkRows({ links }: JointDecoding): Rows {
  return [
    ['loss', 'fact', 'corpora', 'rho', 'p', 'p after Holm'],
    ...links
      .slice(0, 10)
      .map(({ label, fact, task, corpora, rho, p, pHolm }) => [
        label,
        FACTS[fact],
        `${corpora} ${KINDS[task]}`,
        rho.toFixed(2),
        p.toFixed(3),
        pHolm.toFixed(3),
      ]),
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

/** The first average by one decoding stands open, the others are folded. */
function jointHtml(joint: Joint): string {
  const { version, reference, corpora, decodings } = joint;
  const parts = new Map(jointParts(joint).map((part) => [part.id, part]));
  const folded = (id: string): Html[] => {
    const part = parts.get(id);
    if (!part) return [];
    const [head = [], ...rows] = part.rows;
    const notes = id.startsWith('links-') ? part.notes.map((note) => html`<p class="note">${note}.</p> `) : [];
    return [foldHtml(part.title, [tableHtml({ caption: part.title, head, rows }), ...notes])];
  };
  const ofDecoding = (decoding: JointDecoding): Html[] => [
    ...(decoding.ranking
      ? [
          figureHtml(
            rankDiagram({
              id: `ranks-${idOf(decoding)}`,
              title: 'Mean ranks',
              description: `Mean rank of each loss over ${corpora.length - decoding.silent.length} corpora, 1 the best. A bar joins losses that ${decoding.ranking.signs ? 'the sign test' : "Nemenyi's test"} does not tell apart at 5 %.`,
              names: joint.labels,
              ...decoding.ranking,
            }),
          ),
        ]
      : []),
    ...(rankingLines(joint, decoding).length > 0
      ? [
          html`<ul>
            ${rankingLines(joint, decoding).map((line) => html`<li>${line}</li> `)}
          </ul> `,
        ]
      : []),
    gainForests(joint, decoding),
    ...folded(`gain-${idOf(decoding)}`),
    ...folded(`links-${idOf(decoding)}`),
  ];
  const first = decodings.find(({ name }) => name === joint.decodes) ?? decodings[0];
  const others = decodings.filter((one) => one !== first);
  return pageHtml({
    title: titleOf(joint),
    lead: first ? jointAnswer(joint, first) : '',
    note: `${[`Against ${reference}; each corpus has its own report in its folder`, ...notesOf(joint)].join('; ')}.`,
    sections: [
      ...(first ? [{ id: 'gains', title: wayOf(first), body: ofDecoding(first) }] : []),
      ...(others.length > 0
        ? [
            {
              id: 'otherwise',
              title: 'Decoded otherwise, and other averages',
              body: others.map((one) => foldHtml(wayOf(one), ofDecoding(one))),
            },
          ]
        : []),
      { id: 'corpora', title: 'Corpora', body: corpusTable(parts.get('corpora')) },
      { id: 'behaviour', title: 'How they differ', body: folded('behaviour') },
    ],
    footer: `dsc-train ${version}.`,
  });
}

function corpusTable(part: Part | undefined): Html[] {
  const [head = [], ...rows] = part?.rows ?? [];
  return [tableHtml({ caption: part?.title ?? '', head, rows })];
}

/** One sentence: the loss with the best mean rank, and on how many corpora it is shown to be better than the reference. */
function jointAnswer({ labels, reference, corpora }: Joint, decoding: JointDecoding): string {
  const { cells, ranking } = decoding;
  const verdictsOf = (label: string): (Verdict | undefined)[] =>
    corpora.map((corpus) => present(cells[corpus.name]?.[label], label).test?.verdict);
  const shown = (label: string): string => {
    const verdicts = verdictsOf(label);
    const times = (verdict: Verdict): number => verdicts.filter((one) => one === verdict).length;
    return `shown to be better than ${reference} on ${times('better')} of ${count(corpora.length, 'corpus', 'corpora')}, worse on ${times('worse')}`;
  };
  const where = wayOf(decoding);
  if (!ranking) {
    const [corpus] = corpora;
    return `${labels
      .filter((label) => label !== reference)
      .map((label) => `${label} is ${shown(label)}`)
      .join('; ')} (${where}${corpus && corpora.length === 1 ? `, ${corpus.name}` : ''}).`;
  }
  const order = labels
    .map((label, i) => ({ label, rank: present(ranking.ranks[i], label) }))
    .sort((a, b) => a.rank - b.rank);
  const best = present(order[0], 'loss');
  const tied = order.filter(({ rank }) => rank < best.rank + 1e-9).map(({ label }) => label);
  const differs = differing(labels, ranking);
  if (tied.length > 1) {
    return `${tied.join(', ')} share the best mean rank on ${where}, ${best.rank.toFixed(2)} of ${labels.length}; ${differs.length > 0 ? `by ranks ${differs.join(', ')} differ from ${reference}` : `by ranks no loss is shown to differ from ${reference}`}.`;
  }
  const start = `${best.label} has the best mean rank on ${where}, ${best.rank.toFixed(2)} of ${labels.length}`;
  if (best.label === reference) {
    return `${start}; ${differs.length > 0 ? `by ranks it differs from ${differs.join(', ')}` : 'by ranks no other loss is shown to differ from it'}.`;
  }
  const by = differs.includes(best.label) ? 'by ranks it differs' : 'by ranks it is not shown to differ';
  return `${start}; it is ${shown(best.label)}; ${by} from ${reference}.`;
}

/** Gain of each loss on each corpus along one axis, the most imbalanced corpus first. */
function gainForests({ corpora, labels, reference }: Joint, decoding: JointDecoding): Html {
  const rowsOf = ({ name }: JointCorpus): IntervalRow[] =>
    labels.flatMap((label) => {
      const { test } = present(decoding.cells[name]?.[label], label);
      return test ? [testRow({ label, ...test }, false)] : [];
    });
  const scale = intervalScale(corpora.flatMap(rowsOf), 'share', true);
  return html`<h3>Differences from ${reference} in points, with 95 % intervals over sentences and seeds</h3>
    <div class="panels wide">
      ${corpora.map(
        (corpus) =>
          html`<div class="panel">
            ${intervalTable({
              caption: `${corpus.name} (${corpus.task === 'tags' ? 'plain tags' : ratio(corpus.facts.outsideRatio)})`,
              head: ['loss', 'difference', 'points', ''],
              groups: [{ title: null, rows: rowsOf(corpus) }],
              unit: 'share',
              scale,
              zero: true,
            })}
          </div> `,
      )}
    </div>
    <p class="note">The most imbalanced corpus first (O tokens to one of an entity), all along one axis.</p> `;
}
