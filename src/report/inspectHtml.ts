import { basename } from 'node:path';
import { present } from '../errors';
import { FINDINGS, type Inspection } from '../inspect';
import { LEAK_TOKENS } from '../data/duplicates';
import { LENGTHS } from '../inspect/entities';
import type { SplitCard } from '../inspect/split';
import { WEIGHT_SCHEMES } from '../inspect/suggest';
import { typeTitle } from '../schemes';
import { barChart } from './charts';
import { figureHtml, html, pageHtml, tableHtml, type Html, type Section } from './html';
import {
  groupFindings,
  labelHead,
  nameList,
  OVERLAP_HEAD,
  overlapRow,
  ratioText,
  ROWS,
  settingText,
  summary,
} from './inspect';
import { count, percent, whole } from '../wording';

/** Findings of one kind that the page lists; the JSON has all. */
const LISTED = 50;

/** Classes that a chart has bars of: more could not be read. */
const BARS = 30;

/** Said of a list that is cut. */
const moreThan = (all: readonly unknown[], shown: number, one: string, many?: string): string =>
  all.length > shown ? ` (the first ${shown} of ${count(all.length, one, many)}; --json has all)` : '';

/** The imbalance card as a page in one file. @param signature how the page was made, for its foot */
export function inspectionHtml(inspection: Inspection, signature: string): string {
  const { splits, findings } = inspection;
  return pageHtml({
    title: `Imbalance card of ${splits.map(({ path }) => basename(path)).join(', ')}`,
    lead: summary(findings),
    sections: [
      findingList(inspection),
      overview(inspection),
      classes(inspection),
      ...(splits.some(({ entities }) => entities) ? [lengths(inspection)] : []),
      ...(splits.length > 1 ? [against(inspection)] : []),
      suggestions(inspection),
    ],
    footer: signature,
  });
}

function overview({ splits }: Inspection): Section {
  return {
    id: 'overview',
    title: 'Overview',
    body: [
      tableHtml({
        caption: 'Splits',
        head: [
          'split',
          'sentences',
          'tokens',
          'distinct',
          'entities',
          'O : entity',
          'without entity',
          'repeats',
          'invalid tags',
        ],
        rows: splits.map((s) => [
          s.name,
          whole(s.sentences),
          whole(s.tokens),
          whole(s.words),
          s.entities ? whole(s.entities.count) : '-',
          ratioText(s),
          s.outside ? whole(s.outside.sentencesWithoutEntity) : '-',
          whole(s.repeats.length),
          whole(s.invalid.length),
        ]),
      }),
      tableHtml({
        caption: 'How the files were read',
        head: ['split', 'file', 'format', 'columns', 'scheme', 'SHA-256'],
        rows: splits.map((s) => [
          s.name,
          basename(s.path),
          `${s.format.name}: ${s.format.why}`,
          `token ${s.columns.token}, tag ${s.columns.tag} of ${s.columns.count}`,
          `${s.scheme.name}: ${s.scheme.why}`,
          html`<code>${s.sha256.slice(0, 16)}</code>`,
        ]),
      }),
    ],
  };
}

interface ClassRow {
  readonly name: string;
  readonly count: number;
  readonly share: number;
}

/** Entity types, or tags where there are none. */
const classesOf = ({ entities, labels }: SplitCard): ClassRow[] =>
  entities?.types.map(({ type, ...rest }) => ({ name: typeTitle(type), ...rest })) ??
  labels.map(({ label, ...rest }) => ({ name: label, ...rest }));

function classes({ splits }: Inspection): Section {
  const train = present(splits[0], 'split');
  const shares = splits.map((split) => new Map(classesOf(split).map(({ name, share }) => [name, share])));
  const names = unionOf(shares.map((byName) => [...byName.keys()]));
  const shown = names.slice(0, BARS);
  const unit = train.entities ? 'entities' : 'tokens';
  const counts = splits.map((split) => new Map(split.labels.map((row) => [row.label, row])));
  const labels = unionOf(counts.map((byLabel) => [...byLabel.keys()]));
  return {
    id: 'classes',
    title: 'Classes',
    body: [
      figureHtml(
        barChart({
          id: 'class-shares',
          title: `Share of each class of the ${unit}, by split`,
          description: `Classes by their count in ${train.name}, the most frequent first. Bars of different length for one class mean that the splits differ.${moreThan(names, BARS, 'class', 'classes')}`,
          categoryName: 'class',
          categories: shown,
          valueName: `share of ${unit}`,
          unit: 'share',
          series: splits.map((split, s) => ({
            name: split.name,
            values: shown.map((name) => present(shares[s], 'split').get(name) ?? 0),
          })),
        }),
      ),
      figureHtml(
        barChart({
          id: 'label-counts',
          title: `Tokens of each label in ${train.name}`,
          description: `On a logarithmic scale: each step to the right is ten times as many.${moreThan(train.labels, BARS, 'label')}`,
          categoryName: 'label',
          categories: train.labels.slice(0, BARS).map(({ label }) => label),
          valueName: 'tokens',
          unit: 'count',
          log: true,
          series: [{ name: train.name, values: train.labels.slice(0, BARS).map((label) => label.count) }],
        }),
      ),
      tableHtml({
        caption: `Tokens of each label${moreThan(labels, ROWS, 'label')}`,
        head: ['label', ...splits.flatMap(({ name }) => [name, `${name}, %`])],
        rows: labels.slice(0, ROWS).map((label) => [
          label,
          ...counts.flatMap((byLabel) => {
            const found = byLabel.get(label);
            return [whole(found?.count ?? 0), percent(found?.share ?? 0)];
          }),
        ]),
      }),
    ],
  };
}

function lengths({ splits }: Inspection): Section {
  const tables = splits.flatMap(({ name, entities }) =>
    entities
      ? [
          tableHtml({
            caption: `Entities of ${name} by their number of tokens${moreThan(entities.types, ROWS, 'type')}`,
            head: ['type', 'count', 'tokens', ...LENGTHS, 'mean', 'longest'],
            rows: entities.types
              .slice(0, ROWS)
              .map((t) => [
                typeTitle(t.type),
                whole(t.count),
                whole(t.tokens),
                ...t.lengths.map(whole),
                t.meanLength.toFixed(2),
                t.longest,
              ]),
          }),
        ]
      : [],
  );
  return { id: 'lengths', title: 'Entity lengths', body: tables };
}

function against({ splits, against: rows, overlaps }: Inspection): Section {
  const train = present(splits[0], 'split');
  const shares = [
    { name: 'tokens', of: rows.map((row) => row.unseenTokens) },
    { name: 'distinct tokens', of: rows.map((row) => row.unseenWords) },
    { name: 'entities', of: rows.map((row) => row.unseenEntities) },
  ];
  const known = shares.filter(({ of }) => of.some((rate) => rate !== null));
  return {
    id: 'against',
    title: `Compared with ${train.name}`,
    body: [
      figureHtml(
        barChart({
          id: 'unseen',
          title: `What ${train.name} does not hold`,
          description:
            'Share of tokens, distinct tokens and entity texts of a split that training has not seen. Case counts.',
          categoryName: 'of',
          categories: known.map(({ name }) => name),
          valueName: 'unseen',
          unit: 'share',
          full: 1,
          series: rows.map((row, i) => ({
            name: row.split,
            colour: i + 1,
            values: known.map(({ of }) => of[i]?.share ?? null),
          })),
        }),
      ),
      tableHtml({
        caption: 'Classes that only one side has',
        head: ['split', `not in ${train.name}`, `only in ${train.name}`],
        rows: rows.map((row) => [row.split, nameList(row.labelsNotInTrain), nameList(row.labelsOnlyInTrain)]),
      }),
      tableHtml({
        caption: `Sentences shared between splits, word for word; a leak has ${LEAK_TOKENS} tokens or more`,
        head: OVERLAP_HEAD,
        rows: overlaps.map(overlapRow),
      }),
    ],
  };
}

function suggestions({ suggestions: suggested }: Inspection): Section {
  const { split, tokens, classes: c, weights, schemes, hints } = suggested;
  return {
    id: 'suggestions',
    title: 'Class weights and loss parameters',
    body: [
      tableHtml({
        caption: `Weights from ${split}: n = ${count(tokens, 'token')}, C = ${count(c, 'label')}; for --set loss.weights=NAME${moreThan(weights, ROWS, 'label')}`,
        head: [labelHead(suggested), 'n_t', ...WEIGHT_SCHEMES],
        rows: weights
          .slice(0, ROWS)
          .map((w) => [w.label, whole(w.count), ...WEIGHT_SCHEMES.map((name) => w.weights[name].toFixed(4))]),
      }),
      html`<ul>
        ${schemes.map((s) => html`<li>${s.name}: <code>${s.formula}</code>; ${s.example}</li> `)}
      </ul> `,
      html`<dl>
        ${hints.map(
          (h) =>
            html`<dt>${h.about}: <strong>${settingText(h.setting)}</strong></dt>
              <dd>${h.arithmetic}</dd> `,
        )}
      </dl> `,
    ],
  };
}

function findingList({ findings }: Inspection): Section {
  const groups = [...groupFindings(findings)].map(([kind, group]): Html => {
    const [severity, meaning] = FINDINGS[kind];
    const listed = group.slice(0, LISTED);
    const more = group.length - listed.length;
    return html`<h3><span class="${severity}">${severity}</span>: ${kind} (${whole(group.length)})</h3>
<p>${meaning}</p>
<details${group.length <= 10 ? html` open` : undefined}>
<summary>Places of ${kind}</summary>
<ul>
${listed.map((f) => html`<li><code>${basename(f.path)}:${f.line}</code> ${f.message}</li> `)}</ul>
${more > 0 ? html`<p>and ${whole(more)} more; the JSON report lists them all</p>` : undefined}
</details>
`;
  });
  return { id: 'findings', title: 'Findings', body: groups.length > 0 ? groups : [html`<p>no findings</p> `] };
}

/** In the order of the first list, then of the others. */
const unionOf = (lists: readonly (readonly string[])[]): string[] => [...new Set(lists.flat())];
