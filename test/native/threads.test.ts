import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { BufferPool } from '../../src/engine/bufferPool';
import { nativeKernels } from '../../src/engine/nativeKernels';
import { describeAddon, describeIsas, normals, rngFor, stepSizesOf, sum } from './addon';

describeIsas('threads', (addon) => {
  it('change no bit of any result', () => {
    const native = nativeKernels(addon, new BufferPool());
    const rng = rngFor('threads');
    const lengths = [31, 17, 17, 9, 8, 5, 2, 1];
    const stepSizes = stepSizesOf(lengths);
    const dims = { N: sum(lengths), I: 21, H: 40, D: 2, T: stepSizes.length };
    const x = normals(rng, dims.N * dims.I);
    const w = normals(rng, 2 * (21 + 40) * 160, 0.2);
    const b = normals(rng, 2 * 160);
    const dh = normals(rng, dims.N * 80);
    const big = normals(rng, 200 * 300);
    const [C, { N }] = [23, dims];
    const crf = {
      ...{
        emissions: normals(rng, N * C),
        transitions: normals(rng, C * C),
        start: normals(rng, C),
        end: normals(rng, C),
      },
      ...{ gold: Int32Array.from({ length: N }, () => rng.int(C + 1) - 1), stepSizes },
    };
    const dlogMarginals = normals(rng, N * C);
    const run = (threads: number): (Float32Array | Int32Array)[] => {
      addon.setThreads(threads);
      const { h, reserve } = native.lstm.forward({ x, w, b, stepSizes }, dims, { training: 1 });
      const grads = native.lstm.gradient({ x, w, stepSizes, h, reserve, dh }, dims);
      const shape = { N, C, T: stepSizes.length };
      const nll = native.crfNll.forward(crf, shape, { training: 1 });
      const marginals = native.crfMarginals.forward(crf, shape, { training: 1 });
      const through = native.crfMarginals.gradient({ ...crf, reserve: marginals.reserve, dlogMarginals }, shape);
      const { ids } = native.decode.forward(crf, shape, { outside: 1, bias: 0.1 });
      const crfResults = [ids, nll.loss, nll.reserve, marginals.logMarginals, ...Object.values(through)];
      const product = new Float32Array(200 * 200);
      addon.matmul(1, 200, 200, 300, false, true, big, big, product);
      return [h, ...Object.values(grads), ...crfResults, product, native.globalNorm.forward({ x: [big, x] }).norm];
    };
    const expected = run(1);
    for (const threads of [1, 2, 2, 3, 8]) expect(run(threads)).toEqual(expected);
  });
});

describeAddon('idle threads', (addon) => {
  it('use no processor time', async () => {
    addon.setThreads(4);
    const x = new Float32Array(300_000);
    addon.exp(x, x);
    await new Promise((resolve) => setTimeout(resolve, 20));
    let least = Infinity; // of four windows: the process may collect garbage or compile in one, and spinning threads rest in none
    for (let window = 0; window < 4; window++) {
      const before = process.cpuUsage();
      await new Promise((resolve) => setTimeout(resolve, 300));
      const { user, system } = process.cpuUsage(before);
      least = Math.min(least, (user + system) / 1000);
    }
    expect(least).toBeLessThan(100); // three spinning threads would take what two cores give in 300 ms
  });
});

/** Opens the engine where the process may have but 100 MB more memory: stacks of threads do not fit, as under `ulimit -u`. */
const REFUSED = `
  const { execFileSync } = require('node:child_process');
  const { readFileSync } = require('node:fs');
  const [module, engine] = process.argv.slice(1);
  const { openEngine } = require(module);
  (async () => {
    (await openEngine(engine, { threads: 2 })).dispose(); // loads all that is needed
    const bytes = 1024 * /VmSize:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1];
    execFileSync('prlimit', ['--pid', String(process.pid), '--as=' + (bytes + 1e8)]);
    const refused = await openEngine(engine, { threads: 100 }).catch((error) => error);
    const { warnings, threads } = await openEngine(engine, { threads: 2 });
    console.log(JSON.stringify({ message: refused.message, note: refused.note, warnings, threads }));
  })();
`;

describeAddon('a pool that cannot start all its threads', () => {
  const limits = spawnSync('prlimit', ['--version']).status === 0;
  (limits ? it.each(['native', 'auto']) : it.skip.each(['no prlimit here']))(
    'says so at once, asked for as %s',
    (engine) => {
      const module = join(__dirname, '../../dist/engine/index.js');
      const { stdout, stderr } = spawnSync(process.execPath, ['-e', REFUSED, module, engine], { encoding: 'utf8' });
      expect(stderr).toBe('');
      const { message, note, warnings, threads } = JSON.parse(stdout) as Record<string, unknown>;
      expect(message).toMatch(/^the system lets this process start \d+ of 100 threads \(.+\)$/);
      expect(note).toMatch(/--threads/);
      expect({ warnings, threads }).toEqual({ warnings: [], threads: 2 });
    },
  );
});

const WORKER = `
  const { parentPort, workerData } = require('node:worker_threads');
  const addon = require('node-gyp-build')(workerData.folder);
  addon.setThreads(workerData.threads);
  const n = 64;
  const a = Float32Array.from({ length: n * n * 4 }, (_, i) => Math.sin(i));
  const c = new Float32Array(16 * n * n);
  for (let i = 0; i < 30; i++) addon.matmul(1, 4 * n, 4 * n, n, false, true, a, a, c);
  parentPort.postMessage(c);
`;

describeAddon('worker threads', () => {
  it('load the addon side by side, each with its own threads, and end cleanly', async () => {
    const folder = join(__dirname, '../../src/native');
    const results = await Promise.all(
      [1, 2, 3].map(async (threads) => {
        const worker = new Worker(WORKER, { eval: true, workerData: { folder, threads } });
        // both awaited from the start: where this thread is busy, the end follows the message in one turn
        const [[result], [code]] = (await Promise.all([once(worker, 'message'), once(worker, 'exit')])) as [
          [Float32Array],
          [number],
        ];
        return { result, code };
      }),
    );
    expect(results.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(results[0].result.some((value) => value !== 0)).toBe(true);
    for (const { result } of results) expect(result).toEqual(results[0].result);
  });

  it('can be ended while their kernels run', async () => {
    const endless = WORKER.replace('i < 30', 'i < 1e9');
    const folder = join(__dirname, '../../src/native');
    const worker = new Worker(endless, { eval: true, workerData: { folder, threads: 2 } });
    await once(worker, 'online');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await worker.terminate()).toBe(1);
  });
});
