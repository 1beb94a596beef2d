/**
 * Bundles the tagger for browsers: `node src/browser/bundle.mjs` writes dist/browser/index.mjs, the module that the package exports,
 * its types, and dist/browser/page.mjs, the script of the page of `dsc-train export --to web`. What it bundles is the program itself;
 * see README.md beside it.
 */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '../..');

/**
 * TensorFlow.js becomes `tensors.ts`; whatever the program loads only when it needs it reads files, and becomes `absent.ts`. Modules of
 * ours do nothing when they are loaded: of what nobody uses nothing stays.
 */
const forBrowsers = {
  name: 'for-browsers',
  setup({ onResolve }) {
    onResolve({ filter: /^\./ }, ({ path, resolveDir, kind }) => {
      if (kind === 'dynamic-import') return { path: join(here, 'absent.ts') };
      if (kind === 'entry-point' || resolveDir.includes('node_modules')) return undefined;
      const file = resolve(resolveDir, path);
      const found = [`${file}.ts`, join(file, 'index.ts')].find((candidate) => existsSync(candidate));
      return found && { path: found, sideEffects: false };
    });
    onResolve({ filter: /^@tensorflow\/tfjs-core$/ }, () => ({ path: join(here, 'tensors.ts'), sideEffects: false }));
  },
};

/**
 * @param {string} entry a file of this folder
 * @param {'esm' | 'iife' | 'cjs'} format
 * @returns {Promise<string>} one script without imports
 * @throws where it needs what a browser has not: a module of Node, or a tensor op that `tensors.ts` lacks
 */
export async function bundle(entry, format) {
  const { outputFiles, metafile, warnings } = await build({
    absWorkingDir: root,
    entryPoints: [join(here, entry)],
    plugins: [forBrowsers],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format,
    target: 'es2022',
    platform: 'browser',
    charset: 'utf8',
    legalComments: 'inline',
    logLevel: 'silent',
  });
  const [output] = Object.values(metafile.outputs);
  const isKept = ({ location }) => !location || (output.inputs[location.file]?.bytesInOutput ?? 0) > 0;
  const faults = warnings.filter(isKept).map(({ text, location }) => `${location?.file}:${location?.line}: ${text}`);
  if (faults.length > 0) throw new Error(`${entry} is not for browsers\n${faults.join('\n')}`);
  return outputFiles[0].text.replace(/export\{[^}]*\};?\n?$/, '\n$&'); // tools that look for what a module exports look at its lines
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const to = join(root, 'dist', 'browser');
  await mkdir(to, { recursive: true });
  await writeFile(join(to, 'index.mjs'), await bundle('index.ts', 'esm'));
  await writeFile(join(to, 'page.mjs'), await bundle('page/index.ts', 'iife'));
  await writeFile(join(to, 'index.d.mts'), "export * from './index.js';\n");
  process.stderr.write(`wrote ${relative(process.cwd(), to)}\n`);
}
