/*
 * npm run test:pack: packs the package, installs the tarball into an empty folder, looks for modules that are not of this source,
 * and opens the native engine there: once from the prebuilt kernels with the install script off, and once with the kernels taken
 * out and no compiler, where the install must succeed all the same, say why in one line, and leave `auto` with the js engine.
 * Between the two the library is used as programs use it: from CommonJS, from an ES module, and by TypeScript in every way that it
 * finds packages.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

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
  const left = modules(join(installed, 'dist'), '.d.ts').filter((name) => !sources.includes(name));
  expect('nothing of an older build is packed', left.join(' '), /^$/);
  const maps = modules(installed, '.map').concat(modules(join(installed, 'dist'), '.js'));
  expect('the program is packed once, without maps of sources that are not there', maps.join(' '), /^$/);
  expect('the tarball is small', String(measure('tarball', sizeOf(join(folder, tarball)), 3e6)), /^true$/);
  expect('all that is installed is small', String(measure('installed', sizeOfTree(), 75e6)), /^true$/);

  expect('prebuilt kernels open', open('native'), /^native: CPU, native kernels/);
  for (const args of [['--help'], ['losses'], ['config'], ['inspect', join(root, 'data/ner/dev.conll')]])
    expect(`${args[0]} prints what a checkout prints`, String(program(installed, args) === modulesOf(args)), /^true$/);

  useLibrary();

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

/** The engine that a training takes, and why. */
function open(engine) {
  writeFileSync(
    join(folder, 'open.cjs'),
    `const small = { hidden: 4, wordDim: 4, affixDim: 0 };
    const config = { model: small, train: { epochs: 1 }, engine: { name: '${engine}' }, out: 'opened' };
    require('dsc-train').train(config, { overwrite: true }).then(({ result }) =>
      console.log(result.engine.name + ': ' + result.engine.device + ', ' + result.engine.why));`,
  );
  const env = { ...process.env, DSC_TRAIN_HOME: folder }; // without the libtensorflow that `setup` may have put elsewhere
  return execFileSync(process.execPath, ['open.cjs'], { encoding: 'utf8', cwd: folder, env });
}

/** What the program of a package prints. */
function program(folder, args, options = {}) {
  const bin = join(folder, 'bin/dsc-train.js');
  return execFileSync(process.execPath, [bin, ...args], { encoding: 'utf8', ...options });
}

/** What the modules of the checkout print, of which the program was made. */
function modulesOf(args) {
  const script = `const { run, thisProcess } = require(${JSON.stringify(join(root, 'dist/cli.js'))});
    run(thisProcess()).then((code) => { process.exitCode = code; });`;
  return execFileSync(process.execPath, ['-e', script, 'dsc-train', ...args], { encoding: 'utf8' });
}

function sizeOf(path) {
  return statSync(path).size;
}

/** Bytes of the tree by package, of which the larger ones are printed. */
function sizeOfTree() {
  const sizes = {};
  for (const entry of readdirSync(join(folder, 'node_modules'), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath ?? entry.path, entry.name);
    const [name] = /^(@[^/]+\/)?[^/]+/.exec(relative(join(folder, 'node_modules'), path).replaceAll('\\', '/'));
    sizes[name] = (sizes[name] ?? 0) + sizeOf(path);
  }
  const rows = Object.entries(sizes).sort(([, a], [, b]) => b - a);
  for (const [name, bytes] of rows) console.log(`  ${(bytes / 1e6).toFixed(1).padStart(6)} MB  ${name}`);
  return rows.reduce((sum, [, bytes]) => sum + bytes, 0);
}

/** Prints a size, and says whether it is below its limit. */
function measure(what, bytes, limit) {
  console.log(`${what}: ${(bytes / 1e6).toFixed(2)} MB of at most ${limit / 1e6}`);
  return bytes < limit;
}

/** The examples of the documentation are what is compiled: they are run in test/library. */
function useLibrary() {
  writeFileSync(
    join(folder, 'train.cjs'),
    `const { train, LOSSES } = require('dsc-train');
    const small = { hidden: 4, wordDim: 4, affixDim: 0 };
    train({ model: small, train: { epochs: 1, warmupEpochs: 1 }, out: 'run' }, { overwrite: true }).then(({ folder, result }) =>
      console.log(folder, result.history.length, Object.keys(LOSSES).length > 5));`,
  );
  expect('CommonJS trains', node('train.cjs'), /^run 1 true\n$/);
  writeFileSync(
    join(folder, 'tag.mjs'),
    `import { createRequire } from 'node:module';
    import { loadTagger, LOSSES, UserError } from 'dsc-train';
    const tagger = await loadTagger('run');
    const [{ tokens }] = await tagger.tag([['Anna', 'lives']]);
    tagger.dispose();
    const common = createRequire(import.meta.url)('dsc-train');
    console.log(tokens.length, common.LOSSES === LOSSES, common.UserError === UserError);`,
  );
  expect('an ES module tags, and has the same instance', node('tag.mjs'), /^2 true true\n$/);

  const docs = ['README.md', 'train.ts', 'compare.ts'].map((file) =>
    readFileSync(join(root, 'src/library', file), 'utf8'),
  );
  const examples = docs.flatMap((text) =>
    [...text.replace(/^ \* ?/gm, '').matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, code]) => code),
  );
  const modules = examples.map((code, i) => {
    writeFileSync(join(folder, `use${i}.mts`), code);
    return `use${i}.mts`;
  });
  writeFileSync(
    join(folder, 'use.cts'),
    `import dsc = require('dsc-train');
    const spec: dsc.LossSpec = dsc.defineLoss({ name: 'x', title: '', formula: '', source: '', params: {}, create: (tf) => (z) => tf.mean(z) });
    const training: Promise<dsc.RunOutcome> = dsc.train({ loss: { name: 'dsc', alpha: 0.1 } });
    export const all = [spec, training];`,
  );
  cpSync(join(root, 'node_modules/@types/node'), join(folder, 'node_modules/@types/node'), { recursive: true });
  cpSync(join(root, 'node_modules/undici-types'), join(folder, 'node_modules/undici-types'), { recursive: true });
  const tsc = (...args) => {
    const strict = [
      '--noEmit',
      '--strict',
      '--exactOptionalPropertyTypes',
      '--target',
      'es2022',
      '--types',
      'node',
      '--skipLibCheck',
    ];
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    return spawnSync(process.execPath, [compiler, ...strict, ...args], { cwd: folder, encoding: 'utf8' }).stdout;
  };
  expect('there are examples to compile', String(examples.length), /^[4-9]$/);
  expect('TypeScript compiles for Node', tsc('--module', 'node16', ...modules, 'use.cts'), /^$/);
  expect(
    'TypeScript compiles for a bundler',
    tsc('--module', 'esnext', '--moduleResolution', 'bundler', ...modules),
    /^$/,
  );
  expect('a wrong use does not compile', tsc('--module', 'node16', wrong()), /TS2353|TS2322|TS2345/);
}

function wrong() {
  writeFileSync(
    join(folder, 'wrong.mts'),
    `import { train } from 'dsc-train';\nawait train({ train: { epoch: 3 } });\n`,
  );
  return 'wrong.mts';
}

/** What a program in the folder prints. */
function node(file) {
  return execFileSync(process.execPath, [file], { cwd: folder, encoding: 'utf8' });
}

function expect(what, found, pattern) {
  const fits = pattern.test(found);
  console.log(`${fits ? 'ok' : 'FAILED'}: ${what}${fits ? '' : `: found ${JSON.stringify(found)}`}`);
  if (!fits) process.exitCode = 1;
}
