import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { BINDING, PACKAGE, PACKAGE_VERSION, packageFolder } from '../engine/tensorflow/home';
import { ensureDir, exists, list, readText, writeAtomic } from '../files';
import { runTool, type Run, type Tools } from './tools';

/** Fetches the package and what it depends on from the npm registry, without its install step, which asks another host. */
export async function installPackage(folder: string, tools: Tools, run: Run): Promise<void> {
  const manifest = join(packageFolder(folder), 'package.json');
  const finished = await exists(join(folder, 'node_modules', '.package-lock.json'));
  if (finished && (await exists(manifest)) && (await readText(manifest)).includes(`"version": "${PACKAGE_VERSION}"`))
    return;
  const dependencies = { [PACKAGE]: PACKAGE_VERSION };
  await writeAtomic(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }));
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error', '--no-package-lock'];
  const mend = 'check that npm reaches its registry (npm ping), then run the command again: it goes on from here';
  await runTool(tools.npm, ['install', '--ignore-scripts', ...quiet], { ...run, cwd: folder, mend });
}

/** The package's own install step: libtensorflow and a compiled addon from where its authors put them. */
export async function downloadAddon(folder: string, gpu: boolean, tools: Tools, run: Run): Promise<void> {
  const cwd = packageFolder(folder);
  const path = join(folder, 'node_modules', '.bin');
  const mend = 'where that host is refused, --from pypi gets libtensorflow from the Python package index';
  await runTool(tools.node, ['scripts/install.js', gpu ? 'gpu' : 'cpu', 'download'], { ...run, cwd, mend, path });
}

/**
 * Compiles the package's own addon, unchanged, against the libtensorflow in `site`. Two files of plain Node-API need no build
 * system. The addon finds its libraries relative to itself, so that the folder can be moved; for a GPU it names CUDA's as well,
 * since libtensorflow opens those by name only, and finds them when they are loaded already.
 */
export async function compileAddon(folder: string, site: Site, tools: Tools, run: Run): Promise<void> {
  const source = packageFolder(folder);
  const output = join(source, BINDING);
  await ensureDir(dirname(output));
  const { include_dir } = createRequire(__filename)('node-api-headers') as { include_dir: string };
  const up = '../'.repeat(output.slice(folder.length + 1).split('/').length - 1);
  const rpaths = site.folders.map((path) => `-Wl,-rpath,$ORIGIN/${up}${path.slice(folder.length + 1)}`);
  const args = [
    ...['-std=c++17', '-O2', '-fPIC', '-shared', '-DNAPI_VERSION=8'],
    ...[`-I${include_dir}`, `-I${site.include}`, 'binding/tfjs_backend.cc', 'binding/tfjs_binding.cc', '-o', output],
    ...['-Wl,--no-as-needed', '-Wl,--disable-new-dtags', '-Wl,--allow-shlib-undefined', ...site.libraries, ...rpaths],
  ];
  await runTool(tools.compiler, args, {
    ...run,
    cwd: source,
    mend: 'install a C++ compiler (g++ 9 or clang 10 and later)',
  });
}

/** Where libtensorflow and its company were unpacked. */
export interface Site {
  readonly include: string;
  /** Files to link with. */
  readonly libraries: readonly string[];
  /** Folders to find them in when the addon loads. */
  readonly folders: readonly string[];
}

/** Finds the libraries in a folder of unpacked wheels, or of libtensorflow's own archive for C. */
export async function findSite(site: string): Promise<Site> {
  const archive = await exists(join(site, 'lib'));
  const main = join(site, archive ? 'lib' : 'tensorflow');
  const libraries = (await list(main))
    .filter((name) => /^libtensorflow(_cc|_framework)?\.so\.\d+$/.test(name))
    .map((name) => join(main, name));
  const folders = [main];
  const parts = (await exists(join(site, 'nvidia'))) ? await list(join(site, 'nvidia')) : [];
  for (const part of parts) {
    const folder = join(site, 'nvidia', part, 'lib');
    if (!(await exists(folder))) continue;
    folders.push(folder);
    libraries.push(
      ...(await list(folder))
        .filter((name) => /^lib(cu|nv|nccl)\w*\.so\.\d+$/.test(name))
        .map((name) => join(folder, name)),
    );
  }
  return { include: join(site, archive ? 'include' : 'tensorflow/include'), libraries, folders };
}
