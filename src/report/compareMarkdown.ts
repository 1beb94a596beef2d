import { basename } from 'node:path';
import type { Comparison } from '../compare/comparison';
import { visible } from '../wording';
import { inOneLine } from '../warnings';
import {
  calibrationRows,
  calibrationTitle,
  decodingRows,
  decodingSentences,
  decodingTitle,
  ensembleRows,
  ensembleTitle,
  scoreRows,
  testNote,
  testRows,
  timeText,
  tuningRows,
} from './compareText';

/** The comparison for a pull request or a paper's notes. */
export function comparisonMarkdown(comparison: Comparison): string {
  const { reference, split, seeds, verdicts, warnings, engine, signature, version, data } = comparison;
  const parts = [
    `# Losses compared on ${escape(basename(data.train.path))}`,
    escape(comparison.answer),
    verdicts.map((verdict) => `- ${escape(verdict)}`).join('\n'),
    warnings.map((warning) => `- **warning**: ${escape(inOneLine(warning))}`).join('\n'),
    `## Scores on ${split}`,
    `In per cent, mean ± standard deviation over seeds ${seeds.join(', ')}. Classes by frequency in training; (rare): fewer than 50 gold items.`,
    markdownTable(scoreRows(comparison)),
    `## Against ${reference}`,
    `Tests: ${testNote(comparison)}.`,
    markdownTable(testRows(comparison)),
    ...(comparison.decodings.length > 1
      ? [
          '## Decoded otherwise',
          `${escape(decodingTitle(comparison))}.`,
          markdownTable(decodingRows(comparison)),
          decodingSentences(comparison)
            .map((line) => `- ${escape(line)}`)
            .join('\n'),
        ]
      : []),
    ...(comparison.ensembles.length > 0
      ? ['## All seeds as one tagger', `${escape(ensembleTitle(comparison))}.`, markdownTable(ensembleRows(comparison))]
      : []),
    ...(comparison.tuning ? ['## Tuning on dev', markdownTable(tuningRows(comparison))] : []),
    `## ${calibrationTitle(comparison)}`,
    markdownTable(calibrationRows(comparison)),
    `dsc-train ${version}; engine ${engine.name}, ${escape(engine.device)}; ${timeText(comparison)}. Scored as \`${signature}\`.`,
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

/** The first row is the head, the first column names its row. */
export function markdownTable([head = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escape).join(' | ')} |`;
  const rule = head.map((_, i) => (i === 0 ? ':--' : '--:'));
  return [line(head), `| ${rule.join(' | ')} |`, ...rows.map(line)].join('\n');
}

/** A class name may hold what Markdown reads as markup. */
const escape = (text: string): string => visible(text).replace(/[\\`*_{}[\]<>|]/g, (char) => `\\${char}`);
