import { groupBy } from '../groupBy';
import { FINDINGS, SEVERITIES, type Finding, type FindingKind, type Inspection } from '../inspect';
import type { Overlap } from '../inspect/against';
import { LENGTHS } from '../inspect/entities';
import { LEAK_TOKENS } from '../inspect/duplicates';
import type { SplitCard } from '../inspect/split';
import { WEIGHT_SCHEMES, type Suggestions } from '../inspect/suggest';
import { percent, whole } from '../numbers';
import { typeTitle } from '../metrics/chunks';
import { align } from './text';

/** Findings of one kind that are listed; `--json` has all. */
const LISTED = 5;

/** The whole card as text: sizes and classes of each split, splits against training, suggestions, findings last. */
export function inspectionText(inspection: Inspection): string {
  return [
    ...inspection.splits.map(splitLines),
    ...(inspection.splits.length > 1 ? [againstLines(inspection)] : []),
    suggestionLines(inspection.suggestions),
    findingLines(inspection.findings),
  ]
    .map((lines) => lines.map((line) => `${line}\n`).join(''))
    .join('\n');
}

function splitLines(card: SplitCard): string[] {
  const { name, path, format, columns, scheme, sentenceLength, outside } = card;
  return [
    `${name}: ${path}`,
    `  ${whole(card.sentences)} sentences, ${whole(card.tokens)} tokens, ${whole(card.words)} distinct`,
    `  tokens a sentence: mean ${sentenceLength.mean.toFixed(1)}, median ${sentenceLength.median}, longest ${sentenceLength.longest}`,
    `  format ${format.name} (${format.why}): token in column ${columns.token}, tag in column ${columns.tag} of ${columns.count}`,
    `  scheme ${scheme.name} (${scheme.why})`,
    ...(outside
      ? [
          `  O : entity tokens ${ratioText(card)} (${whole(outside.outsideTokens)} : ${whole(outside.entityTokens)}); ${whole(outside.sentencesWithoutEntity)} sentences without an entity`,
        ]
      : []),
    ...(card.entities ? ['', ...indent(typeTable(card.entities.types))] : []),
    '',
    ...indent(
      align([['label', 'tokens', '%'], ...card.labels.map((l) => [l.label, whole(l.count), percent(l.share)])]),
    ),
  ];
}

function typeTable(types: NonNullable<SplitCard['entities']>['types']): string[] {
  return align([
    ['entity', 'count', '%', 'tokens', ...LENGTHS.map((n) => `of ${n}`), 'mean', 'longest'],
    ...types.map((t) => [
      typeTitle(t.type),
      whole(t.count),
      percent(t.share),
      whole(t.tokens),
      ...t.lengths.map(whole),
      t.meanLength.toFixed(2),
      String(t.longest),
    ]),
  ]);
}

function againstLines({ against, overlaps, splits }: Inspection): string[] {
  const rateText = (rate: { share: number } | null): string => (rate ? percent(rate.share) : '-');
  return [
    `compared with ${splits[0].name} (case counts)`,
    ...indent(
      align([
        [
          'split',
          '% tokens unseen',
          '% words unseen',
          '% entities unseen',
          `not in ${splits[0].name}`,
          `only in ${splits[0].name}`,
        ],
        ...against.map((a) => [
          a.split,
          rateText(a.unseenTokens),
          rateText(a.unseenWords),
          rateText(a.unseenEntities),
          a.labelsNotInTrain.join(' ') || '-',
          a.labelsOnlyInTrain.join(' ') || '-',
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

function suggestionLines({ split, tokens, classes, weights, schemes, hints }: Suggestions): string[] {
  return [
    `class weights from ${split} (n = ${tokens} tokens, C = ${classes} labels), for --set loss.weights=NAME`,
    ...indent(
      align([
        ['label', 'n_t', ...WEIGHT_SCHEMES],
        ...weights.map((w) => [w.label, whole(w.count), ...WEIGHT_SCHEMES.map((name) => w.weights[name].toFixed(4))]),
      ]),
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
    return `${whole(n)} ${severity}${n === 1 ? '' : 's'}`;
  });
  return `findings: ${each.join(', ')}`;
}

/** By kind, in the order of the findings. */
export const groupFindings = (findings: readonly Finding[]): Map<FindingKind, Finding[]> =>
  groupBy(findings, ({ kind }) => kind);

export const ratioText = ({ outside }: SplitCard): string =>
  outside?.ratio === null || !outside ? '-' : `${outside.ratio.toFixed(1)} : 1`;

const indent = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);
