/**
 * The conlleval rules a second time, written to be plain and not to be shared with src: one stream of tokens with an O/O line
 * at every sentence break, rules as patterns over the pair of neighbouring letters, and one flag that says whether gold and
 * prediction have agreed since the chunk began.
 */

/** Letter pairs, previous then current, that part two tokens of one type. */
export interface Rules {
  readonly start: RegExp;
  readonly end: RegExp;
}

/** What the original script knows: B, I, E and O. */
export const ORIGINAL: Rules = { start: /^(?:[BIO]B|O[IE]|E[IE])$/, end: /^(?:[BI]B|[BIE]O|E[IE])$/ };

/** The same, and every begin, end and single letter of the later schemes. */
export const EXTENDED: Rules = { start: /^(?:.[BSU]|[OELSU][IMEL])$/, end: /^(?:[ELSU].|[BIM][BSUO])$/ };

interface Tag {
  readonly letter: string;
  readonly type: string;
}

export type NaiveCounts = Record<string, { tp: number; predicted: number; support: number }>;

export function naiveConlleval(gold: string[][], predicted: string[][], rules: Rules): NaiveCounts {
  const stream: [string, string][] = [];
  gold.forEach((tags, s) => {
    tags.forEach((tag, i) => stream.push([tag, predicted[s][i]]));
    stream.push(['O', 'O']);
  });
  const counts: NaiveCounts = {};
  const at = (type: string) => (counts[type] ??= { tp: 0, predicted: 0, support: 0 });
  let lastGold = parse('O');
  let lastGuess = parse('O');
  let agreed = false;
  for (const [goldTag, guessTag] of stream) {
    const g = parse(goldTag);
    const p = parse(guessTag);
    const goldEnds = ends(lastGold, g, rules);
    const guessEnds = ends(lastGuess, p, rules);
    if (agreed && goldEnds && guessEnds) at(lastGold.type).tp++;
    if (goldEnds || guessEnds) agreed = false;
    const goldStarts = starts(lastGold, g, rules);
    const guessStarts = starts(lastGuess, p, rules);
    if (goldStarts) at(g.type).support++;
    if (guessStarts) at(p.type).predicted++;
    if (goldStarts || guessStarts) agreed = goldStarts && guessStarts && g.type === p.type;
    lastGold = g;
    lastGuess = p;
  }
  return counts;
}

function starts(last: Tag, now: Tag, rules: Rules): boolean {
  if (now.letter !== 'O' && last.type !== now.type) return true;
  return rules.start.test(last.letter + now.letter);
}

function ends(last: Tag, now: Tag, rules: Rules): boolean {
  if (last.letter !== 'O' && last.type !== now.type) return true;
  return rules.end.test(last.letter + now.letter);
}

function parse(tag: string): Tag {
  const [letter, ...rest] = tag.split('-');
  return { letter, type: rest.join('-') };
}
