import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const HELPER = pathToFileURL(join(__dirname, 'temporary.mjs')).href;

/** A program that makes two folders with something in them, tells their names, and goes on. */
const making = (then: string): string[] => [
  '--input-type=module',
  '-e',
  `import { writeFileSync } from 'node:fs';
   import { temporaryFolder } from ${JSON.stringify(HELPER)};
   const folders = [temporaryFolder('dsc-test'), temporaryFolder('dsc-test')];
   for (const folder of folders) writeFileSync(folder + '/file', 'x');
   console.log(JSON.stringify(folders));
   ${then}`,
];

describe('a temporary folder of a bench', () => {
  it.each([
    ['is done', '', 0],
    ['throws', 'throw new Error("broken")', 1],
  ])('is gone when the bench %s', (_, then, code) => {
    const { stdout, status } = spawnSync(process.execPath, making(then), { encoding: 'utf8' });
    expect(status).toBe(code);
    expect((JSON.parse(stdout) as string[]).map((folder) => existsSync(folder))).toEqual([false, false]);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('is gone when the bench is ended by %s', async (signal, code) => {
    const child = spawn(process.execPath, making('setInterval(() => undefined, 1000);'));
    const [told] = (await once(child.stdout, 'data')) as [Buffer];
    const folders = JSON.parse(told.toString()) as string[];
    expect(folders.map((folder) => existsSync(folder))).toEqual([true, true]);
    child.kill(signal);
    expect(await once(child, 'exit')).toEqual([code, null]);
    expect(folders.map((folder) => existsSync(folder))).toEqual([false, false]);
  });
});
