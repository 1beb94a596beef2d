import type { Diagnosis } from '../explain';
import type { Explanation } from '../evaluate/explain';
import { typeTitle } from '../schemes';
import { percent, someOf, visibleLines } from '../wording';

/** Classes that are explained at length where none were asked for, and answers to each. */
const [SHOWN, ANSWERS] = [5, 5];

/** The answers class by class, each with its numbers and the command that would change it. */
export function explanationText({ run, notes, weak, classes }: Explanation, all = false): string {
  const shown = all ? classes : classes.slice(0, SHOWN);
  const rest = weak.filter((name) => !classes.slice(0, shown.length).some((one) => one.name === name));
  const lines = [
    ...notes.map((note) => `note: ${note}`),
    ...(notes.length > 0 ? [''] : []),
    ...(classes.length === 0 ? [`${run}: no class is at 0 or weak (F1 below 50, or below two thirds of the micro-average)`] : []), // prettier-ignore
    ...shown.flatMap((one, i) => [...(i > 0 ? [''] : []), ...diagnosisLines(one)]),
    ...(rest.length > 0 && !all
      ? ['', `also at 0 or weak: ${someOf(rest.map(typeTitle), 20)}; --class names one`]
      : []),
  ];
  return visibleLines(`${lines.join('\n')}\n`);
}

function diagnosisLines({ name, split, scored, state, sentence, answers }: Diagnosis): string[] {
  const { f1, tp, support, predicted } = scored;
  const head = `${typeTitle(name)}: F1 ${percent(f1)} on ${split} (${tp} right of ${support} in gold and ${predicted} predicted)`;
  if (answers.length === 0) return [head, `  ${sentence}`];
  return [
    head,
    ...(state === 'well' ? [`  ${sentence}; what stands out all the same:`] : []),
    ...answers.slice(0, ANSWERS).flatMap(({ because, numbers, command, weight }, i) => [
      `  ${i + 1}. ${typeTitle(name)} ${because}`,
      `     evidence: ${Object.entries(numbers)
        .map(([what, value]) => `${what} ${String(value)}`)
        .join(', ')} (weight ${weight.toFixed(2)})`,
      `     try: ${command}`,
    ]),
  ];
}
