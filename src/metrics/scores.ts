import { chunksOf, sharedChunks, type Chunk } from './chunks';
import { checkAligned, confusionOf, type Confusion } from './confusion';
import { countsFor, scoreTable, type Counts, type ScoreTable } from './prf';

export type { ClassScore, MacroScore, Score, ScoreTable } from './prf';

/** What was scored, and how: everything a reader needs to repeat the numbers. */
export interface ScoreSettings {
  /** Tag scheme of the sequences (`IOB2`, `BIOES`, ...), or `plain` for tags that are no chunks (part of speech). */
  readonly scheme: string;
  /** Version of this program. */
  readonly version: string;
  /** Hash of the scored data, or '-' where there is none. */
  readonly dataHash?: string;
}

/** One set of predictions against gold. Plain data: `JSON.stringify` loses nothing of it. */
export interface Report {
  readonly sentences: number;
  readonly tokens: number;
  /** Entities by conlleval's convention; null for plain tags. */
  readonly entities: ScoreTable | null;
  /** Token by token, per full tag. For chunk schemes `O` has a row but is in no average; plain tags are all averaged. */
  readonly tags: ScoreTable;
  /** Share of tokens whose tag is right, `O` included; 0 for no tokens. */
  readonly accuracy: number;
  readonly confusion: Confusion;
  readonly scheme: string;
  /** How invalid sequences are read: 'conlleval'; 'token' for plain tags, where nothing is read but the tags. */
  readonly convention: string;
  readonly signature: string;
}

/** Scores predictions against gold: tag sequences, one a sentence. Throws UserError where they are not aligned. */
export function score(
  gold: readonly (readonly string[])[],
  predicted: readonly (readonly string[])[],
  settings: ScoreSettings,
): Report {
  const plain = settings.scheme === 'plain';
  const convention = plain ? 'token' : 'conlleval';
  const confusion = confusionOf(gold, predicted);
  const tagCounts = countTags(confusion);
  let tokens = 0;
  let right = 0;
  for (const counts of tagCounts.values()) {
    tokens += counts.support;
    right += counts.tp;
  }
  return {
    sentences: gold.length,
    tokens,
    entities: plain ? null : scoreTable(countEntities(gold, predicted)),
    tags: scoreTable(tagCounts, plain ? undefined : (tag) => tag !== 'O'),
    accuracy: tokens > 0 ? right / tokens : 0,
    confusion,
    scheme: settings.scheme,
    convention,
    signature: signatureOf(settings, convention),
  };
}

/** Counts of right, predicted and gold entities by type. `read` turns a tag sequence into chunks (default: conlleval). */
export function countEntities(
  gold: readonly (readonly string[])[],
  predicted: readonly (readonly string[])[],
  read: (tags: readonly string[]) => Chunk[] = chunksOf,
): Map<string, Counts> {
  checkAligned(gold, predicted);
  const counts = new Map<string, Counts>();
  for (let s = 0; s < gold.length; s++) {
    const goldChunks = read(gold[s]);
    const predictedChunks = read(predicted[s]);
    for (const chunk of goldChunks) countsFor(counts, chunk.type).support++;
    for (const chunk of predictedChunks) countsFor(counts, chunk.type).predicted++;
    for (const chunk of sharedChunks(goldChunks, predictedChunks)) countsFor(counts, chunk.type).tp++;
  }
  return counts;
}

/** Right, predicted and gold tokens of each tag: diagonal, column sum and row sum of the confusion counts. */
export function countTags({ tags, counts }: Confusion): Map<string, Counts> {
  const result = new Map<string, Counts>();
  for (let t = 0; t < tags.length; t++) {
    result.set(tags[t], {
      tp: counts[t][t],
      predicted: counts.reduce((sum, row) => sum + row[t], 0),
      support: counts[t].reduce((sum, n) => sum + n, 0),
    });
  }
  return result;
}

/** One line that names everything a score depends on, as sacreBLEU's does: compare scores only where it is the same. */
export function signatureOf(settings: ScoreSettings, convention: string): string {
  return [
    `scheme:${settings.scheme}`,
    `convention:${convention}`,
    'macro:gold-classes',
    `data:${settings.dataHash ?? '-'}`,
    `dsc-train:${settings.version}`,
  ].join('|');
}
