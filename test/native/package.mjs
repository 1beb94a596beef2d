/*
 * npm run test:pack: packs the package, installs the tarball into an empty folder, looks for modules that are not of this source,
 * and opens the native engine there: once from the prebuilt kernels with the install script off, and once with the kernels taken
 * out and no compiler, where the install must succeed all the same, say why in one line, and leave `auto` with the js engine.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'dsc-train-pack-'));
const installed = join(folder, 'node_modules/dsc-train');
const npm = (args, options) => execFileSync('npm', [...args, '--silent', '--no-audit', '--no-fund'], options);

try {
  npm(['pack', `--pack-destination=${folder}`], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  npm(['install', '--ignore-scripts', `./${tarball}`], { cwd: folder, stdio: 'inherit' });
  const modules = (folder, extension) =>
    readdirSync(folder, { recursive: true }).flatMap((file) =>
      file.endsWith(extension) ? [file.slice(0, -extension.length)] : [],
    );
  const sources = modules(join(root, 'src'), '.ts');
  const left = modules(join(installed, 'dist'), '.js').filter((name) => !sources.includes(name));
  expect('nothing of an older build is packed', left.join(' '), /^$/);

  expect('prebuilt kernels open', open('native'), /^native: CPU, native kernels/);

  rmSync(join(installed, 'src/native/prebuilds'), { recursive: true });
  const bare = { ...process.env, CXX: 'no-compiler', CC: 'no-compiler', npm_config_node_gyp: '', PATH: '/nowhere' };
  const { status, stderr } = spawnSync(process.execPath, [join(installed, 'src/native/install.mjs')], {
    encoding: 'utf8',
    env: bare,
  });
  expect('install without a compiler succeeds', String(status), /^0$/);
  expect('  and says so in one line', stderr, /^dsc-train: native kernels not built \(.+\).*\n$/);
  expect('auto then takes another', open('auto'), /^js: .*native: its kernels are not built/);
} finally {
  rmSync(folder, { recursive: true });
}

function open(engine) {
  const script = `require(${JSON.stringify(join(installed, 'dist/engine/index.js'))}).openEngine('${engine}')
    .then(({ name, device, why }) => console.log(name + ': ' + device + ', ' + why))`;
  const env = { ...process.env, DSC_TRAIN_HOME: folder }; // without the libtensorflow that `setup` may have put elsewhere
  return execFileSync(process.execPath, ['-e', script], { encoding: 'utf8', cwd: folder, env });
}

function expect(what, found, pattern) {
  const fits = pattern.test(found);
  console.log(`${fits ? 'ok' : 'FAILED'}: ${what}${fits ? '' : `: found ${JSON.stringify(found)}`}`);
  if (!fits) process.exitCode = 1;
}
