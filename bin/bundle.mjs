/**
 * `node bin/bundle.mjs` puts the compiled program into few files, dist/program/: starting it then reads ten files in place of three
 * hundred. Packages are built in, each as a file beside that of our own code, loaded when it is first needed: what package.json names
 * as a dependency is what must stay one, and zod, of which the types of the library speak. Our own code keeps its names and lines,
 * for the traces of errors.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative, resolve } from 'node:path';
import { build } from 'esbuild';

const root = resolve(import.meta.dirname, '..');
const to = join(root, 'dist', 'program');
const require = createRequire(import.meta.url);

/** What stays a package of its own: of TensorFlow.js there must be one copy in a process, and what is compiled is found by its place. */
const APART = /^(@tensorflow\/.*|node-gyp-build|node-api-headers)$/;

/** Worked out now in place of whenever they are asked for. */
const PORTRAITS = join(root, 'src/losses/portraits.ts');

const common = {
  absWorkingDir: root,
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  legalComments: 'none', // LICENSES.txt has them whole
  logLevel: 'warning',
  metafile: true,
  outdir: to,
  outExtension: { '.js': '.cjs' },
};

/** What is built in beside our own code: where esbuild finds it, by the name of its file. */
const parts = {};

/** A part though it is ours. */
const IMPORT = join(root, 'src/files/importOf.ts');

function partOf(specifier) {
  const name = specifier.replace(/\W+/g, '-');
  parts[name] = specifier;
  return `./${name}.cjs`;
}

const ours = {
  name: 'ours',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /[\\/]importOf$/ }, () => {
      parts.importOf = IMPORT;
      return { path: './importOf.cjs', external: true };
    });
    onResolve({ filter: /^[^./]/ }, ({ path, kind }) => {
      if (path.startsWith('node:')) return { path, external: true };
      // Node's own `import()` of a package would first search the text of all its files for what they export.
      if (kind === 'dynamic-import') return { path, namespace: 'later' };
      return { path: APART.test(path) ? path : partOf(path), external: true };
    });
    onLoad({ filter: /^/, namespace: 'later' }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
      resolveDir: root,
    }));
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      if (path === PORTRAITS) return { contents: await portraits() };
      const name = relative(root, path);
      const deep = name.split(/[\\/]/).length === 'dist/program/index.cjs'.split('/').length;
      if (!deep && readFileSync(path, 'utf8').includes('__dirname'))
        throw new Error(`${name}: __dirname is dist/program/ there, and its place in the package another`);
      return undefined;
    });
  },
};

/** The packages of the parts: locales that nobody asks for are most of one of them. */
const theirs = {
  name: 'theirs',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path }) => (APART.test(path) ? { path, external: true } : undefined));
    onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({ contents: 'export {};' }));
  },
};

async function portraits() {
  const { openEngine } = require('../dist/engine/index.js');
  const { defaultPortraits } = require('../dist/losses/curve.js');
  const engine = await openEngine('js');
  try {
    return `export const PORTRAITS = ${JSON.stringify(await defaultPortraits())};`;
  } finally {
    engine.dispose();
  }
}

/** The licences of what is built in, as these ask for. @throws Error where a package has none */
function licences(inputs) {
  const folders = new Set(inputs.flatMap((file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []));
  return [...folders].sort().map((folder) => {
    const { name, version, license } = require(join(root, folder, 'package.json'));
    const files = readdirSync(join(root, folder)).filter((file) => /^(licen[cs]e|notice|copying)\b/i.test(file));
    if (files.length === 0 && license === undefined) throw new Error(`${folder}: under which licence?`);
    const texts = files.sort().map((file) => readFileSync(join(root, folder, file), 'utf8').trim());
    return [`${name} ${version}`, ...(texts.length > 0 ? texts : [`Licence: ${license}`])].join('\n\n');
  });
}

rmSync(to, { recursive: true, force: true });
mkdirSync(to, { recursive: true });
const contents = `module.exports = {
  get cli() { return require('./src/cli.ts'); },
  get library() { return require('./src/library/index.ts'); },
};`;
const stdin = { contents, resolveDir: root, sourcefile: 'program.js' };
const program = await build({ ...common, stdin, entryNames: 'index', plugins: [ours] });
const packages = await build({
  ...common,
  entryPoints: parts,
  minify: true,
  plugins: [theirs],
  define: { 'import.meta.url': 'here' },
  banner: { js: 'const here = require("node:url").pathToFileURL(__filename).href;' },
});
const names = Object.keys(require('../dist/library/index.js'));
writeFileSync(
  join(root, 'dist', 'index.cjs'),
  `'use strict';
// What the library exports, for who looks for it without running it: Node, where it is imported by an ES module.
0 && (module.exports = { ${names.join(', ')} });
const program = require('../bin/program.js');
module.exports = program.library;
`,
);
writeFileSync(
  join(to, 'LICENSES.txt'),
  ['What is built into the files of this folder, each under its own licence.', ...licences(Object.keys(packages.metafile.inputs))].join('\n\n' + '-'.repeat(80) + '\n\n') + '\n', // prettier-ignore
);
const sizes = [program, packages].flatMap(({ metafile }) => Object.values(metafile.outputs).map(({ bytes }) => bytes));
const bytes = sizes.reduce((all, one) => all + one, 0);
process.stderr.write(`wrote ${relative(process.cwd(), to)}: ${sizes.length} files, ${Math.round(bytes / 1000)} kB\n`);
spawnSync(process.execPath, [join(root, 'bin', 'compiled.js')], { stdio: 'inherit' });
