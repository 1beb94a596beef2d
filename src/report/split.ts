import { present } from '../errors';
import type { SplitResult } from '../split';
import { compareLabels } from '../data/labels';
import { count, percent, visible } from '../wording';
import { typeTitle } from '../schemes';
import { align } from './text';

/** What went where: sizes and classes by part, what is in no place, and the files. */
export function splitText(result: SplitResult): string {
  const { path, whole, parts, scheme, task, duplicates } = result;
  const row = (name: string, value: (part: SplitResult['whole']) => number): string[] => [
    name,
    ...[whole, ...parts].map((part) => String(value(part))),
  ];
  const kind = task === 'chunks' ? 'entities' : 'tags';
  const classes = Object.keys(whole.classes).sort(compareLabels);
  const lines = [
    `${path}: tags ${scheme.name} (${scheme.why}), seed ${result.seed}`,
    '',
    ...align([
      ['', 'all', ...parts.map(({ name }) => name)],
      row('lines', ({ lines: n }) => n),
      row('tokens', ({ tokens }) => tokens),
      row('sentences', ({ sentences }) => sentences),
      ['  % of all', '', ...parts.map(({ sentences }) => percent(sentences / whole.sentences))],
      ['  % wanted', '', ...parts.map(({ share }) => percent(share))],
      [kind],
      ...classes.map((name) =>
        row(`  ${typeTitle(name)}`, (part) =>
          Object.hasOwn(part.classes, name) ? present(part.classes[name], name) : 0,
        ),
      ),
    ]),
    '',
    duplicates === 0
      ? 'no two sentences have the same tokens'
      : `${count(duplicates, 'sentence')} with the tokens of an earlier one: each went where that one is`,
    ...parts.flatMap(({ paths }) => paths.map((file) => `wrote ${file}`)),
  ];
  return lines.map((line) => `${visible(line)}\n`).join('');
}
