import { createRng, type Rng } from '../../src/rng';

/** Rows of a sentence: token and tag. */
export type Row = readonly [token: string, tag: string];
export type Sentences = Row[][];

const FIRST = 'Anna Boris Clara Dmitri Elena Felix Greta Hugo Irene Jonas Karin Lukas Marta Nils Olga Pavel'.split(' ');
const LAST = 'Adler Brandt Castro Duval Egger Fischer Gruber Haas Ivanov Jansen Keller Lorenz Meier Novak'.split(' ');
const TOWNS = 'Arnhem Bergen Cadiz Delft Essen Faro Ghent Hamar Izmir Jena Kiel Linz Malmo Nantes Oslo Porto'.split(
  ' ',
);
const FIRMS = 'Acme Borex Cyntra Deltron Entrix Fabcor Genlux Hexal Intera Jovian Kortex Lumina Mavex Nordal'.split(
  ' ',
);
const VERBS = 'visited left likes praised joined saw'.split(' ');
const OTHERS = 'today again yesterday soon often later'.split(' ');

const pick = (rng: Rng, from: readonly string[]): string => from[rng.int(from.length)] ?? '';

/** Names of each class, the tags of their tokens left open; halves that share no name, for texts that are new. */
export interface Names {
  readonly towns: readonly string[];
  readonly firms: readonly string[];
  readonly lasts: readonly string[];
}
export const ALL: Names = { towns: TOWNS, firms: FIRMS, lasts: LAST };

export const tagged = (type: string, ...tokens: readonly string[]): Row[] =>
  tokens.map((token, i) => [token, `${i === 0 ? 'B' : 'I'}-${type}`]);
export const outside = (...tokens: readonly string[]): Row[] => tokens.map((token) => [token, 'O']);

/** A sentence with a person, and mostly a town or a firm: each class has words of its own around it. */
export function sentence(rng: Rng, names: Names = ALL, extra: 'town' | 'firm' | 'none' | 'any' = 'any'): Row[] {
  const kind = extra === 'any' ? (['town', 'firm', 'none'] as const)[rng.int(3)] : extra;
  const person = tagged('PER', pick(rng, FIRST), ...(rng.int(2) === 0 ? [pick(rng, names.lasts)] : []));
  const town = [...outside('in'), ...tagged('LOC', pick(rng, names.towns))];
  const firm = [...outside('the', 'firm'), ...tagged('ORG', pick(rng, names.firms))];
  return [
    ...outside(...(rng.int(2) === 0 ? ['Mr'] : ['Dr'])),
    ...person,
    ...outside(pick(rng, VERBS)),
    ...(kind === 'town' ? town : kind === 'firm' ? firm : outside('it')),
    ...outside(pick(rng, OTHERS), '.'),
  ];
}

export function corpus(
  seed: number,
  size: number,
  names: Names = ALL,
  extra?: Parameters<typeof sentence>[2],
): Sentences {
  const rng = createRng(seed);
  return Array.from({ length: size }, () => sentence(rng, names, extra));
}

/** Another tag for every token that has one of a class. */
export const retag = (sentences: Sentences, from: string, to: (tag: string, s: number) => string): Sentences =>
  sentences.map((rows, s) => rows.map(([token, tag]): Row => [token, tag.endsWith(`-${from}`) ? to(tag, s) : tag]));

export const conll = (sentences: Sentences): string =>
  sentences.map((rows) => rows.map(([token, tag]) => `${token}\t${tag}\n`).join('')).join('\n');
