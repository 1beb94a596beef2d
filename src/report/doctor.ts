import type { Diagnosis, Examination } from '../doctor/diagnose';
import { whole } from '../wording';
import { align } from './text';

/** What the doctor found, for people. */
export function examinationText({ version, machine, engines, asked, works }: Examination): string {
  const { node, system, processor, cores } = machine;
  const auto = engines.find(({ device }) => device !== undefined)?.engine;
  const verdict = asked === 'auto' ? `a run takes the engine ${auto ?? '-'}` : `engine ${asked}`;
  return [
    `dsc-train ${version}, Node ${node}, ${system}, ${processor}, ${cores} ${cores === 1 ? 'core' : 'cores'}`,
    ...engines.map((diagnosis) => `\n${diagnosisText(diagnosis)}`),
    `\n${verdict}: ${works ? 'works' : 'does not work'}\n`,
  ].join('\n');
}

export function diagnosisText(diagnosis: Diagnosis): string {
  const { engine, what, needs, steps, problem, device, threads, versions, kernels, speed } = diagnosis;
  const lines = [`${engine}: ${what}`, `  needs    ${needs}`];
  for (const step of steps)
    lines.push(
      `           ${step.step}: ${'found' in step ? step.found : `MISSING: ${step.problem}\n             ${step.mend}`}`,
    );
  if (problem) lines.push(`  problem  ${indent(problem.message)}`, `  to do    ${indent(problem.note)}`);
  if (device !== undefined) lines.push(`  device   ${device}, ${threads ?? 1} ${threads === 1 ? 'thread' : 'threads'}`);
  if (versions)
    lines.push(
      `  has      ${Object.entries(versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(', ')}`,
    );
  if (kernels) {
    const rows = kernels.map(({ kernel, error, passed, reason }) => [
      `    ${kernel}`,
      error === null ? '-' : error.toExponential(1),
      passed ? 'ok' : `FAILED: ${reason ?? ''}`,
    ]);
    lines.push('  kernels against the TypeScript ones, largest relative error', ...align(rows));
  }
  if (speed) {
    const { tokensPerSecond, stepMilliseconds, steps, seconds, task } = speed;
    lines.push(
      `  speed    ${whole(tokensPerSecond)} tokens/s in training, ${stepMilliseconds} ms a step (median of ${steps} in ${seconds} s)`,
      `           ${task}`,
    );
  }
  return lines.join('\n');
}

const indent = (text: string): string => text.split('\n').join('\n           ');
