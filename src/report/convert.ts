import type { ConversionSummary } from '../convert';
import { INVALID_KINDS, type InvalidKind, typeTitle } from '../schemes';
import { count, visible, whole } from '../wording';

/** What was converted to what, and what became of things on the way: a line each. */
export function conversionText(summary: ConversionSummary): string {
  const { path, from, to, sentences, tokens, types, dropped, repaired, merged, overlapping, grown, split } = summary;
  const names = Object.entries(types).map(([name, n]) => `${typeTitle(name)} ${whole(n)}`);
  const kinds = Object.entries(repaired);
  const meaning = (kind: string): string =>
    Object.hasOwn(INVALID_KINDS, kind) ? INVALID_KINDS[kind as InvalidKind] : `invalid in ${kind}`;
  const lines = [
    `${path}: ${from} -> ${to}`,
    `${count(sentences, 'sentence')}, ${count(tokens, 'token')}${names.length > 0 ? `: ${names.join(', ')}` : ', no entity'}`,
    ...kinds.map(([kind, n]) => `repaired, as conlleval reads it, ${count(n, 'time')}: ${meaning(kind)}`),
    ...(dropped > 0 ? [`${count(dropped, 'entity', 'entities')} of types that were not kept`] : []),
    ...(merged > 0 ? [`${count(merged, 'entity', 'entities')} made one with the one before`] : []),
    ...(overlapping > 0 ? [`${count(overlapping, 'span')} left out: a longer one, or an earlier one, overlaps`] : []),
    ...(grown > 0 ? [`${count(grown, 'span')} grown to whole tokens`] : []),
    ...(split > 0 ? [`${count(split, 'more token')} by splitting tokens at the ends of spans`] : []),
  ];
  return lines.map((line) => `${visible(line)}\n`).join('');
}
