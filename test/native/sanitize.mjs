/*
 * npm run test:asan: compiles the addon with AddressSanitizer and UndefinedBehaviorSanitizer into a folder of its own, and
 * calls every entry with random shapes on every instruction set, single rows and steps, odd widths and empty batches included.
 *
 * npm run test:tsan: compiles race.cc with the thread pool and the kernels with ThreadSanitizer, and runs it.
 *
 * Any report of a sanitizer ends the run with its message and exit code 1. Linux with GCC or Clang; elsewhere, and where the
 * compiler has no runtime of the sanitizer, one line says that nothing was run and why.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';

const source = join(import.meta.dirname, '../../src/native');

/** Floats of gates in a chunk of the LSTM: some rows, so that a batch of some sentences has many chunks. */
const CHUNK_FLOATS = 1000;
const compiler = process.env.CXX ?? 'c++';

if (process.env.DSC_SANITIZED_ADDON !== undefined) {
  exercise(createRequire(import.meta.url)(process.env.DSC_SANITIZED_ADDON));
} else {
  const thread = process.argv.includes('--thread');
  const reason = lacking(thread ? ['libtsan.so'] : ['libasan.so', 'libubsan.so']);
  if (reason === undefined) process.exitCode = thread ? races() : build();
  else console.log(`test:${thread ? 'tsan' : 'asan'} skipped: ${reason}`);
}

/** Why the sanitizers cannot run here, if so. */
function lacking(runtimes) {
  if (process.platform !== 'linux') return `sanitizers are run on Linux alone, not on ${process.platform}`;
  if (spawnSync(compiler, ['--version']).status !== 0) return `no C++ compiler (${compiler})`;
  const missing = runtimes.find((name) => !existsSync(runtime(name)));
  return missing && `${compiler} has no ${missing}`;
}

function races() {
  const folder = mkdtempSync(join(tmpdir(), 'dsc-tsan-'));
  try {
    const program = join(folder, 'race');
    const isa = ['DSC_ISA=plain', 'DSC_TABLE=kernelsPlain', 'DSC_VECTOR=4', 'DSC_TILE_ROWS=6'];
    const flags = ['-std=c++17', '-O1', '-g', '-fsanitize=thread', '-pthread', '-ffp-contract=fast', `-I${source}`];
    const defines = [...isa, `DSC_CHUNK_FLOATS=${CHUNK_FLOATS}`].map((define) => `-D${define}`);
    const sources = ['isa.cc', 'pool.cc', 'kernels.cc'].map((name) => join(source, name));
    const race = join(import.meta.dirname, 'race.cc');
    const built = spawnSync(compiler, [...flags, ...defines, race, ...sources, '-o', program], { stdio: 'inherit' });
    if (built.status !== 0) return 1;
    const env = { ...process.env, TSAN_OPTIONS: 'halt_on_error=1:exitcode=1' };
    // Without randomised addresses: older runtimes do not know all the places where new kernels put a program.
    const { status, signal } = spawnSync('setarch', ['-R', program], { stdio: 'inherit', env, timeout: 300_000 });
    if (signal) console.error(`test:tsan: ended by ${signal} after five minutes: threads wait for each other`);
    return status ?? 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function build() {
  const folder = join(import.meta.dirname, '../../build/asan'); // inside the package: binding.gyp looks for a dependency
  mkdirSync(folder, { recursive: true });
  try {
    for (const file of readdirSync(source)) {
      if (/\.(cc|h|gypi?)$/.test(file)) cpSync(join(source, file), join(folder, file));
    }
    const gyp = process.env.npm_config_node_gyp;
    const start = gyp === undefined ? ['node-gyp'] : [process.execPath, gyp];
    const flags = [
      'rebuild',
      '--jobs=max',
      `--directory=${folder}`,
      `--nodedir=${folder}`,
      '--',
      '-Dsanitize=address,undefined',
      `-Dchunk_floats=${CHUNK_FLOATS}`,
    ];
    const built = spawnSync(start[0], [...start.slice(1), ...flags], { encoding: 'utf8' });
    if (built.status !== 0) {
      process.stderr.write(`${built.stdout ?? ''}${built.stderr ?? String(built.error)}\n`);
      return 1;
    }
    const addon = join(folder, 'build/Release/dsc_native.node');
    const run = spawnSync(process.execPath, [import.meta.filename], {
      stdio: 'inherit',
      env: {
        ...process.env,
        DSC_SANITIZED_ADDON: addon,
        LD_PRELOAD: [runtime('libasan.so'), runtime('libubsan.so')].join(' '),
        ASAN_OPTIONS: 'detect_leaks=0:abort_on_error=0:exitcode=1', // Node itself leaves memory to the system at exit
        UBSAN_OPTIONS: 'halt_on_error=1:print_stacktrace=1',
      },
    });
    return run.status ?? 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function runtime(name) {
  const path = spawnSync(compiler, [`-print-file-name=${name}`], { encoding: 'utf8' }).stdout.trim();
  return isAbsolute(path) ? path : join('/nowhere', path); // a compiler without it prints the bare name
}

function exercise(addon) {
  let state = 1;
  const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const below = (n) => Math.floor(random() * n);
  const f = (n) => Float32Array.from({ length: n }, () => random() - 0.5);
  const out = (n) => new Float32Array(n);
  const i32 = (n, limit) => Int32Array.from({ length: n }, () => below(limit));
  let calls = 0;
  const call = (name, ...args) => {
    calls++;
    return addon[name](...args);
  };

  function lstm() {
    const [inputs, units, directions] = [below(40), 1 + below(40), 1 + below(2)];
    const lengths = Array.from({ length: below(5) === 0 ? 0 : 1 + below(9) }, () => 1 + below(below(3) === 0 ? 40 : 3));
    const steps = Int32Array.from({ length: Math.max(0, ...lengths) }, (_, t) => lengths.filter((n) => n > t).length);
    const rows = lengths.reduce((a, b) => a + b, 0);
    const [x, w, b] = [f(rows * inputs), f(directions * (inputs + units) * 4 * units), f(directions * 4 * units)];
    const reserve = out(call('reserveLength', inputs, units, directions, steps));
    const size = rows * directions * units;
    call('lstm', inputs, units, directions, steps, x, w, b, out(size), reserve);
    const grads = [out(x.length), out(w.length), out(b.length)];
    call('lstmGrad', inputs, units, directions, steps, x, w, reserve, f(size), ...grads);
  }

  function crf() {
    const labels = 1 + below(30);
    const lengths = Array.from(
      { length: below(5) === 0 ? 0 : 1 + below(20) },
      () => 1 + below(below(3) === 0 ? 40 : 3),
    );
    const steps = Int32Array.from({ length: Math.max(0, ...lengths) }, (_, t) => lengths.filter((n) => n > t).length);
    const rows = lengths.reduce((a, b) => a + b, 0);
    const scale = below(3) === 0 ? 2000 : 1; // products that doubles do not hold
    const scores = [rows * labels, labels * labels, labels, labels].map((n) => f(n).map((x) => scale * x));
    const bias = [below(labels + 1) - 1, 0.5];
    call('decode', labels, steps, ...scores, ...bias, i32(rows, 1));
    const forbidding = scores.slice(1).map((x) => x.map((y) => (y > scale ? -Infinity : 0)));
    call('decode', labels, steps, scores[0], ...forbidding, ...bias, i32(rows, 1));
    const gold = i32(rows, labels).map((label) => (below(20) === 0 ? -1 : label));
    for (const room of [0, (rows + labels + 2) * labels]) call('crfNll', labels, steps, ...scores, gold, out(room));
    const reserve = out(call('crfReserveLength', labels, steps));
    for (const room of [out(0), reserve]) call('crfMarginals', labels, steps, ...scores, out(rows * labels), room);
    const grads = scores.map((x) => out(x.length));
    call('crfMarginalsGrad', labels, steps, ...scores, reserve, f(rows * labels), ...grads);
  }

  function products() {
    const [m, n, k] = [below(70), below(70), below(600)];
    for (const transposeA of [false, true]) {
      for (const transposeB of [false, true])
        call('matmul', 2, m, n, k, transposeA, transposeB, f(2 * m * k), f(2 * k * n), out(2 * m * n));
    }
    call('dense', m, k, n, f(m * k), f(k * n), f(n), out(m * n));
    call('denseGrad', m, k, n, f(m * k), f(k * n), f(m * n), out(m * k), out(k * n), out(n));
    call('matmul', 1, 300, 200, 260, true, false, f(78000), f(52000), out(60000));
  }

  function rows() {
    const [count, width, table] = [below(60), 1 + below(40), 1 + below(50)];
    call(
      'embed',
      count,
      [f(table * width), f(3)],
      [i32(count, table), i32(count, 3)],
      Int32Array.of(width, 1),
      out(count * (width + 1)),
    );
    const [ids, slotOf] = [new Int32Array(count), new Int32Array(count)];
    const found = call('distinct', i32(count, table), ids, slotOf);
    const sums = out(found * width);
    call('sumRows', found, slotOf, width + 5, 5, width, f(count * (width + 5)), sums);
    const state = [f(table * width), f(table * width), f(table * width).map(Math.abs)];
    call('adamRows', width, ...state, ids.slice(0, found), sums, 0.1, 0.9, 0.999, 1e-8, 1, 1);
    call('adam', ...state, f(table * width), 0.1, 0.9, 0.999, 1e-8, 2, 0.5);
    call('globalNorm', [f(below(70000)), f(below(20))]);
  }

  function elementwise() {
    const [outer, inner] = [below(40), below(40)];
    const n = outer * inner;
    call('dropout', f(n), out(n), random(), below(2 ** 32));
    for (const name of ['exp', 'tanh', 'sigmoid', 'log', 'neg', 'square', 'sqrt', 'abs', 'step'])
      call(
        name,
        f(n).map((x) => x * 10 ** below(40)),
        out(n),
      );
    const operand = (spread) => f([n, 1, inner, outer][spread]);
    for (const name of ['add', 'sub', 'mul', 'div', 'maximum', 'minimum', 'pow', 'squaredDifference']) {
      const [a, b] = [below(4), below(4)];
      call(name, outer, inner, a, b, operand(a), operand(b), out(n));
    }
    call('sum', outer, inner, f(n), out(outer));
    call('max', outer, inner, f(n), out(outer));
    call('sumOuter', outer, inner, f(n), out(inner));
    call('softmax', outer, inner, f(n), out(n));
  }

  for (const isa of addon.isas()) {
    addon.setIsa(isa);
    for (const threads of [1, 2, 5]) {
      addon.setThreads(threads);
      for (let round = 0; round < 12; round++)
        for (const part of [lstm, lstm, lstm, crf, crf, products, rows, elementwise]) part();
    }
    console.log(`${isa}: no complaint in ${calls} calls`);
  }
}
