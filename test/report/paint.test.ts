import { stripVTControlCharacters } from 'node:util';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { painted, wantsColour } from '../../src/report/paint';

describe('painted', () => {
  const said = [
    'error: a.conll:1:1: nothing',
    'note: give it something',
    'warning: few seeds',
    'floor missed: micro-f1',
    'epoch 3/9  loss 0.1000  dev 70.00  rate 0.005  9 tokens/s  0.1 s  best',
    'the run is in runs/x',
    'plain words: an error: in the middle, the best of all',
  ];

  it('changes nothing but colour, and only where a message begins or a best epoch ends', () => {
    const shown = painted(said.join('\n'));
    expect(stripVTControlCharacters(shown)).toBe(said.join('\n'));
    const coloured = shown.split('\n').map((line, i) => line !== said[i]);
    expect(coloured).toEqual([true, true, true, true, true, true, false]);
    expect(shown).toContain('\u001b[31merror');
  });
});

describe('wantsColour', () => {
  it.each<[string, boolean, Record<string, string>, boolean]>([
    ['a terminal', true, {}, true],
    ['a pipe', false, {}, false],
    ['a terminal without colours', true, { TERM: 'dumb' }, false],
    ['NO_COLOR', true, { NO_COLOR: '1' }, false],
    ['NO_COLOR, empty, which is none', true, { NO_COLOR: '' }, true],
    ['FORCE_COLOR for a pipe', false, { FORCE_COLOR: '1' }, true],
    ['FORCE_COLOR against NO_COLOR', false, { FORCE_COLOR: '3', NO_COLOR: '1' }, true],
    ['FORCE_COLOR=0', true, { FORCE_COLOR: '0' }, false],
    ['FORCE_COLOR=false', true, { FORCE_COLOR: 'false' }, false],
  ])('%s', (_, isTTY, env, wanted) => {
    expect(wantsColour(isTTY, env)).toBe(wanted);
  });

  it('is asked of standard error alone: a result has no colour however it is forced', () => {
    const program = join(__dirname, '../../bin/dsc-train.js');
    const run = (args: string[], env: Record<string, string>) =>
      spawnSync(process.execPath, [program, ...args], { encoding: 'utf8', env: { PATH: process.env.PATH, ...env } });
    expect(run(['no-command'], {}).stderr).toMatch(/^error: no command/);
    const forced = run(['no-command'], { FORCE_COLOR: '1' });
    expect(forced.stderr).toMatch(/^(\u001b\[\d+m)+error/);
    expect(run(['config'], { FORCE_COLOR: '1' }).stdout).toBe(run(['config'], {}).stdout);
  });
});
