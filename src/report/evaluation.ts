import { present } from '../errors';
import type { Evaluation } from '../evaluate/evaluation';
import { lineOf } from '../data/corpus';
import type { Sentence } from '../data/types';
import type { Chunk } from '../schemes';
import type { Calibration } from '../metrics/calibration';
import type { Confusion } from '../metrics/confusion';
import { countInvalid } from '../metrics/invalid';
import { surface } from '../metrics/seen';
import { count, percent, visibleLines, whole } from '../wording';
import {
  calibrationText,
  confusionTable,
  errorsText,
  intervalText,
  invalidText,
  spreadText,
  wrongSpansText,
} from './analysis';
import { splitText, tableText } from './text';
import type { Warning } from '../warnings';

/** An evaluation and what it is of. */
export interface Evaluated extends Evaluation {
  /** Of the file that lines point into. */
  readonly sentences: readonly Sentence[];
  /** What to know before believing it. */
  readonly warnings: readonly Warning[];
  /** How far to believe the probabilities of a tagger. */
  readonly calibration?: { readonly tags: Calibration; readonly entities: Calibration | null };
  /** The training file that would give a floor. */
  readonly trainedOn?: string;
  /** Where gold and predictions came from, as JSON shows it. */
  readonly sources?: {
    readonly tokenDifferences: number;
    readonly hasTokens?: boolean;
    readonly schemes?: string | null;
  };
}

/** The whole evaluation as text. `limit`: wrong spans listed. */
export function evaluationText(name: string, evaluated: Evaluated, limit = 20): string {
  const { report, spread, invalid, errors, seen, sentences, sources, trainedOn, calibration } = evaluated;
  const tokens = sentences.map((sentence) => sentence.tokens);
  const differing = sources?.tokenDifferences ?? 0;
  const parts = [splitText(name, report)];
  if (!report.floor && sources?.hasTokens !== false) {
    const which = trainedOn === undefined ? '' : ` (${trainedOn})`;
    parts.push(`no floor: --train FILE, with the training file${which}, shows what looking up gives\n`);
  }
  if (differing > 0) {
    parts.push(
      `${whole(differing)} of ${count(report.tokens, 'token')} are not those of the gold file: scored by position\n`,
    );
  }
  if (sources?.schemes) parts.push(`${sources.schemes}\n`);
  if (report.intervals) {
    const { entities, tags } = report.intervals;
    parts.push(entities ? intervalText(entities) : intervalText(tags, 'tags'));
  }
  if (calibration) {
    const { tags, entities } = calibration;
    if (entities) parts.push(calibrationText(entities, 'entities'));
    parts.push(
      entities
        ? `of the tags of tokens: expected calibration error ${percent(tags.ece)} %, largest ${percent(tags.mce)} %\n`
        : calibrationText(tags),
    );
  }
  if (spread.length > 0) parts.push(spreadText(spread) + invalidText(invalid));
  if (seen) {
    const table = tableText(report.entities ? 'entities, by training file' : 'words, by training file', seen);
    parts.push(lines(table.slice(0, 1 + seen.classes.length))); // an average of the two says nothing
  }
  if (errors) parts.push(errorsText(errors));
  parts.push(lines(confusionLines(report.confusion)));
  if (errors && limit > 0 && errors.wrong.length > 0) parts.push(wrongSpansText(errors.wrong, tokens, limit));
  return visibleLines(parts.join('\n'));
}

const lines = (rows: readonly string[]): string => rows.map((row) => `${row}\n`).join('');

/** Tokens by gold and predicted tag: the whole matrix, or of many tags the commonest confusions. */
export function confusionLines({ tags, cells }: Confusion): string[] {
  const title = 'gold \\ predicted tokens';
  return confusionTable({ title, of: 'token tags', rows: tags, columns: tags, cells, empty: () => '.' });
}

/** The same as plain data, with words and lines beside the numbers; sentences and tokens count from 1. */
export function evaluationData(name: string, evaluated: Evaluated, limit = Infinity): Record<string, unknown> {
  const { report, spread, invalid, errors, seen, sentences, sources, warnings, calibration } = evaluated;
  const sentenceAt = (s: number): Sentence => present(sentences[s], 'sentence');
  const span = (chunk: Chunk | null, sentence: number): object | null =>
    chunk && {
      type: chunk.type,
      text: surface(sentenceAt(sentence).tokens, chunk),
      line: lineOf(sentenceAt(sentence), chunk.start),
      firstToken: chunk.start + 1,
      lastToken: chunk.end,
    };
  return {
    name,
    ...(sources && { sources }),
    warnings,
    report,
    spread: Object.fromEntries(spread.map(({ convention, f1 }) => [convention, f1])),
    invalid: {
      kinds: countInvalid(invalid),
      tags: invalid.slice(0, limit).map(({ kind, sentence, token, tag }) => ({
        kind,
        tag,
        sentence: sentence + 1,
        line: lineOf(sentenceAt(sentence), token),
      })),
    },
    errors: errors && {
      kinds: errors.kinds,
      confusion: errors.confusion,
      wrong: errors.wrong.slice(0, limit).map(({ kind, sentence, gold, predicted }) => ({
        kind,
        sentence: sentence + 1,
        gold: span(gold, sentence),
        predicted: span(predicted, sentence),
      })),
    },
    seen,
    ...(calibration && { calibration }),
  };
}
