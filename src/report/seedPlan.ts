import type { Question, SeedPlan } from '../compare/seedPlan';
import { FEWEST_SEEDS, resamplesFor } from '../compare/statistics';
import { durationText } from '../compare/timeLeft';
import { typeTitle } from '../schemes';
import { count, percent, visibleLines, whole } from '../wording';
import { align } from './text';

/** What it would take to show a difference, as it is printed. */
export function seedPlanText(plan: SeedPlan): string {
  const { reference, split, effect, power, seeds, mostForSentences, pilotSeeds, sentences, size } = plan;
  const points = pointsText(effect);
  const parts = [
    [
      `to show ${points} against ${reference} on ${split} (${count(sentences, 'sentence')}) in ${share(power)} of comparisons, by the rule of compare`,
      ...align([head(plan), ...plan.questions.map((question) => row(plan, question))]),
      `seeds: how many are needed; in brackets the ends of the ${share(plan.level)} interval of that number, by what ${count(pilotSeeds, 'pilot seed')} let one believe`,
      `power: that of so many seeds in truth, per cent: ${share(power)} is its mean, in brackets the ends of its ${share(plan.level)} interval`,
      `time: of the seeds that are not there yet, every loss, ${whole(size)} at a time; a seed of every loss takes ${durationText(plan.secondsPerSeed)}`,
      `seen: the smallest difference that ${seeds} seeds show so often, and any number of seeds (- where nothing shows that sentences limit it)`,
      `sentences: how large ${split} must be for ${mostForSentences} seeds to show it; - where it is large enough`,
      `each line holds where no other of its family has a difference, ${familyText(plan)}: Holm's correction asks most then`,
    ],
    sentencesOf(plan),
    cautions(plan),
  ];
  return visibleLines(parts.filter((lines) => lines.length > 0).map((lines) => lines.map((line) => `${line}\n`).join('')).join('\n')); // prettier-ignore
}

const share = (of: number): string => `${Number((100 * of).toFixed(1))} %`;

const pointsText = (effect: number): string => {
  const points = Number((100 * effect).toFixed(2));
  return `a difference of ${points} ${points === 1 ? 'point' : 'points'}`;
};

const head = ({ questions, seeds }: SeedPlan): string[] => [
  'metric: loss',
  ...(questions.some(({ support }) => support !== null) ? ['support'] : []),
  'sd of seeds',
  'of sentences',
  'seeds',
  'power',
  'time',
  `seen, ${seeds} seeds`,
  'seen, any',
  'sentences',
];

const titleOf = ({ title, kind, rare }: Question): string =>
  `${kind === 'class' ? typeTitle(title) : title}${rare ? ' (rare)' : ''}`;

function row({ questions, most, sentences: now }: SeedPlan, question: Question): string[] {
  const { label, support, seedSd, seedSdInterval, sentenceSd, answer, seeds, seedsInterval, powerInterval, minutes } =
    question;
  const supports = questions.some((one) => one.support !== null) ? [support === null ? '' : whole(support)] : [];
  const name = `${titleOf(question)}: ${label}`;
  if (answer === 'silent') return [name, ...supports, '-', '-', 'not known', '-', '-', '-', '-', '-'];
  const of = (n: number | null): string => (n === null ? `> ${most}` : String(n));
  const [low, high] = seedsInterval;
  const same = low === high;
  const needed = answer === 'resamples' || answer === 'sentences' ? 'none' : of(seeds);
  return [
    name,
    ...supports,
    `${percent(seedSd)} (${percent(seedSdInterval[0])}..${percent(seedSdInterval[1])})`,
    percent(sentenceSd),
    needed === 'none' ? 'never' : same ? needed : `${needed} (${of(low)}..${of(high)})`,
    powerInterval === null ? '-' : powerInterval.map((end) => String(Math.round(100 * end))).join('..'),
    minutes === null ? '-' : minutes === 0 ? 'none' : durationText(60 * minutes),
    question.seen === null ? '-' : percent(question.seen),
    question.seenAtBest > 0 ? percent(question.seenAtBest) : '-',
    answer === 'resamples' || question.sentences === now
      ? '-'
      : question.sentences === null
        ? 'not by sentences'
        : whole(question.sentences),
  ];
}

const familyText = ({ questions }: SeedPlan): string => {
  const sizes = new Map(questions.map(({ kind, family }) => [kind === 'average' ? 'averages' : 'classes', family]));
  return [...sizes].map(([kind, size]) => `${count(size, 'question')} of ${kind}`).join(' and ');
};

/** What cannot be seen, in plain words. */
function sentencesOf(plan: SeedPlan): string[] {
  const { split, effect, most, mostForSentences, sentences } = plan;
  const of = (answer: Question['answer']): Question[] => plan.questions.filter((one) => one.answer === answer);
  const named = (questions: readonly Question[]): string =>
    questions.map((one) => `${titleOf(one)} of ${one.label}`).join(', ');
  const lines: string[] = [];
  const never = of('sentences');
  if (never.length > 0) {
    const larger = never.flatMap(({ sentences: n }) => (n === null ? [] : [n]));
    const size = larger.length > 0 ? `; ${whole(Math.min(...larger))} sentences or more would be needed, with ${mostForSentences} seeds` : ''; // prettier-ignore
    lines.push(
      `${pointsText(effect)} cannot be shown with these ${whole(sentences)} sentences of ${split}, however many seeds: ${named(never)}${size}`,
    );
  }
  const many = of('many');
  if (many.length > 0)
    lines.push(`more than ${most} seeds would be needed, for seeds differ by more than that: ${named(many)}`);
  const silent = of('silent');
  if (silent.length > 0)
    lines.push(
      `nothing can be said where no run of either loss found one: ${named(silent)}; dsc-train inspect says what is in the files`,
    );
  const resamples = of('resamples');
  if (resamples.length > 0) {
    const least = Math.max(...resamples.map(({ family }) => resamplesFor(family)));
    lines.push(
      `so many questions at once need more resamples, or no p-value is small enough after Holm's correction: --resamples ${least} or more (${named(resamples)})`,
    );
  }
  return lines;
}

/** What the power that is claimed is a mean over, and how far it is off. */
function cautions({ pilotSeeds, power, claim }: SeedPlan): string[] {
  const met = (off: number): string =>
    `${count(Math.abs(Math.round(100 * off)), 'point')} ${off > 0 ? 'less' : 'more'}`;
  const few =
    pilotSeeds < FEWEST_SEEDS
      ? [`${count(pilotSeeds, 'pilot seed')} tell little: believe the numbers in brackets, and plan again with five`]
      : [];
  return [
    `${share(power)} is a mean over corpora on which seeds differ as is usual: in made-up comparisons with two pilot seeds of which ${share(claim.low)} to ${share(claim.high)} was claimed, ${met(claim.usual)} was met; where seeds make half as much of the spread as is usual, ${met(claim.half)}, where twice as much, ${met(claim.twice)}`,
    ...few,
  ];
}
