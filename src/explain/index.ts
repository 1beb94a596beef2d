import { typeTitle } from '../schemes';
import { count, percent } from '../wording';
import { CAUSES, type CauseName, type Numbers } from './causes';
import type { Evidence, Scored } from './evidence';

export { CAUSES, type CauseName } from './causes';
export type { Evidence } from './evidence';
export { type Facts, type Look, measure, type Source } from './measure';

/** One answer to the question why. */
export interface Answer {
  readonly cause: CauseName;
  /** How much of what is missed it accounts for, as far as such numbers tell: what answers are ranked by, 0 to 1. */
  readonly weight: number;
  readonly because: string;
  readonly numbers: Numbers;
  readonly command: string;
}

export interface Diagnosis {
  readonly name: string;
  readonly split: 'dev' | 'test';
  readonly scored: Scored;
  /** At 0, weak, or neither: see `isWeak`. */
  readonly state: 'zero' | 'weak' | 'well';
  /** The class, its state and the first answer, in one sentence. */
  readonly sentence: string;
  /** The likeliest first. */
  readonly answers: readonly Answer[];
  readonly evidence: Evidence;
}

/** Answers below this weight are not worth a word. */
const LEAST = 0.12;

/** A class is weak below this F1, and below this share of the micro-average. */
const [WEAK, BESIDE] = [0.5, 2 / 3];

/** Below half, or below two thirds of the average over all: what is called weak. */
export const isWeak = (f1: number, micro: number): boolean => f1 < WEAK || f1 < BESIDE * micro;

/** How much a symptom is lowered by what lies upstream of it. */
const UPSTREAM = 0.5;

/** Why a class is at 0, or weak: the answers, ranked. A pure function of what was measured. */
export function diagnose(evidence: Evidence): Diagnosis {
  const scored = evidence.split === 'test' ? (evidence.test ?? evidence.dev) : evidence.dev;
  const micro = (evidence.split === 'test' ? evidence.micro.test : null) ?? evidence.micro.dev;
  const found = (Object.keys(CAUSES) as CauseName[]).flatMap((cause) => {
    const row = CAUSES[cause];
    const isSymptom = 'isSymptom' in row;
    const answer = row.find(evidence);
    if (!answer) return [];
    const { share, ...rest } = answer;
    return [{ cause, isSymptom, weight: share * row.certainty * (1 - scored.f1), ...rest }];
  });
  const upstream = Math.max(0, ...found.filter(({ isSymptom }) => !isSymptom).map(({ weight }) => weight));
  const answers = found
    .map(({ isSymptom, weight, ...rest }): Answer => ({
      ...rest,
      weight: Number((isSymptom ? weight * (1 - UPSTREAM * upstream) : weight).toFixed(4)),
    }))
    .filter(({ weight }) => weight >= LEAST)
    .sort((a, b) => b.weight - a.weight); // a stable sort: of equals the one that lies upstream
  const state = scored.f1 === 0 ? 'zero' : isWeak(scored.f1, micro) ? 'weak' : 'well';
  return {
    name: evidence.name,
    split: evidence.split,
    scored,
    state,
    sentence: sentenceOf(evidence, scored, state, answers),
    answers,
    evidence,
  };
}

function sentenceOf(
  { name, split, micro: averages }: Evidence,
  { f1, support }: Scored,
  state: Diagnosis['state'],
  [first]: readonly Answer[],
): string {
  const title = typeTitle(name);
  if (first && state !== 'well') return `${title} ${first.because}`;
  const micro = (split === 'test' ? averages.test : null) ?? averages.dev;
  const score = `F1 ${percent(f1)} on ${count(support, 'mention')} in ${split}, micro-average ${percent(micro)}`;
  return state === 'well'
    ? `${title} is neither at 0 nor weak: ${score}`
    : `${title} has ${score}, and nothing that was measured says why`;
}
