import { quote } from '../data/problems';
import { present } from '../errors';
import { typeTitle } from '../schemes';
import { count, percent, whole } from '../wording';
import type { Against, Overlap } from './against';
import type { Ambiguous, Unlabelled } from './entities';
import { SHIFT, type Part, type ShareShift } from './shares';
import type { Alike, SimilarClasses } from '../data/alike';
import type { Described } from './split';
import { inOneLine } from '../warnings';

/** From the least to the most severe. */
export const SEVERITIES = ['info', 'warning', 'error'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** A class with fewer training entities (or tokens, for plain tags) than this is called rare. */
export const RARE = 10;

/** Every kind of finding: how severe it is and what it means. `error`: training refuses it, or no score of it can be right. */
export const FINDINGS = {
  'mistyped-tag': ['error', 'a tag that the scheme does not know; training refuses the file'],
  'wrong-column': ['error', 'a column does not hold what it is read as; training refuses the file'],
  'mixed-tasks': ['error', 'the splits do not hold the same kind of tags; training refuses them'],
  'same-file': ['error', 'two splits are the same file, or hold the same sentences and labels'],
  'same-looking-class': ['error', 'classes that print alike and are counted as two'],
  'nothing-to-learn': ['error', 'every tag is the same'],
  'label-not-in-train': ['error', 'a class that training lacks: no model can predict it'],
  'leak-other-labels': ['warning', 'a sentence of an earlier split, with labels that contradict it'],
  leak: ['warning', 'a sentence that also stands in an earlier split'],
  'repeat-other-labels': ['warning', 'a sentence that stood earlier in the file with other labels'],
  'invalid-tag': ['warning', 'a tag that may not stand where it stands; read as conlleval reads it'],
  'similar-class': ['warning', 'classes that differ only in case, hyphens, underscores or blanks'],
  'joined-class': ['warning', 'a class that joins others: a token of it counts for neither'],
  'comment-row': ['warning', 'rows of the token # whose tag stands nowhere else: comments that were read as rows'],
  normalisation: ['warning', 'words that print alike and differ by Unicode normalisation (NFC, NFD)'],
  'hidden-character': ['warning', 'words with a character that is not seen'],
  'invisible-word': ['warning', 'words of which nothing is seen'],
  'class-share': [
    'warning',
    `a class whose share is ${SHIFT} times that of training or more, or less than 1 / ${SHIFT}; chance does not explain it`,
  ],
  'mixed-schemes': ['warning', 'the splits are written in different schemes'],
  'label-only-in-train': ['warning', 'a class that this split lacks: its score says nothing of it'],
  'rare-label': ['warning', `a class with fewer than ${RARE} training examples`],
  reader: ['warning', 'what the reader warns of'],
  repeat: ['info', 'a sentence that stood earlier in the file'],
  'unlabelled-entity': ['info', 'a text that is mostly an entity stands somewhere without a label'],
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
  /** Training first. */
  readonly splits: readonly [Described, ...Described[]];
  readonly against: readonly Against[];
  readonly overlaps: readonly Overlap[];
  readonly ambiguous: readonly Ambiguous[];
  readonly unlabelled: readonly Unlabelled[];
  /** Classes whose share is far from that in training. */
  readonly shifts: readonly ShareShift[];
  /** Classes of any split that a reader would take for one. */
  readonly similarClasses: readonly SimilarClasses[];
  /** Classes of any split that join others, such as `ORG|B-LOC`. */
  readonly joinedClasses: readonly string[];
}

/** Everything that a person should look at, most severe first, then by kind and place. */
export function findAll(evidence: Evidence): Finding[] {
  const { splits } = evidence;
  const found = [
    ...splits.flatMap(ownFindings),
    ...rareLabels(splits[0]),
    ...pairFindings(evidence),
    ...classFindings(evidence),
    ...leakFindings(evidence),
    ...ambiguousFindings(evidence),
    ...splits.flatMap(spellingFindings),
    ...namingFindings(evidence),
    ...shareFindings(evidence),
    ...unlabelledFindings(evidence),
  ];
  const kinds = new Map(Object.keys(FINDINGS).map((kind, i) => [kind, i]));
  const rank = ({ kind }: Finding): number => kinds.get(kind) ?? 0;
  // a stable sort: within a kind findings stay by split and line
  return found.sort((a, b) => rank(a) - rank(b));
}

/** Those of a severity or higher. */
export function atLeast(findings: readonly Finding[], severity: Severity): Finding[] {
  return findings.filter((finding) => SEVERITIES.indexOf(finding.severity) >= SEVERITIES.indexOf(severity));
}

function finding(kind: FindingKind, { card }: Described, line: number, message: string): Finding {
  return { kind, severity: FINDINGS[kind][0], split: card.name, path: card.path, line, message };
}

/** The line of its first sentence. */
const startOf = ({ reading }: Described): number => present(reading.corpus.sentences[0], 'sentence').line;

function ownFindings(split: Described): Finding[] {
  const { card, reading } = split;
  const first = startOf(split);
  return [
    ...reading.corpus.doubts.map(({ line, column, message, note }) =>
      finding('wrong-column', split, line, `${message} (at column ${String(column)}); ${note}`),
    ),
    ...card.mistyped.map(({ tag, readAs, count, line }) =>
      finding(
        'mistyped-tag',
        split,
        line,
        `${quote(tag)} is not a tag of ${card.scheme.name}, ${count}x; inspected as ${readAs}`,
      ),
    ),
    ...(card.labels.length === 1
      ? [finding('nothing-to-learn', split, first, `every tag is ${present(card.labels[0], 'label').label}`)]
      : []),
    ...card.commentRows.map(({ tag, line, rows }) =>
      finding(
        'comment-row',
        split,
        line,
        `"# ${tag}" is read as the token # with the tag ${tag} (${count(rows, 'row')}), which stands beside no other token`,
      ),
    ),
    ...card.invalid.map(({ line, what }) =>
      finding('invalid-tag', split, line, `${what} is invalid in ${card.scheme.name}`),
    ),
    ...card.warnings.map((warning) => finding('reader', split, warning.line, inOneLine(warning))),
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
  if (train.card.labels.length === 1) return []; // told as nothing to learn
  const classes = train.card.entities?.types ?? train.card.labels.map(({ label, count }) => ({ type: label, count }));
  return classes
    .filter(({ count }) => count < RARE)
    .map(({ type, count }) =>
      finding(
        'rare-label',
        train,
        firstLine(train, type),
        `${typeTitle(type)} stands for ${count} of the training ${train.card.entities ? 'entities' : 'tokens'}`,
      ),
    );
}

function pairFindings({ splits, overlaps }: Evidence): Finding[] {
  const [train, ...others] = splits;
  return others.flatMap((split) => {
    const line = startOf(split);
    const twin = overlaps.find((overlap) => overlap.split === split.card.name && overlap.same);
    const { scheme, task } = split.card;
    const there = `those of ${train.card.name} are ${train.card.scheme.name} (${train.card.scheme.why})`;
    const message = `tags are ${scheme.name} (${scheme.why}), ${there}`;
    return [
      ...(twin
        ? [
            finding(
              'same-file',
              split,
              1,
              `the same ${twin.same === 'bytes' ? 'bytes' : 'sentences and labels'} as ${twin.earlier}`,
            ),
          ]
        : []),
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
    const split = present(splits[i + 1], 'split');
    if (split.card.task !== train.card.task) return [];
    return [
      ...labelsNotInTrain.map((type) =>
        finding(
          'label-not-in-train',
          split,
          firstLine(split, type),
          `${typeTitle(type)} does not occur in ${train.card.name}`,
        ),
      ),
      ...labelsOnlyInTrain.map((type) =>
        finding(
          'label-only-in-train',
          split,
          startOf(split),
          `${typeTitle(type)} of ${train.card.name} does not occur in ${split.card.name}`,
        ),
      ),
    ];
  });
}

function leakFindings({ splits, overlaps }: Evidence): Finding[] {
  return overlaps.flatMap(({ split: name, earlier: earlierName, leaks, same }) => {
    if (same) return []; // told as one
    const split = find(splits, name);
    return leaks.map(({ line, earlierLine, otherLabels }) =>
      finding(
        otherLabels ? 'leak-other-labels' : 'leak',
        split,
        line,
        `stands in ${earlierName}, line ${earlierLine}${otherLabels ? ', with other labels' : ''}`,
      ),
    );
  });
}

function ambiguousFindings({ splits, ambiguous }: Evidence): Finding[] {
  return ambiguous.map(({ text, types }) => {
    const last = present(types.at(-1), 'type');
    const said = types.map(({ type, count }) => `${typeTitle(type)} ${count}x`).join(', ');
    return finding('ambiguous-entity', find(splits, last.split), last.line, `${quote(text)} is labelled ${said}`);
  });
}

function find(splits: readonly Described[], name: string): Described {
  const found = splits.find(({ card }) => card.name === name);
  if (!found) throw new Error(`no split ${name}`);
  return found;
}

/** Of the first token of a class. */
function firstLine({ firstLines }: Described, type: string): number {
  const line = firstLines.get(type);
  if (line === undefined) throw new Error(`no tag ${type}`);
  return line;
}

function spellingFindings(split: Described): Finding[] {
  const { normalisation, normalisationOfTrain, hidden, hiddenKnown, blank } = split.card.spelling;
  const words = ({ tokens, words: n }: Alike): string => `${count(tokens, 'token')} (${count(n, 'word')})`;
  const pairs = ({ examples }: Alike): string =>
    examples.map(([word, other]) => `${escaped(word)} for ${escaped(other)}`).join(', ');
  return [
    ...(normalisationOfTrain
      ? [
          finding(
            'normalisation',
            split,
            normalisationOfTrain.line,
            `${words(normalisationOfTrain)} differ from training only by Unicode normalisation: ${pairs(normalisationOfTrain)}`,
          ),
        ]
      : []),
    ...(normalisation
      ? [
          finding(
            'normalisation',
            split,
            normalisation.line,
            `${words(normalisation)} differ from others of the file only by Unicode normalisation: ${pairs(normalisation)}`,
          ),
        ]
      : []),
    ...(hidden
      ? [
          finding(
            'hidden-character',
            split,
            hidden.line,
            `${words(hidden)} with ${hidden.characters.map(([name, n]) => `${name} (${whole(n)}x)`).join(', ')}: ${pairs(hidden)}` +
              (hiddenKnown > 0 ? `; without it ${whole(hiddenKnown)} of the words would be known` : ''),
          ),
        ]
      : []),
    ...(blank
      ? [
          finding(
            'invisible-word',
            split,
            blank.line,
            `${words(blank)}, such as ${blank.examples.map(([word]) => escaped(word)).join(', ')}`,
          ),
        ]
      : []),
  ];
}

/** In quotes, everything but printable ASCII as its escape: two texts that print alike are told apart. */
const escaped = (text: string): string =>
  quote(text).replace(/[^\x20-\x7e]/gu, (char) => {
    const code = (char.codePointAt(0) ?? 0).toString(16);
    return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, '0')}`;
  });

function namingFindings({ splits, similarClasses, joinedClasses }: Evidence): Finding[] {
  const holding = (name: string): Described => splits.find(({ firstLines }) => firstLines.has(name)) ?? splits[0];
  return [
    ...similarClasses.map(({ names, same, by }) => {
      const last = present(names.at(-1), 'name');
      const split = holding(last);
      const said = names.map(same ? escaped : quote).join(' and ');
      return finding(
        same ? 'same-looking-class' : 'similar-class',
        split,
        firstLine(split, last),
        `${said} differ only by ${by}`,
      );
    }),
    ...joinedClasses.map((name) =>
      finding('joined-class', holding(name), firstLine(holding(name), name), `${quote(name)} joins several labels`),
    ),
  ];
}

function shareFindings({ splits, shifts }: Evidence): Finding[] {
  return shifts.map(({ split: name, train, type, here, there }) => {
    const split = find(splits, name);
    const base = split.card.entities && type !== null ? 'entities' : 'tokens';
    const said = ({ count: n, of }: Part): string => `${percent(n / of)} % (${whole(n)} of ${whole(of)})`;
    const line = type === null ? startOf(split) : firstLine(split, type);
    const what = type === null ? 'tokens of entities are' : `${typeTitle(type)} is`;
    return finding('class-share', split, line, `${what} ${said(here)} of the ${base}, in ${train} ${said(there)}`);
  });
}

function unlabelledFindings({ splits, unlabelled }: Evidence): Finding[] {
  return unlabelled.map(({ text, labelled, types, unlabelled: n, split, line }) =>
    finding(
      'unlabelled-entity',
      find(splits, split),
      line,
      `${quote(text)} stands without a label ${whole(n)}x, and ${whole(labelled)}x as ${types.map(typeTitle).join(', ')}`,
    ),
  );
}
