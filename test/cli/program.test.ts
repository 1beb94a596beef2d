import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { BINARY, cut, temporaryFolder } from './binary';

const ROOT = resolve(__dirname, '../..');
const folder = temporaryFolder();
const LOADED = join(folder, 'loaded.cjs');
writeFileSync(
  LOADED,
  `process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(join(folder, 'loaded.json'))}, JSON.stringify(Object.keys(require.cache))));`,
);

/** What a command prints, and the files of code that it loaded. */
function loadedBy(args: readonly string[], bin = BINARY): { printed: string; files: string[] } {
  const { stdout, stderr } = spawnSync(process.execPath, ['-r', LOADED, bin, ...args], { encoding: 'utf8', cwd: ROOT });
  const files = JSON.parse(readFileSync(join(folder, 'loaded.json'), 'utf8')) as string[];
  return {
    printed: stdout + stderr,
    files: files.filter((file) => file !== LOADED).map((file) => relative(ROOT, file)),
  };
}

describe('the program in few files', () => {
  const small = cut('ner/dev.conll', 30, folder);
  const scored = join(folder, 'scored.conll');
  writeFileSync(scored, readFileSync(small, 'utf8').replace(/^(\S+)\t(\S+)$/gm, '$1\t$2\t$2'));

  it.each([
    ['losses', []],
    ['losses', ['dsc']],
    ['inspect', [small]],
    ['evaluate', ['--pred', scored]],
    ['config', []],
  ])('%s %j needs no tensors, and few files', (command, args) => {
    const { files } = loadedBy([command, ...args]);
    expect(files).toContain(join('dist', 'program', 'index.cjs'));
    expect(files.filter((file) => file.includes('tfjs'))).toEqual([]);
    expect(files.length).toBeLessThan(12);
  });

  it('prints of losses what the modules work out', () => {
    const modules = join(folder, 'modules.cjs');
    writeFileSync(
      modules,
      `const { run, thisProcess } = require(${JSON.stringify(join(ROOT, 'dist/cli.js'))});
      run(thisProcess()).then((code) => { process.exitCode = code; });`,
    );
    for (const args of [
      ['losses', 'dsc'],
      ['losses', 'fl', '--set', 'gamma=1'],
      ['losses', 'nosuch'],
    ]) {
      const { printed, files } = loadedBy(args, modules);
      expect(files).not.toContain(join('dist', 'program', 'index.cjs'));
      expect(loadedBy(args).printed).toBe(printed);
    }
  });

  it('names the licences of all that it has built in', () => {
    const licences = readFileSync(join(ROOT, 'dist/program/LICENSES.txt'), 'utf8');
    for (const name of ['csv-parse', 'zod', 'commander', 'protobufjs'])
      expect(licences).toMatch(new RegExp(`^${name} \\d`, 'm'));
    expect(licences).toContain('MIT License');
  });

  it('gives the library under the names of its module', () => {
    const library = join(ROOT, 'dist/index.cjs');
    const script = `import * as all from ${JSON.stringify(library)}; console.log(Object.keys(all).sort().join())`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    const common = spawnSync(
      process.execPath,
      ['-p', `Object.keys(require(${JSON.stringify(library)})).sort().join()`],
      {
        encoding: 'utf8',
      },
    );
    expect(existsSync(library)).toBe(true);
    expect(stdout.trim().split(',')).toEqual(
      expect.arrayContaining(['LOSSES', 'UserError', 'compare', 'loadTagger', 'train']),
    );
    expect(stdout.trim().split(',').filter((name) => name !== 'default' && name !== 'module.exports').join()).toBe(common.stdout.trim()); // prettier-ignore
  });
});
