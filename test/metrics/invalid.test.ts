import { chunksOf, INVALID_KINDS, type InvalidKind, SCHEMES as READERS } from '../../src/schemes';
import { countInvalid, invalidTags } from '../../src/metrics/invalid';
import { strictChunksOf } from '../../src/metrics/strict';
import { createRng } from '../../src/rng';
import { randomTags, SCHEMES, validTags } from './random-tags';

const CASES: readonly [scheme: string, tags: string, found: string][] = [
  ['IOB2', 'B-A I-A O B-B', ''],
  ['IOB2', 'O I-A I-A', '1 inside-without-begin'],
  ['IOB2', 'B-A I-B', '1 inside-of-other-type'],
  ['IOB2', 'B-A E-A B_A word', '1 unknown-tag, 2 unknown-tag, 3 unknown-tag'],
  ['BMES', 'S B M E B', '4 unclosed'],
  ['bioes', 'E-A', '0 end-without-begin'],
  ['IOB2', 'O-A', '0 unknown-tag'],
  ['IOB1', 'I-A B-A O B-A', '3 begin-not-adjacent'],
  ['IOB1', 'I-A B-B', '1 begin-not-adjacent'],
  ['BIOES', 'B-A I-A E-A S-B', ''],
  ['BIOES', 'B-A O', '0 unclosed'],
  ['BIOES', 'B-A I-A', '1 unclosed'],
  ['BIOES', 'B-A B-A E-A', '0 unclosed'],
  ['BIOES', 'E-A', '0 end-without-begin'],
  ['BIOES', 'S-A I-A E-A', '1 inside-without-begin'],
  ['BIOES', 'B-A E-B', '1 end-of-other-type'],
  ['BILOU', 'L-A U-A', '0 end-without-begin'],
  ['BMES', 'B-A M-B E-B', '1 inside-of-other-type'],
  ['IO', 'I-A O I-B I-B B-B', '4 unknown-tag'],
  ['plain', 'N I-A', ''],
];

/** The rules a second time, by the letters of a tag and the one before it. */
function mayFollow(scheme: (typeof SCHEMES)[number], before: string, now: string): boolean {
  const [a, b] = [before.charAt(0), now.charAt(0)];
  const same = a !== 'O' && before.slice(2) === now.slice(2);
  if (scheme === 'IOB1') return b !== 'B' || same;
  if (scheme === 'IOB2') return b !== 'I' || same;
  return 'BIM'.includes(a) ? 'IMEL'.includes(b) && same : !'IMEL'.includes(b);
}

describe('invalid tags of a file and of predictions', () => {
  it.each(SCHEMES)('are found in the same %s sentences, where a pair of tags is forbidden', (scheme) => {
    const rng = createRng(52).split(scheme);
    const reader = READERS[scheme.toLowerCase() as Lowercase<typeof scheme>];
    for (let n = 0; n < 2000; n++) {
      const tags = randomTags(rng, scheme, 1 + rng.int(5));
      const end = scheme.startsWith('IO') ? [] : ['O'];
      const wrong = [...tags, ...end].flatMap((tag, i) =>
        mayFollow(scheme, tags[i - 1] ?? 'O', tag) ? [] : [Math.min(i, tags.length - 1)],
      );
      expect({ tags, at: reader.invalid(tags).map(({ index }) => index) }).toEqual({ tags, at: wrong });
      expect({ tags, found: invalidTags([tags], scheme).length > 0 }).toEqual({ tags, found: wrong.length > 0 });
    }
  });
});

describe('invalidTags', () => {
  it.each(CASES)('%s: %s', (scheme, tags, expected) => {
    const found = invalidTags([tags.split(' ')], scheme);
    expect(found.map((f) => `${f.token} ${f.kind}`).join(', ')).toBe(expected);
    for (const { token, tag } of found) expect(tag).toBe(tags.split(' ')[token]);
  });

  it('has a case above for every kind', () => {
    const seen = new Set(CASES.flatMap(([scheme, tags]) => invalidTags([tags.split(' ')], scheme).map((f) => f.kind)));
    expect([...seen].sort()).toEqual((Object.keys(INVALID_KINDS) as InvalidKind[]).sort());
  });

  it('says in which sentence, and counts by kind', () => {
    const found = invalidTags([['O'], ['I-A', 'O', 'I-A'], [], ['B-A', 'I-B']], 'IOB2');
    expect(found.map((f) => f.sentence)).toEqual([1, 1, 3]);
    expect(countInvalid(found)).toEqual({ 'inside-without-begin': 2, 'inside-of-other-type': 1 });
  });

  it.each(SCHEMES)('finds nothing in valid %s sequences', (scheme) => {
    const rng = createRng(50).split(scheme);
    const valid = Array.from({ length: 300 }, () => validTags(rng, scheme));
    expect(invalidTags(valid, scheme)).toEqual([]);
  });

  it.each(SCHEMES)('%s: finds something exactly where strict reading loses a tag that is not O', (scheme) => {
    const rng = createRng(51).split(scheme);
    let invalid = 0;
    for (let n = 0; n < 2000; n++) {
      const tags = randomTags(rng, scheme, 1 + rng.int(5));
      const covered = (chunks: { start: number; end: number }[]) => chunks.reduce((sum, c) => sum + c.end - c.start, 0);
      const strict = strictChunksOf(tags, scheme);
      const lossless = covered(strict) === covered(chunksOf(tags));
      const found = invalidTags([tags], scheme).length > 0;
      expect({ tags, found }).toEqual({ tags, found: !lossless });
      if (found) invalid++;
    }
    expect(invalid).toBeGreaterThan(200);
    expect(invalid).toBeLessThan(2000);
  });
});
