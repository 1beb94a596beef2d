/*
 * node src/native/windows.mjs: compiles the kernels for Windows on x64 by MinGW-w64, on Windows itself or from Linux, into
 * prebuilds/win32-x64/, where node-gyp-build finds them. node-gyp would take Microsoft's compiler, which has no vectors of GCC's kind.
 */
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const require = createRequire(import.meta.url);
const { def_paths: exported, include_dir: headers } = require('node-api-headers');
const folder = import.meta.dirname;
const { target_defaults: common, targets, conditions } = binding();

const prefix = process.platform === 'win32' ? '' : 'x86_64-w64-mingw32-';
const work = mkdtempSync(join(tmpdir(), 'dsc-windows-'));
const output = join(folder, 'prebuilds', 'win32-x64', 'node.napi.node');

try {
  const every = [...common.cflags_cc, '-DDSC_X64'];
  const x64 = conditions.find(([condition]) => condition === 'target_arch=="x64"')[1].targets;
  const kernels = [targets.find(({ target_name: name }) => name === 'plain'), ...x64];
  const addon = targets.find(({ target_name: name }) => name === 'dsc_native');
  const objects = kernels.map(({ target_name: name, defines, cflags_cc: flags = [] }) =>
    compile('kernels.cc', name, [...every, ...defines.map((one) => `-D${one}`), ...flags]),
  );
  for (const source of addon.sources)
    objects.push(compile(source, source, [...every, ...addon.defines.map((one) => `-D${one}`), `-I${headers}`]));
  const libraries = Object.entries(exported).map(([name, def]) => {
    const library = join(work, `lib${name}.a`);
    run('dlltool', ['-d', def, '-D', 'node.exe', '-l', library]);
    return library;
  });
  mkdirSync(join(output, '..'), { recursive: true });
  run('g++', ['-shared', '-static', '-s', '-o', output, ...objects, ...libraries]);
} finally {
  rmSync(work, { recursive: true });
}
console.log(output);

/** The one description of what is compiled how. */
function binding() {
  const text = readFileSync(join(folder, 'binding.gyp'), 'utf8');
  const json = text.replace(/^\s*#.*$/gm, '').replace(/'((?:[^'\\]|\\.)*)'/g, (_, inside) => JSON.stringify(inside.replace(/\\'/g, "'"))); // prettier-ignore
  return JSON.parse(json.replace(/,(\s*[\]}])/g, '$1'));
}

function compile(source, name, flags) {
  const object = join(work, `${name}.o`);
  // GCC on Windows aligns no stack for vectors wider than 16 bytes: its moves to and from it must do without.
  run('g++', [...flags, '-Wa,-muse-unaligned-vector-move', '-c', join(folder, source), '-o', object]);
  return object;
}

function run(tool, args) {
  execFileSync(prefix + tool, args, { stdio: ['ignore', 'inherit', 'inherit'] });
}
