'use strict';

/**
 * What V8 compiled of the program, kept beside it (dist/program/compiled/), so that a start need not compile it again. Node does this by
 * itself from 22.8 on; for earlier versions `node bin/compiled.js` does it once, where the program is built or installed. No command
 * writes there, and nothing is read from a place where others may write. What another Node, other flags or another processor made is not
 * found, or refused by V8, and what is older than its source is not taken: then V8 compiles as ever.
 */
const { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } = require('node:fs');
const Module = require('node:module');
const { basename, dirname, join, relative } = require('node:path');
const { Writable } = require('node:stream');
const { cachedDataVersionTag } = require('node:v8');
const { Script } = require('node:vm');

const program = join(__dirname, '..', 'dist', 'program');
const folder = join(program, 'compiled');
const kept = join(folder, [process.version, process.platform, process.arch, cachedDataVersionTag()].join('-'));

/** The files of the program, and those of TensorFlow.js, wherever they were installed. */
const isOurs = (path) => dirname(path) === program || /^tf-.*\.node\.js$/.test(basename(path));

/** One for each path: TensorFlow.js may be there twice. */
const nameOf = (path) => `${encodeURIComponent(relative(program, path))}.bin`;

function compiledOf(path) {
  const file = join(kept, nameOf(path));
  try {
    return statSync(file).mtimeMs >= statSync(path).mtimeMs ? readFileSync(file) : undefined;
  } catch {
    return undefined; // not there, or being made anew
  }
}

/**
 * From here on the program is loaded by way of its compiled form.
 * @param compiled  gives that of a file; none is compiled now
 * @param loaded    told of the script of each file
 */
function install(compiled, loaded = () => undefined) {
  const load = Module._extensions['.js'];
  Module._extensions['.js'] = (module, path) => {
    const text = isOurs(path) ? readFileSync(path, 'utf8') : '';
    // V8 forgets how a script imports that it takes from its cache
    if (text === '' || text.includes('import(')) return load(module, path);
    const script = new Script(Module.wrap(text), { filename: path, cachedData: compiled(path) });
    loaded(path, script);
    const own = Module.createRequire(path);
    return script.runInThisContext().call(module.exports, module.exports, own, module, path, dirname(path));
  };
}

/** Takes what is kept for this Node, where it is. */
function use() {
  if (Module.enableCompileCache === undefined && statSync(kept, { throwIfNoEntry: false })) install(compiledOf);
}

const DEV = join(__dirname, '../data/ner/dev.conll');

/** Small commands, whose functions are compiled then: those that people wait for. */
const COMMANDS = [['losses'], ['losses', 'dsc'], ['inspect', DEV], ['evaluate', '--pred', DEV, '--gold', DEV]];

/** Runs the program, and keeps what was compiled by then for this Node, in place of all that was kept before. */
async function keep() {
  rmSync(folder, { recursive: true, force: true });
  if (Module.enableCompileCache !== undefined || !statSync(program, { throwIfNoEntry: false })) return;
  const scripts = new Map();
  install(
    () => undefined,
    (path, script) => scripts.set(path, script),
  );
  const { cli } = require('../dist/program/index.cjs');
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  for (const args of COMMANDS) {
    const argv = [...process.argv.slice(0, 2), ...args];
    const code = await cli.run({ ...cli.thisProcess(), argv, stdout: nowhere, stderr: nowhere });
    if (code !== 0) throw new Error(`${args.join(' ')}: exit code ${code}`);
  }
  for (const name of ['core', 'backend-cpu']) require(`@tensorflow/tfjs-${name}`);
  const half = `${kept}.${process.pid}`;
  mkdirSync(half, { recursive: true });
  for (const [path, script] of scripts) writeFileSync(join(half, nameOf(path)), script.createCachedData(), { flush: true }); // prettier-ignore
  renameSync(half, kept); // whole or not at all: V8 looks at its head alone
}

module.exports = { use };

if (require.main === module)
  keep().catch((error) => {
    process.stderr.write(`dsc-train: starts slower, since it could not be kept compiled (${error.message})\n`);
  });
