import { median } from './rounds.mjs';

/** Runs `work` after a warm-up; median and least wall milliseconds, and processor milliseconds of all threads, a call. */
export function time(work, runs, warmup = 5) {
  for (let i = 0; i < warmup; i++) work();
  const cpu = process.cpuUsage();
  const times = Array.from({ length: runs }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  }).sort((a, b) => a - b);
  const { user, system } = process.cpuUsage(cpu);
  return { ms: median(times), least: times[0], cpuMs: (user + system) / 1000 / runs };
}

/** Wall milliseconds inside each function of the addon during `work`, a run, and the whole. */
export function profile(addon, work, runs) {
  const spent = new Map();
  const originals = Object.entries(addon);
  for (const [name, original] of originals) {
    addon[name] = (...args) => {
      const start = performance.now();
      const result = original(...args);
      spent.set(name, (spent.get(name) ?? 0) + performance.now() - start);
      return result;
    };
  }
  const start = performance.now();
  for (let i = 0; i < runs; i++) work();
  const whole = performance.now() - start;
  for (const [name, original] of originals) addon[name] = original;
  const kernels = Object.fromEntries([...spent].map(([name, ms]) => [name, ms / runs]));
  const inside = Object.values(kernels).reduce((a, b) => a + b, 0);
  return { ms: whole / runs, kernels, outside: 1 - inside / (whole / runs) };
}
