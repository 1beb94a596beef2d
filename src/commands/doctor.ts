import { Option } from 'commander';
import type { Diagnosis, Examination } from '../doctor/diagnose';
import { engineRow, ENGINES } from '../engine';
import { present } from '../errors';
import { VERSION } from '../package';
import type { AddCommand } from './context';

interface DoctorFlags {
  readonly engine: string;
  readonly seconds: string;
  readonly json?: true;
}

export const addDoctor: AddCommand = (program, context) => {
  program
    .command('doctor')
    .description('try every engine, test each kernel against the TypeScript ones and measure its speed')
    .addOption(
      new Option('--engine <name>', 'the engine that must work; auto tries all')
        .choices(['auto', ...Object.keys(ENGINES)])
        .default('auto'),
    )
    .option('--seconds <n>', 'time to train for, a figure for each engine; 0 for none', '10')
    .option('--json', 'print what was found as JSON')
    .action(async ({ engine, seconds: text, json }: DoctorFlags) => {
      const { UserError } = await import('../errors.js');
      const { diagnose, examined, machine } = await import('../doctor/diagnose.js');
      const { examinationText } = await import('../report/doctor.js');
      const { toJson } = await import('../report/json.js');
      const seconds = Number(text);
      if (text === '' || !(seconds >= 0 && seconds <= 3600))
        throw new UserError(`--seconds is '${text}'`, 'seconds: a number from 0 to 3600');

      const { stdout, stderr } = context.proc;
      const found: Diagnosis[] = [];
      for (const name of engine === 'auto' ? Object.keys(ENGINES) : [engine]) {
        stderr.write(`trying ${name}\n`);
        // One process can load one TensorFlow, and a native library may end the process that loads it.
        found.push(engine === 'auto' ? await inOwnProcess(name, seconds) : await diagnose(name, seconds));
      }
      const here = machine(process.version.slice(1), process.platform, process.arch);
      const examination = examined(VERSION, here, found, engine);
      stdout.write(json ? toJson(examination) : examinationText(examination));
      if (!examination.works) context.exitCode = 1;
    });
};

/** `doctor --engine <name>` in a process of its own. */
async function inOwnProcess(name: string, seconds: number): Promise<Diagnosis> {
  const { ownProgram, runProgram } = await import('../machine/program.js');
  const [node = '', ...program] = ownProgram();
  const args = [...program, 'doctor', '--json', '--engine', name, '--seconds', String(seconds)];
  const { code, killedBy, printed, complaints } = await runProgram(node, args);
  if (printed !== '') return present((JSON.parse(printed) as Examination).engines[0], 'engine');
  const { what, needs } = present(engineRow(name), name);
  const message = `the process that opened it ended with ${killedBy ?? `exit code ${code}`}`;
  return { engine: name, what, needs, steps: [], works: false, problem: { message, note: complaints.trim() } };
}
