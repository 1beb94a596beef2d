import { present } from '../errors';
import { groupBy } from '../order';
import { FINDINGS, SEVERITIES, type Finding, type FindingKind, type Inspection } from '../inspect';
import type { Overlap } from '../inspect/against';
import { LENGTHS } from '../inspect/entities';
import { LEAK_TOKENS } from '../data/duplicates';
import type { SplitCard } from '../inspect/split';
import { WEIGHT_SCHEMES, type Suggestions } from '../inspect/suggest';
import { count, percent, someOf, visible, whole } from '../wording';
import { typeTitle } from '../schemes';
import { align } from './text';

/** Findings of one kind that are listed; `--json` has all. */
const LISTED = 5;

/** Labels, or types, that a table has rows of; `--json` has all. */
export const ROWS = 60;

/** Names of classes in one cell. */
const NAMES = 10;

/** The whole card as text: findings, sizes and classes of each split, splits against training, suggestions. */
export function inspectionText(inspection: Inspection): string {
  return [
    findingLines(inspection.findings),
    ...inspection.splits.map(splitLines),
    ...(inspection.splits.length > 1 ? [againstLines(inspection)] : []),
    suggestionLines(inspection.suggestions),
  ]
    .map((lines) => lines.map((line) => `${visible(line)}\n`).join(''))
    .join('\n');
}

function splitLines(card: SplitCard): string[] {
  const { name, path, format, columns, scheme, sentenceLength, outside } = card;
  return [
    `${name}: ${path}`,
    `  ${count(card.sentences, 'sentence')}, ${count(card.tokens, 'token')}, ${whole(card.words)} distinct`,
    `  tokens a sentence: mean ${sentenceLength.mean.toFixed(1)}, median ${sentenceLength.median}, longest ${sentenceLength.longest}`,
    `  format ${format.name} (${format.why}): token in column ${columns.token}, tag in column ${columns.tag} of ${columns.count}${columns.key === undefined ? '' : `, key ${columns.key}`}`,
    `  scheme ${scheme.name} (${scheme.why})`,
    ...(outside
      ? [
          `  O : entity tokens ${ratioText(card)} (${whole(outside.outsideTokens)} : ${whole(outside.entityTokens)}); ${count(outside.sentencesWithoutEntity, 'sentence')} without an entity`,
        ]
      : []),
    ...(card.entities ? ['', ...indent(typeTable(card.entities.types))] : []),
    '',
    ...indent(
      cutTable(['label', 'tokens', '%'], card.labels, (l) => [l.label, whole(l.count), percent(l.share)], 'label'),
    ),
  ];
}

function typeTable(types: NonNullable<SplitCard['entities']>['types']): string[] {
  const head = ['entity', 'count', '%', 'tokens', ...LENGTHS.map((n) => `of ${n}`), 'mean', 'longest'];
  const row = (t: (typeof types)[number]): string[] => [
    typeTitle(t.type),
    whole(t.count),
    percent(t.share),
    whole(t.tokens),
    ...t.lengths.map(whole),
    t.meanLength.toFixed(2),
    String(t.longest),
  ];
  return cutTable(head, types, row, 'type');
}

/** The first rows of a long table, and how many more there are. */
function cutTable<T>(
  head: readonly string[],
  items: readonly T[],
  row: (item: T) => readonly string[],
  one: string,
): string[] {
  const rest = items.length - ROWS;
  const table = align([head, ...items.slice(0, ROWS).map(row)]);
  return rest > 0 ? [...table, `and ${count(rest, `more ${one}`)}; --json lists them all`] : table;
}

export const nameList = (names: readonly string[]): string => someOf(names.map(typeTitle).map(visible), NAMES) || '-';

function againstLines({ against, overlaps, splits }: Inspection): string[] {
  const train = present(splits[0], 'split');
  const rateText = (rate: { share: number } | null): string => (rate ? percent(rate.share) : '-');
  return [
    `compared with ${train.name} (case counts)`,
    ...indent(
      align([
        [
          'split',
          '% tokens unseen',
          '% words unseen',
          '% entities unseen',
          `not in ${train.name}`,
          `only in ${train.name}`,
        ],
        ...against.map((a) => [
          a.split,
          rateText(a.unseenTokens),
          rateText(a.unseenWords),
          rateText(a.unseenEntities),
          nameList(a.labelsNotInTrain),
          nameList(a.labelsOnlyInTrain),
        ]),
      ]),
    ),
    '',
    `sentences shared between splits, word for word; a leak has ${LEAK_TOKENS} tokens or more`,
    ...indent(align([OVERLAP_HEAD, ...overlaps.map(overlapRow)])),
    '',
    'sentences that stood earlier in their own file',
    ...indent(
      align([
        ['split', 'repeats', 'with other labels'],
        ...splits.map((s) => [s.name, whole(s.repeats.length), whole(s.repeats.filter((r) => r.otherLabels).length)]),
      ]),
    ),
  ];
}

export const OVERLAP_HEAD = ['split', 'also in', 'sentences', 'shared', 'leaks', 'with other labels', 'their entities'];

export function overlapRow({ split, earlier, sentences, shared, leaks }: Overlap): string[] {
  const entities = leaks.reduce((sum, leak) => sum + leak.entities, 0);
  const other = leaks.filter(({ otherLabels }) => otherLabels).length;
  return [split, earlier, whole(sentences), whole(shared), whole(leaks.length), whole(other), whole(entities)];
}

/** Labels of the tagger that are not the tags of the file. */
export const labelHead = ({ asWritten }: Suggestions): string => (asWritten ? 'label' : 'label (as IOB2)');

function suggestionLines(suggestions: Suggestions): string[] {
  const { split, tokens, classes, weights, schemes, hints } = suggestions;
  return [
    `class weights from ${split} (n = ${count(tokens, 'token')}, C = ${count(classes, 'label')}), for --set loss.weights=NAME`,
    ...indent(
      cutTable(
        [labelHead(suggestions), 'n_t', ...WEIGHT_SCHEMES],
        weights,
        (w) => [w.label, whole(w.count), ...WEIGHT_SCHEMES.map((name) => w.weights[name].toFixed(4))],
        'label',
      ),
    ),
    ...schemes.map(({ name, formula, example }) => `  ${name}: ${formula}; ${example}`),
    '',
    'loss parameters',
    ...hints.flatMap(({ setting, about, arithmetic }) => [`  ${about}: ${settingText(setting)}`, `    ${arithmetic}`]),
  ];
}

export const settingText = (setting: string | null): string =>
  setting ? `try --set ${setting}` : 'the default will do';

function findingLines(findings: readonly Finding[]): string[] {
  if (findings.length === 0) return ['no findings'];
  const lines = [summary(findings)];
  for (const [kind, group] of groupFindings(findings)) {
    const [severity, meaning] = FINDINGS[kind];
    lines.push(`${severity}: ${kind} (${whole(group.length)}): ${meaning}`);
    lines.push(...group.slice(0, LISTED).map((f) => `  ${f.path}:${f.line}: ${f.message}`));
    if (group.length > LISTED) lines.push(`  and ${whole(group.length - LISTED)} more; --json lists them all`);
  }
  return lines;
}

/** Such as `findings: 0 errors, 12 warnings, 3 infos`. */
export function summary(findings: readonly Finding[]): string {
  const each = [...SEVERITIES].reverse().map((severity) => {
    const n = findings.filter((finding) => finding.severity === severity).length;
    return count(n, severity);
  });
  return `findings: ${each.join(', ')}`;
}

/** By kind, in the order of the findings. */
export const groupFindings = (findings: readonly Finding[]): Map<FindingKind, Finding[]> =>
  groupBy(findings, ({ kind }) => kind);

export const ratioText = ({ outside }: SplitCard): string =>
  outside?.ratio === null || !outside ? '-' : `${outside.ratio.toFixed(1)} : 1`;

const indent = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);
