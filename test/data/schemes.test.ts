import { detectScheme } from '../../src/data/detectScheme';
import { SCHEMES, type Scheme, type SchemeName } from '../../src/data/schemes';
import { createRng, type Rng } from '../../src/rng';

const CHUNK_SCHEMES = (Object.keys(SCHEMES) as SchemeName[]).filter((name) => SCHEMES[name].task === 'chunks');
const TYPES = ['PER', 'LOC', 'creative-work', 'PER.NOM'];

interface Span {
  type: string;
  from: number;
  to: number;
}

describe.each(Object.entries<Scheme>(SCHEMES))('scheme %s', (name, scheme) => {
  it('describes itself', () => {
    expect(scheme.title.length).toBeGreaterThan(10);
    expect(Object.keys(scheme.letters).length > 0).toBe(scheme.task === 'chunks');
    expect(scheme.isTag('O')).toBe(true);
    expect(scheme.isTag('')).toBe(false);
  });

  it('spells random chunks as a second, naive writer does, and back, without an invalid tag', () => {
    const rng = createRng(11).split(name);
    for (let round = 0; round < 2000; round++) {
      const { length, spans } = randomSpans(rng);
      const iob2 = write('iob2', length, spans);
      const tags = name === 'plain' ? iob2 : write(name, length, spans);
      expect(scheme.toIob2(tags)).toEqual(iob2);
      expect(scheme.fromIob2(iob2)).toEqual(tags);
      expect(scheme.invalid(tags)).toEqual([]);
      expect(tags.every((tag) => scheme.isTag(tag))).toBe(true);
    }
  });
});

describe.each(CHUNK_SCHEMES)('random tags in %s', (name) => {
  const scheme: Scheme = SCHEMES[name];
  const letters = Object.keys(scheme.letters);
  const random = (rng: Rng): string[] =>
    Array.from({ length: 1 + rng.int(8) }, () =>
      rng.int(4) === 0 ? 'O' : `${letters[rng.int(letters.length)]}-${TYPES[rng.int(2)]}`,
    );

  it('become the chunks that conlleval sees', () => {
    const rng = createRng(12).split(name);
    for (let round = 0; round < 5000; round++) {
      const tags = random(rng);
      const iob2 = scheme.toIob2(tags);
      expect(conlleval(iob2)).toEqual(conlleval(tags));
    }
  });

  it('are valid exactly when writing their chunks anew gives the same tags', () => {
    const rng = createRng(13).split(name);
    let valid = 0;
    for (let round = 0; round < 5000; round++) {
      const tags = random(rng);
      const rewritten = write(name, tags.length, conlleval(tags));
      const same = JSON.stringify(rewritten) === JSON.stringify(tags);
      expect(scheme.invalid(tags).length === 0).toBe(same);
      if (same) valid++;
    }
    expect(valid).toBeGreaterThan(50);
  });

  it('is detected from valid tags that show it', () => {
    const tags = write(name, 9, [
      { type: 'PER', from: 0, to: 1 },
      { type: 'PER', from: 1, to: 4 },
      { type: 'LOC', from: 5, to: 7 },
      { type: 'ORG', from: 8, to: 9 },
    ]);
    expect(detect([tags]).name).toBe(name);
  });
});

describe('invalid tags', () => {
  it.each<[SchemeName, string, string[]]>([
    ['iob2', 'O I-PER I-PER', ['1: I-PER after O']],
    ['iob2', 'I-PER B-LOC I-PER', ['0: I-PER at the start of a sentence', '2: I-PER after B-LOC']],
    ['iob1', 'B-PER I-PER B-PER O B-PER', ['0: B-PER at the start of a sentence', '4: B-PER after O']],
    ['bioes', 'B-PER O', ['1: O after B-PER']],
    ['bioes', 'S-PER I-PER', ['1: I-PER after S-PER', '1: I-PER at the end of a sentence']],
    ['bilou', 'B-PER L-LOC', ['1: L-LOC after B-PER']],
    ['bmes', 'O B-X M-X', ['2: M-X at the end of a sentence']],
  ])('%s: %s', (name, tags, expected) => {
    const found = SCHEMES[name].invalid(tags.split(' '));
    expect(found.map(({ index, what }) => `${index}: ${what}`)).toEqual(expected);
  });

  it('leaves stray I- in IOB2 as they are', () => {
    const tags = ['O', 'I-PER', 'I-LOC'];
    expect(SCHEMES.iob2.toIob2(tags)).toBe(tags);
  });
});

describe('detectScheme', () => {
  it.each<[string, string, SchemeName]>([
    ['I- alone is IOB1', 'I-A I-A O I-B', 'iob1'],
    ['a stray I- among many B- is IOB2', 'B-A I-A O B-B O B-C O I-A', 'iob2'],
    ['O alone is IOB2', 'O O', 'iob2'],
    ['part-of-speech tags', 'DET NOUN VERB', 'plain'],
    ['part-of-speech tags with O', 'N V O P O', 'plain'],
    ['Penn tags with brackets', '-LRB- NN -RRB- , .', 'plain'],
    ['bare letters', 'B I O B O', 'iob2'],
    ['bare BMES without O', 'B M E S S', 'bmes'],
    ['a chunk tag among part-of-speech tags', 'NN B-X VB DT NN IN', 'plain'],
    ['S- and O alone', 'S-A O O', 'bioes'],
    ['U- and O alone', 'U-A O O', 'bilou'],
  ])('%s', (_, tags, expected) => {
    const choice = detect([tags.split(' ')]);
    expect(choice.name).toBe(expected);
    expect(choice.why).not.toBe('');
  });
});

function detect(sequences: readonly string[][]) {
  const counts = new Map<string, number>();
  for (const tag of sequences.flat()) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  return detectScheme(
    counts,
    sequences.map((tags) => ({ tokens: tags, tags, line: 1 })),
  );
}

function randomSpans(rng: Rng): { length: number; spans: Span[] } {
  const spans: Span[] = [];
  let at = 0;
  while (at < 12) {
    if (rng.int(2) === 0) at++;
    else {
      const to = at + 1 + rng.int(4);
      spans.push({ type: TYPES[rng.int(TYPES.length)], from: at, to });
      at = to;
    }
  }
  return { length: at, spans };
}

/** Spans as tags, by each scheme's definition and nothing else. */
function write(name: string, length: number, spans: readonly Span[]): string[] {
  const tags = new Array<string>(length).fill('O');
  for (const { type, from, to } of spans) {
    const touches = spans.some((other) => other.to === from && other.type === type);
    for (let i = from; i < to; i++) {
      const [first, last] = [i === from, i === to - 1];
      const letter = {
        iob1: first && touches ? 'B' : 'I',
        iob2: first ? 'B' : 'I',
        bioes: first && last ? 'S' : first ? 'B' : last ? 'E' : 'I',
        bilou: first && last ? 'U' : first ? 'B' : last ? 'L' : 'I',
        bmes: first && last ? 'S' : first ? 'B' : last ? 'E' : 'M',
      }[name];
      tags[i] = `${letter ?? '?'}-${type}`;
    }
  }
  return tags;
}

/** The rules of the Python port of conlleval, pair by pair, with L, U and M read as E, S and I. */
function conlleval(tags: readonly string[]): Span[] {
  const same: Record<string, string> = { L: 'E', U: 'S', M: 'I' };
  const spans: Span[] = [];
  let [before, beforeType] = ['O', ''];
  let open = -1;
  [...tags, 'O'].forEach((text, i) => {
    const letter = same[text[0]] ?? text[0];
    const type = text.slice(2);
    const pair = before + letter;
    const ends =
      ['BB', 'BS', 'BO', 'IB', 'IS', 'IO'].includes(pair) ||
      before === 'E' ||
      before === 'S' ||
      (before !== 'O' && beforeType !== type);
    const starts =
      ['EE', 'EI', 'SE', 'SI', 'OE', 'OI'].includes(pair) ||
      letter === 'B' ||
      letter === 'S' ||
      (letter !== 'O' && beforeType !== type);
    if (open >= 0 && ends) {
      spans.push({ type: beforeType, from: open, to: i });
      open = -1;
    }
    if (starts) open = i;
    [before, beforeType] = [letter, type];
  });
  return spans;
}
