import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { join, resolve } from 'node:path';
import { temporaryFolder } from './binary';

const ROOT = resolve(__dirname, '../..');

/** The program as a package holds it. */
const packed = temporaryFolder();
for (const part of ['bin', 'dist/program', 'package.json'])
  cpSync(join(ROOT, part), join(packed, part), { recursive: true });
for (const part of ['configs', 'data', 'node_modules', 'src']) symlinkSync(join(ROOT, part), join(packed, part), 'dir');
const program = join(packed, 'dist/program');

/** Tells of each script whether V8 took what was compiled before. */
const SPY = join(packed, 'spy.cjs');
writeFileSync(
  SPY,
  `const vm = require('node:vm');
  const taken = {};
  const { Script } = vm;
  vm.Script = function (text, options) {
    const script = new Script(text, options);
    taken[require('node:path').basename(options.filename)] = script.cachedDataRejected === false;
    return script;
  };
  process.on('exit', () => process.stderr.write('taken ' + JSON.stringify(taken)));`,
);

/** What a command prints, and of each file whether it came compiled. */
function run(...args: readonly string[]): { stdout: string; taken: Record<string, boolean> } {
  const bin = join(packed, 'bin/dsc-train.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-r', SPY, bin, ...args], { encoding: 'utf8' });
  expect(status).toBe(0);
  return { stdout, taken: JSON.parse(stderr.split('taken ')[1] ?? '') as Record<string, boolean> };
}

function compile(): void {
  const { status, stderr } = spawnSync(process.execPath, [join(packed, 'bin/compiled.js')], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
}

const compiled = join(program, 'compiled');
const keptFiles = (): string[] => readdirSync(compiled, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.bin')); // prettier-ignore

/** From 22.8 on Node does it, wherever it is told to. */
const withOwn = 'enableCompileCache' in nodeModule ? describe.skip : describe;

withOwn('the program, compiled before', () => {
  it('says the same, and is taken from there', () => {
    rmSync(compiled, { recursive: true, force: true });
    const plain = run('losses', 'dsc');
    expect(plain.taken).toEqual({});
    compile();
    const { stdout, taken } = run('losses', 'dsc');
    expect(stdout).toBe(plain.stdout);
    expect(taken).toMatchObject({ 'index.cjs': true, 'commander.cjs': true });
    expect(keptFiles().filter((name) => /tf-(core|backend-cpu)/.test(name)).length).toBe(2);
  });

  it('is compiled again where its source is newer, as long as before', () => {
    const index = join(program, 'index.cjs');
    const source = readFileSync(index, 'utf8');
    writeFileSync(index, source.replaceAll('self-adjusting Dice', 'self-adjusted  Dice'));
    const later = new Date(Date.now() + 5000);
    utimesSync(index, later, later);
    const { stdout, taken } = run('losses', 'dsc');
    expect(stdout).toContain('self-adjusted  Dice');
    expect(taken['index.cjs']).toBe(false);
    writeFileSync(index, source);
    compile();
  });

  it('runs code of the user: the file that imports it is not among those', () => {
    const file = join(packed, 'my-loss.mjs');
    writeFileSync(file, `export default { name: 'mine', create: (tf) => (z) => tf.square(z) };`);
    const bin = join(packed, 'bin/dsc-train.js');
    const { stderr } = spawnSync(process.execPath, [bin, 'losses', file], { encoding: 'utf8' });
    expect(stderr).toContain('the loss is a tensor of shape'); // it breaks the contract, which only shows once it runs
    expect(readFileSync(join(program, 'index.cjs'), 'utf8')).not.toContain('import('); // else it would not be taken
  });

  it('is refused where another V8 made it', () => {
    for (const name of keptFiles()) {
      const path = join(compiled, name);
      const bytes = readFileSync(path);
      bytes.writeInt32LE(bytes.readInt32LE(4) ^ 1, 4); // the hash of its version
      writeFileSync(path, bytes);
    }
    const { stdout, taken } = run('losses', 'dsc');
    expect(stdout).toContain('self-adjusting Dice');
    expect(taken).toMatchObject({ 'index.cjs': false, 'commander.cjs': false });
  });
});
