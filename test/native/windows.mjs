/*
 * npm run test:windows [-- node.exe]: compiles the kernels for Windows, and under Wine holds every one against its TypeScript twin, on
 * each instruction set that this processor has. Without a node.exe to run it compiles alone, and says so.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const [node] = process.argv.slice(2);
const { status } = spawnSync(process.execPath, [join(root, 'src/native/windows.mjs')], { stdio: 'inherit' });
if (status !== 0) process.exitCode = 1;
else if (node === undefined) console.log('test:windows compiled, and ran nothing: it was given no node.exe');
else check();

function check() {
  const folder = mkdtempSync(join(tmpdir(), 'dsc-windows-'));
  try {
    const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const packages = [...Object.keys(dependencies), 'seedrandom', 'long'];
    for (const path of ['bin', 'package.json', 'dist/program', 'src/native/prebuilds', ...packages.map((name) => `node_modules/${name}`)])
      cpSync(join(root, path), join(folder, path), { recursive: true, dereference: true }); // prettier-ignore
    mkdirSync(join(folder, 'prefix'));
    for (const isa of ['avx512', 'avx2', 'plain']) {
      const said = doctor(folder, isa);
      const ran = /native kernels \((\w+)\)/.exec(said)?.[1];
      const checked = said.match(/ ok$/gm)?.length ?? 0;
      if (ran !== undefined && ran !== isa) console.log(`skipped: ${isa}, which this processor has not`);
      else if (/^engine native: works$/m.test(said) && checked >= 18) console.log(`ok: ${checked} kernels of ${isa}`);
      else {
        console.log(`FAILED: ${isa}\n${said}`);
        process.exitCode = 1;
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What it prints goes to a file: Node finds no pipes under Wine. */
function doctor(folder, isa) {
  const env = {
    ...process.env,
    WINEPREFIX: join(folder, 'prefix'),
    WINEDEBUG: '-all',
    NODE_SKIP_PLATFORM_CHECK: '1',
    DSC_TRAIN_ISA: isa,
  };
  const output = join(folder, 'output');
  const file = openSync(output, 'w');
  spawnSync('wine', [node, join(folder, 'bin/dsc-train.js'), 'doctor', '--engine', 'native'], {
    stdio: ['ignore', file, file],
    env,
    timeout: 300_000,
  });
  return readFileSync(output, 'utf8').replace(/\r/g, '');
}
