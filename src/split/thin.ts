import { basename, join } from 'node:path';
import { parseCorpus, type ReadOptions } from '../data/corpus';
import type { Corpus } from '../data/types';
import { present, UserError } from '../errors';
import { ensureDir, nameOf, readBytes, unpackBytes, writeAtomic } from '../files';
import { createRng, type Rng } from '../rng';
import { typeTitle } from '../schemes';
import { count, didYouMean, whole } from '../wording';
import { classesIn } from './groups';
import { extension } from './index';
import { cutUnits, headerOf, type Unit } from './units';

/** A file with fewer sentences of one class; all others are as they were. */
export interface ThinStep {
  /** Name of a folder: `PER-1of4`. */
  readonly name: string;
  /** Of the mentions of the class, as asked for. */
  readonly share: number;
  /** Mentions of the class that are left: entities, or tokens of plain tags. */
  readonly mentions: number;
  /** Sentences of the file that are left, and those of them that hold the class. */
  readonly sentences: number;
  readonly holding: number;
  readonly tokens: number;
  /** Occurrences that are left of every class. */
  readonly classes: Readonly<Record<string, number>>;
  readonly path: string;
}

/** What is asked for: a class, and the shares of its mentions that shall be left. */
export interface Thinning {
  readonly name: string;
  /** The largest first. */
  readonly shares: readonly { readonly text: string; readonly share: number }[];
  /** Shares that leave what the one before them leaves are no error: nobody named them. */
  readonly usual: boolean;
}

const SHARES = '1,1/2,1/4,1/8,1/16,1/32,1/64';
const EXAMPLE = 'for example --thin PER=1,1/2,1/4,...,1/64, or --thin PER, which is that';

/** `PER=1,1/2,1/4`, with `...` for what goes on like the two before it, or `PER` alone. @throws UserError */
export function parseThinning(text: string): Thinning {
  const at = text.lastIndexOf('=');
  const name = at < 0 ? text : text.slice(0, at);
  const wrong = (what: string): never => {
    throw new UserError(`--thin ${text}: ${what}`, EXAMPLE);
  };
  if (name === '') wrong('expected a class and shares of its mentions');
  const listed = (at < 0 ? SHARES : text.slice(at + 1)).split(',').map((part) => part.trim());
  const shares = listed.flatMap((part, i) => {
    if (part !== '...' && part !== '\u2026') return [{ text: part, share: shareOf(part) ?? wrong(shareText(part)) }];
    const [first, second, last] = [listed[i - 2], listed[i - 1], listed[i + 1]].map((one) => shareOf(one ?? ''));
    if (first == null || second == null || last == null || !(last < second && second < first))
      return wrong('... stands between two falling shares and a smaller last one');
    const quotient = first / second;
    const between: Thinning['shares'][number][] = [];
    for (let share = second / quotient; share > last * 1.000001; share /= quotient)
      between.push({ text: Number.isInteger(1 / share) ? `1/${1 / share}` : String(share), share });
    return between;
  });
  shares.sort((a, b) => b.share - a.share);
  const twice = shares.find(({ share }, i) => share === shares[i - 1]?.share);
  if (twice) wrong(`${twice.text} stands twice`);
  if (shares.length < 2) wrong('a curve needs two shares or more');
  return { name, shares, usual: at < 0 };
}

const shareText = (part: string): string => `expected a share above 0 and up to 1, found '${part}'`;

function shareOf(part: string): number | null {
  const [, above, below] = /^(\d+(?:\.\d+)?)(?:\/(\d+))?$/.exec(part) ?? [];
  const share = Number(above) / Number(below ?? 1);
  return share > 0 && share <= 1 ? share : null;
}

/**
 * The units that are left for each share: all that do not hold the class, and of the others, in an order drawn once, as many from the
 * front as bring its mentions nearest to the share, but one at least. So what is left of a smaller share is left of a larger one.
 * @param mentions of the class by unit. (U)
 * @returns indices of units in the order of the file, share by share
 */
export function thinUnits(mentions: readonly number[], shares: readonly number[], rng: Rng): number[][] {
  const total = mentions.reduce((a, b) => a + b, 0);
  const holders = rng.shuffle([...mentions.keys()].filter((u) => present(mentions[u], 'unit') > 0));
  return shares.map((share) => {
    const kept = new Set<number>();
    let left = 0;
    for (const u of holders) {
      const more = left + present(mentions[u], 'unit');
      if (kept.size > 0 && Math.abs(more - share * total) > Math.abs(left - share * total)) break;
      kept.add(u);
      left = more;
    }
    return [...mentions.keys()].filter((u) => mentions[u] === 0 || kept.has(u));
  });
}

/**
 * Thins one class of a training file by leaving out sentences that hold it, and writes a file for each share but the whole one.
 * @param folder of the files
 * @throws UserError for an unknown class, and where two shares would leave the same mentions
 */
export async function thinFile(
  path: string,
  { name, shares, usual }: Thinning,
  { folder, seed, named = nameOf(path), ...read }: ReadOptions & { folder: string; seed: number; named?: string },
): Promise<ThinStep[]> {
  const bytes = await readBytes(path);
  const corpus = parseCorpus(bytes, named, read);
  const text = unpackBytes(bytes, named);
  const units = cutUnits(text, corpus);
  const header = headerOf(text, corpus);
  const found = units.map((unit) => countsOf([unit], corpus));
  const mentions = found.map(({ classes }) => classes.get(name) ?? 0);
  const total = mentions.reduce((a, b) => a + b, 0);
  if (total === 0) {
    const known = [...countsOf(units, corpus).classes.keys()];
    throw new UserError(
      `--thin ${name}: ${named} holds no ${typeTitle(name)}; ${didYouMean(name, known)}`,
      `a class of the training file: ${known.map(typeTitle).join(', ')}`,
    );
  }
  const all = thinUnits(
    mentions,
    shares.map(({ share }) => share),
    createRng(seed).split('thin').split(name),
  );
  const plain = basename(path, '.gz');
  const steps = shares.map(({ text: asked, share }, i) => {
    const kept = present(all[i], 'share').map((u) => present(units[u], 'unit'));
    const { classes, sentences, tokens } = countsOf(kept, corpus);
    const step = `${name.replace(/[^\w.+-]/g, '_').replace(/^\W/, '_')}-${asked.replace('/', 'of')}`;
    const holding = present(all[i], 'share').filter((u) => present(mentions[u], 'unit') > 0).length;
    const left = classes.get(name) ?? 0;
    const isWhole = kept.length === units.length;
    const file = isWhole ? path : join(folder, `${step}${extension(plain)}`);
    return {
      kept,
      isWhole,
      step: { name: step, share, mentions: left, sentences, holding, tokens, classes: Object.fromEntries(classes), path: file }, // prettier-ignore
    };
  });
  const different = steps.filter(({ step }, i) => steps[i - 1]?.step.mentions !== step.mentions);
  steps.forEach(({ step }, i) => {
    if (usual || steps[i - 1]?.step.mentions !== step.mentions) return;
    throw new UserError(
      `--thin ${name}: ${shares[i - 1]?.text ?? ''} and ${shares[i]?.text ?? ''} of ${count(total, 'mention')} leave the same ${whole(step.mentions)}`,
      'leave one of them out',
    );
  });
  await ensureDir(folder);
  for (const { kept, isWhole, step } of different) {
    if (isWhole) continue;
    const own = kept[0] === units[0] ? [] : [header];
    await writeAtomic(step.path, Buffer.concat([...own, ...kept.map((unit) => unit.bytes)]));
  }
  return different.map(({ step }) => step);
}

function countsOf(units: readonly Unit[], corpus: Corpus) {
  const classes = new Map<string, number>();
  let [sentences, tokens] = [0, 0];
  for (const { from, to } of units) {
    sentences += to - from;
    for (const sentence of corpus.sentences.slice(from, to)) {
      tokens += sentence.tokens.length;
      for (const one of classesIn(corpus, sentence)) classes.set(one, (classes.get(one) ?? 0) + 1);
    }
  }
  return { classes, sentences, tokens };
}
