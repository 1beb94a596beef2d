import { join } from 'node:path';
import { present, UserError } from '../errors';
import { ensureDir, exists, list, readText, sha256, writeAtomic } from '../files';
import { runTool, type Run, type Tools } from './tools';

/** The libtensorflow that our kernels were tested on. */
export const TENSORFLOW = '2.21.0';

/** What of a wheel is kept: TensorFlow's libraries and C headers, CUDA's libraries, and the wheel's own lists. */
const KEPT =
  String.raw`tensorflow/lib[^/]*\.(so|dylib)` +
  String.raw`|tensorflow/include/(tensorflow/(c|core/platform|tsl)|tsl|xla/tsl)/` +
  String.raw`|nvidia/[^/]+/lib/[^/]+\.so` +
  String.raw`|[^/]+\.dist-info/(RECORD|METADATA)$`;

/** Python's own reader of zip files checks each file's CRC as it unpacks. Arguments: wheel, folder, pattern. */
const UNPACK = `
import re, sys, zipfile
wheel = zipfile.ZipFile(sys.argv[1])
for name in wheel.namelist():
    if re.match(sys.argv[3], name): wheel.extract(name, sys.argv[2])
`;

const PYTHON_MEND =
  'install Python 3 with pip, or name a folder that holds the wheel: dsc-train setup tensorflow --from DIR';

/** Downloads the wheel of libtensorflow, and for a GPU those of CUDA and cuDNN, into a folder; what is there already is kept. */
export async function downloadWheels(
  folder: string,
  gpu: boolean,
  arch: string,
  tools: Tools,
  run: Run,
): Promise<void> {
  await ensureDir(folder);
  const name = gpu || arch === 'arm64' ? 'tensorflow' : 'tensorflow-cpu';
  await download([`${name}==${TENSORFLOW}`], folder, arch, tools, run);
}

/** The requirements of TensorFlow's extra `and-cuda`, from an unpacked wheel's METADATA. */
export async function downloadCuda(site: string, folder: string, arch: string, tools: Tools, run: Run): Promise<void> {
  const infos = (await list(site)).filter((name) => /^tensorflow[^/]*\.dist-info$/.test(name));
  const metadata = await readText(join(site, present(infos[0], 'metadata of TensorFlow'), 'METADATA'));
  const needs = [...metadata.matchAll(/^Requires-Dist: (nvidia[^;]+?)\s*;.*extra == ["']and-cuda["']/gm)].map(
    ([, need = '']) => need,
  );
  if (needs.length > 0) await download(needs, folder, arch, tools, run);
}

async function download(needs: readonly string[], folder: string, arch: string, tools: Tools, run: Run): Promise<void> {
  const cpu = arch === 'arm64' ? 'aarch64' : 'x86_64';
  const platforms = ['manylinux_2_28', 'manylinux_2_27', 'manylinux_2_17', 'manylinux2014'].flatMap((name) => [
    '--platform',
    `${name}_${cpu}`,
  ]);
  // For any Python that takes wheels: only the libraries inside are used, never with Python.
  const python = [
    '--implementation',
    'cp',
    '--python-version',
    '3.11',
    '--abi',
    'cp311',
    '--abi',
    'abi3',
    '--abi',
    'none',
  ];
  const quiet = ['--no-deps', '--only-binary=:all:', '--disable-pip-version-check'];
  const mend = `${PYTHON_MEND}; so too where the package index is refused`;
  const args = ['-m', 'pip', 'download', ...quiet, '--dest', folder, ...platforms, ...python, ...needs];
  await runTool(tools.python, args, { ...run, mend, show: true });
}

/**
 * Unpacks what we need of a wheel, and checks every file against the wheel's own RECORD. Done once: a marker says so.
 * @throws UserError when a file is not what RECORD says
 */
export async function unpackWheel(wheel: string, site: string, tools: Tools, run: Run): Promise<void> {
  const name = wheel.split('/').at(-1) ?? wheel;
  const marker = join(site, `.${name}.checked`);
  if (await exists(marker)) return;
  await ensureDir(site);
  await runTool(tools.python, ['-c', UNPACK, wheel, site, KEPT], { ...run, mend: PYTHON_MEND });
  const info = `${name.split('-').slice(0, 2).join('-')}.dist-info`;
  const record = await readText(join(site, info, 'RECORD'));
  const kept = new RegExp(`^(?:${KEPT})`);
  for (const [path, hash] of recordLines(record)) {
    if (!kept.test(path) || path.endsWith('RECORD')) continue;
    const found = Buffer.from(await sha256(join(site, path)), 'hex').toString('base64url');
    if (hash !== `sha256=${found}`)
      throw new UserError(
        `${wheel}: ${path} is not what the wheel's RECORD says`,
        'delete the wheel and run the command again',
      );
  }
  await writeAtomic(marker, '');
}

/** Path and hash of each line `path,sha256=...,size`; a path with a comma stands in quotes. */
function* recordLines(record: string): Generator<[path: string, hash: string]> {
  for (const line of record.split('\n')) {
    const [, quoted, path = quoted, hash = ''] = /^(?:"([^"]+)"|([^,]+)),(sha256=[\w-]+)?,\d*\r?$/.exec(line) ?? [];
    if (path !== undefined) yield [path, hash];
  }
}
