import type { Rng } from '../../src/rng';

/** Those that break when a letter is wrong: in IO every sequence is valid. */
type Lettered = 'IOB1' | 'IOB2' | 'BIOES' | 'BILOU' | 'BMES';

/** The letters of each scheme, said a second time. */
export const LETTERS: Readonly<Record<Lettered, string>> = {
  IOB1: 'OBI',
  IOB2: 'OBI',
  BIOES: 'OBIES',
  BILOU: 'OBILU',
  BMES: 'OBMES',
};

export const SCHEMES = Object.keys(LETTERS) as Lettered[];

const TYPES = ['PER', 'LOC', 'creative-work'];

/** Any letters of the scheme in any order: most sequences are invalid. */
export function randomTags(rng: Rng, scheme: Lettered, length: number): string[] {
  const letters = LETTERS[scheme];
  return Array.from({ length }, () => {
    const letter = letters[rng.int(letters.length)];
    return letter === 'O' ? 'O' : `${letter}-${TYPES[rng.int(TYPES.length)]}`;
  });
}

/** Gold and a prediction that keeps each tag with probability 0.6. */
export function randomPair(rng: Rng, scheme: Lettered): { gold: string[]; predicted: string[] } {
  const gold = randomTags(rng, scheme, 1 + rng.int(9));
  const noise = randomTags(rng, scheme, gold.length);
  return { gold, predicted: gold.map((tag, i) => (rng.float() < 0.6 ? tag : noise[i])) };
}

/** A sequence that the scheme allows, of chunks of one to four tokens. */
export function validTags(rng: Rng, scheme: Lettered): string[] {
  const [begin, inside, end, single] = {
    IOB1: ['B', 'I', 'I', 'B'],
    IOB2: ['B', 'I', 'I', 'B'],
    BIOES: ['B', 'I', 'E', 'S'],
    BILOU: ['B', 'I', 'L', 'U'],
    BMES: ['B', 'M', 'E', 'S'],
  }[scheme];
  const tags: string[] = [];
  let last = 'O';
  for (let chunk = 0; chunk < 5; chunk++) {
    const type = rng.int(3) === 0 ? 'O' : TYPES[rng.int(TYPES.length)];
    const length = 1 + rng.int(4);
    for (let i = 0; i < length; i++) {
      const letter = length === 1 ? single : i === 0 ? begin : i === length - 1 ? end : inside;
      const needed = scheme === 'IOB1' && i === 0 && last !== type ? 'I' : letter;
      tags.push(type === 'O' ? 'O' : `${needed}-${type}`);
    }
    last = type;
  }
  return tags;
}
