import { lineOf } from '../data/corpus';
import { quote } from '../data/problems';
import type { Against, Overlap } from './against';
import type { Ambiguous } from './entities';
import type { Described } from './split';

/** From the least to the most severe. */
export const SEVERITIES = ['info', 'warning', 'error'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** A class with fewer training entities (or tokens, for plain tags) than this is called rare. */
export const RARE = 10;

/** Every kind of finding: how severe it is and what it means. `error`: training refuses it, or no score of it can be right. */
export const FINDINGS = {
  'mistyped-tag': ['error', 'a tag that the scheme does not know; training refuses the file'],
  'mixed-tasks': ['error', 'the splits do not hold the same kind of tags; training refuses them'],
  'same-file': ['error', 'two splits are the same bytes'],
  'nothing-to-learn': ['error', 'every tag is the same'],
  'label-not-in-train': ['error', 'a class that training lacks: no model can predict it'],
  'leak-other-labels': ['warning', 'a sentence of an earlier split, with labels that contradict it'],
  leak: ['warning', 'a sentence that also stands in an earlier split'],
  'repeat-other-labels': ['warning', 'a sentence that stood earlier in the file with other labels'],
  'invalid-tag': ['warning', 'a tag that may not stand where it stands; read as conlleval reads it'],
  'mixed-schemes': ['warning', 'the splits are written in different schemes'],
  'label-only-in-train': ['warning', 'a class that this split lacks: its score says nothing of it'],
  'rare-label': ['warning', `a class with fewer than ${RARE} training examples`],
  reader: ['warning', 'what the reader warns of'],
  repeat: ['info', 'a sentence that stood earlier in the file'],
  'ambiguous-entity': ['info', 'the same text labelled as more than one type'],
} as const satisfies Record<string, readonly [Severity, string]>;

export type FindingKind = keyof typeof FINDINGS;

export interface Finding {
  readonly kind: FindingKind;
  readonly severity: Severity;
  readonly split: string;
  readonly path: string;
  /** 1-based. */
  readonly line: number;
  readonly message: string;
}

export interface Evidence {
  readonly splits: readonly Described[];
  readonly against: readonly Against[];
  readonly overlaps: readonly Overlap[];
  readonly ambiguous: readonly Ambiguous[];
}

/** Everything that a person should look at, most severe first, then by kind and place. */
export function findAll(evidence: Evidence): Finding[] {
  const { splits } = evidence;
  const found = [
    ...splits.flatMap(ownFindings),
    ...rareLabels(splits[0]),
    ...pairFindings(splits),
    ...classFindings(evidence),
    ...leakFindings(evidence),
    ...ambiguousFindings(evidence),
  ];
  const kinds = Object.keys(FINDINGS);
  // a stable sort: within a kind findings stay by split and line
  return found.sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind));
}

/** Those of a severity or higher. */
export function atLeast(findings: readonly Finding[], severity: Severity): Finding[] {
  return findings.filter((finding) => SEVERITIES.indexOf(finding.severity) >= SEVERITIES.indexOf(severity));
}

function finding(kind: FindingKind, { card }: Described, line: number, message: string): Finding {
  return { kind, severity: FINDINGS[kind][0], split: card.name, path: card.path, line, message };
}

function ownFindings(split: Described): Finding[] {
  const { card, reading } = split;
  const first = reading.corpus.sentences[0].line;
  return [
    ...card.mistyped.map(({ tag, readAs, count, line }) =>
      finding(
        'mistyped-tag',
        split,
        line,
        `${quote(tag)} is not a tag of ${card.scheme.name}, ${count}x; inspected as ${readAs}`,
      ),
    ),
    ...(card.labels.length === 1
      ? [finding('nothing-to-learn', split, first, `every tag is ${card.labels[0].label}`)]
      : []),
    ...card.invalid.map(({ line, what }) =>
      finding('invalid-tag', split, line, `${what} is invalid in ${card.scheme.name}`),
    ),
    ...card.warnings.map(({ line, message }) => finding('reader', split, line, message)),
    ...card.repeats.map(({ line, earlierLine, otherLabels }) =>
      finding(
        otherLabels ? 'repeat-other-labels' : 'repeat',
        split,
        line,
        otherLabels
          ? `the words of line ${earlierLine} with other labels`
          : `the sentence of line ${earlierLine} again`,
      ),
    ),
  ];
}

function rareLabels(train: Described): Finding[] {
  const classes = train.card.entities?.types ?? train.card.labels.map(({ label, count }) => ({ type: label, count }));
  return classes
    .filter(({ count }) => count < RARE)
    .map(({ type, count }) =>
      finding(
        'rare-label',
        train,
        firstLine(train, type),
        `${type} stands for ${count} of the training ${train.card.entities ? 'entities' : 'tokens'}`,
      ),
    );
}

function pairFindings(splits: readonly Described[]): Finding[] {
  const [train, ...others] = splits;
  return others.flatMap((split) => {
    const line = split.reading.corpus.sentences[0].line;
    const twin = splits.find((other) => other !== split && other.card.sha256 === split.card.sha256);
    const { scheme, task } = split.card;
    const there = `those of ${train.card.name} are ${train.card.scheme.name} (${train.card.scheme.why})`;
    const message = `tags are ${scheme.name} (${scheme.why}), ${there}`;
    return [
      ...(twin ? [finding('same-file', split, 1, `the same bytes as ${twin.card.name}`)] : []),
      ...(task !== train.card.task ? [finding('mixed-tasks', split, line, message)] : []),
      ...(task === train.card.task && scheme.name !== train.card.scheme.name
        ? [finding('mixed-schemes', split, line, message)]
        : []),
    ];
  });
}

function classFindings({ splits, against }: Evidence): Finding[] {
  const train = splits[0];
  return against.flatMap(({ labelsNotInTrain, labelsOnlyInTrain }, i) => {
    const split = splits[i + 1];
    if (split.card.task !== train.card.task) return [];
    return [
      ...labelsNotInTrain.map((type) =>
        finding('label-not-in-train', split, firstLine(split, type), `${type} does not occur in ${train.card.name}`),
      ),
      ...labelsOnlyInTrain.map((type) =>
        finding(
          'label-only-in-train',
          split,
          split.reading.corpus.sentences[0].line,
          `${type} of ${train.card.name} does not occur in ${split.card.name}`,
        ),
      ),
    ];
  });
}

function leakFindings({ splits, overlaps }: Evidence): Finding[] {
  return overlaps.flatMap(({ split: name, earlier: earlierName, leaks }) => {
    const split = find(splits, name);
    const { path } = find(splits, earlierName).card;
    return leaks.map(({ line, earlierLine, otherLabels }) =>
      finding(
        otherLabels ? 'leak-other-labels' : 'leak',
        split,
        line,
        `stands in ${earlierName} (${path}:${earlierLine})${otherLabels ? ' with other labels' : ''}`,
      ),
    );
  });
}

function ambiguousFindings({ splits, ambiguous }: Evidence): Finding[] {
  return ambiguous.map(({ text, types }) => {
    const last = types[types.length - 1];
    const said = types.map(({ type, count }) => `${type} ${count}x`).join(', ');
    return finding('ambiguous-entity', find(splits, last.split), last.line, `${quote(text)} is labelled ${said}`);
  });
}

function find(splits: readonly Described[], name: string): Described {
  const found = splits.find(({ card }) => card.name === name);
  if (!found) throw new Error(`no split ${name}`);
  return found;
}

/** Of the first token of a class. */
function firstLine({ entities, reading }: Described, type: string): number {
  const entity = entities.find((one) => one.type === type);
  if (entity) return entity.line;
  const sentence = reading.corpus.sentences.find(({ tags }) => tags.includes(type));
  if (!sentence) throw new Error(`no tag ${type}`);
  return lineOf(sentence, sentence.tags.indexOf(type));
}
