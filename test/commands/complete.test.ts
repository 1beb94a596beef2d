import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { buildProgram } from '../../src/cli';
import { complete, wordsOf } from '../../src/commands/complete';
import { SHELLS } from '../../src/commands/completion';
import { configKeys } from '../../src/config';
import { RECIPES } from '../../src/config/recipes';
import { ENGINES } from '../../src/engine';
import { LOSSES } from '../../src/losses';
import { LOGS } from '../../src/train/logs';

const program = buildProgram({ proc: process, exitCode: 0 });
const answer = (line: string) => complete(program, wordsOf(line));
const values = async (line: string): Promise<string[]> => (await answer(line)).offers.map(({ value }) => value);

describe('complete', () => {
  it('offers every command, with what it does', async () => {
    const { offers } = await answer('');
    const shown = program.createHelp().visibleCommands(program);
    expect(offers).toEqual(shown.map((command) => ({ value: command.name(), what: command.description() })));
    expect(await values('comp')).toEqual(['compare', 'completion']);
    expect(await values('help ta')).toEqual(['tag']);
    expect(await values('compare-')).toEqual([]);
  });

  it('offers the flags of the command at hand, of train where none is named, and none twice but those that may be', async () => {
    expect(await values('--los')).toEqual(['--loss']);
    expect(await values('compare --los')).toEqual(['--losses']);
    expect(await values('--loss dsc --los')).toEqual([]);
    expect(await values('--set a=1 --se')).toEqual(['--set', '--seed']);
    expect(await values('-l dsc --los')).toEqual([]);
    expect(await values('tag run -- --')).toEqual([]);
  });

  it('offers losses, engines, recipes and the names that a flag takes', async () => {
    expect(await values('--loss ')).toEqual(Object.keys(LOSSES));
    expect(await values('--loss=d')).toEqual(['--loss=dl', '--loss=dsc', '--loss=dice-blog']);
    expect(await values('-l t')).toEqual(['tl']);
    expect(await values('--engine ')).toEqual(['auto', ...Object.keys(ENGINES)]);
    expect(await values('evaluate --engine n')).toEqual(['native']);
    expect(await values('--config ')).toEqual(Object.keys(RECIPES).map((name) => `bundled:${name}`));
    expect(await values('--scheme bio')).toEqual(['bioes']);
    expect(await values('--log ')).toEqual(Object.keys(LOGS));
    expect(await values('convert --to-scheme bio')).toEqual(['bioes']);
    expect(await values('export --to o')).toEqual(['onnx']);
    expect(await values('losses paper-')).toEqual(['paper-ner', 'paper-text']);
    expect(await values('completion ')).toEqual(Object.keys(SHELLS));
  });

  it('offers every key of the config, parameters of the loss at hand, and behind = what they may be', async () => {
    const keys = await values('--set ');
    expect(keys).toEqual(expect.arrayContaining(configKeys().map(({ key }) => `${key}=`)));
    expect(await values('--set loss.al')).toEqual(['loss.alpha=']);
    expect(await values('--loss fl --set loss.al')).toEqual([]);
    expect(await values('--set loss.name=tl --set loss.be')).toEqual(['loss.beta=']);
    expect(await values('--preset paper-ner --set loss.sq')).toEqual(['loss.square=']);
    expect(await values('--set loss.square=')).toEqual(['loss.square=true', 'loss.square=false']);
    expect(await values('--set train.schedule=')).toEqual(['plateau', 'linear', 'cosine'].map((name) => `train.schedule=${name}`)); // prettier-ignore
    expect(await values('--set analysis.gradientShare=t')).toEqual(['analysis.gradientShare=true']);
    expect(await values('losses tl --set al')).toEqual(['alpha=']);
  });

  it('goes on with a list of losses and their parameters', async () => {
    expect(await values('compare --losses ce,ds')).toEqual(['ce,dsc']);
    expect(await values('compare --losses ce,dsc:al')).toEqual(['ce,dsc:alpha=']);
    expect(await values('compare --losses dsc:alpha=0.1:fo')).toEqual(['dsc:alpha=0.1:form=']);
    expect(await values('compare --losses ce,dsc:form=pre')).toEqual(['ce,dsc:form=present']);
  });

  it.each<[string, boolean]>([
    ['tag ', true],
    ['tag run ', true],
    ['tag run a.conll b', true],
    ['--train ', true],
    ['-o ', true],
    ['evaluate --pred=x', true],
    ['compare --corpora ', true],
    ['losses --plot ', true],
    ['--set data.train=', true],
    ['--set data.tr', false],
    ['--seed ', false],
    ['--engine ', false],
    ['convert --to ', false],
    ['export run other ', false],
  ])('says whether a path may stand there: %s', async (line, files) => {
    expect((await answer(line)).files).toBe(files);
  });

  it('takes a line apart as a shell does', () => {
    expect(wordsOf('a  "b c" d\\ e \'f"g\'h ')).toEqual(['a', 'b c', 'd e', 'f"gh', '']);
    expect(wordsOf('a "b ')).toEqual(['a', 'b ']);
    expect(wordsOf('')).toEqual(['']);
  });
});

describe('the scripts', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dsc-complete-'));
  const env = { ...process.env, PATH: `${join(folder, 'bin')}${delimiter}${process.env.PATH ?? ''}` };
  const asked = ['dsc-train --loss=ds', 'dsc-train --set train.schedule=li', 'dsc-train tag on'];
  const has = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).status === 0;
  beforeAll(() => {
    mkdirSync(join(folder, 'bin'));
    symlinkSync(join(__dirname, '../../bin/dsc-train.js'), join(folder, 'bin/dsc-train'));
    writeFileSync(join(folder, 'one.conll'), '');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  (has('bash') ? it : it.skip)('complete in bash, which cuts words at = and :', () => {
    const ask = asked.map((line) => `COMP_LINE='${line}'; COMP_POINT=\${#COMP_LINE}; COMPREPLY=(); _dsc_train; echo "\${COMPREPLY[*]}"`); // prettier-ignore
    const { stdout } = spawnSync('bash', ['-c', `${SHELLS.bash.script}\n${ask.join('\n')}`], { env, cwd: folder, encoding: 'utf8' }); // prettier-ignore
    expect(stdout).toBe('dsc\nlinear\n\n'); // of no answer bash makes file names itself
  });

  (has('fish') ? it : it.skip)('complete in fish, with what each is', () => {
    const ask = asked.map((line) => `complete -C '${line}'`);
    const { stdout } = spawnSync('fish', ['-c', `${SHELLS.fish.script}\n${ask.join('\n')}`], { env: { ...env, HOME: folder, XDG_CONFIG_HOME: folder }, cwd: folder, encoding: 'utf8' }); // prettier-ignore
    expect(stdout).toBe('--loss=dsc\tself-adjusting Dice loss\ntrain.schedule=linear\none.conll\n');
  });

  (has('zsh') ? it : it.skip)('are read by zsh', () => {
    const { status, stderr } = spawnSync('zsh', ['-f', '-n'], { input: SHELLS.zsh.script, encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});
