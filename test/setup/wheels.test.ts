import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../../src/errors';
import { unpackWheel } from '../../src/setup/wheels';

const hasPython = spawnSync('python3', ['-c', 'import zipfile']).status === 0;

/** Writes a wheel as Python's own tools would, with the RECORD of its files; one file is then changed, if named. */
const MAKE = `
import base64, hashlib, sys, zipfile
folder, spoilt = sys.argv[1], sys.argv[2]
files = {'tensorflow/libtensorflow_cc.so.2': b'library' * 9999, 'tensorflow/include/tensorflow/c/a, b.h': b'x',
         'tensorflow/python/a.py': b'y'}
with zipfile.ZipFile(folder + '/tensorflow_cpu-2.21.0-cp311.whl', 'w', zipfile.ZIP_DEFLATED) as wheel:
    record = ''
    for path, data in files.items():
        hash = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b'=').decode()
        name = '"%s"' % path if ',' in path else path
        record += '%s,sha256=%s,%d\\n' % (name, hash, len(data))
        wheel.writestr(path, b'other' if path == spoilt else data)
    wheel.writestr('tensorflow_cpu-2.21.0.dist-info/RECORD', record)
`;

(hasPython ? describe : describe.skip)(`unpackWheel${hasPython ? '' : ' (skipped: there is no python3)'}`, () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dsc-train-wheel-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const tools = { node: process.execPath, npm: 'npm', python: 'python3', compiler: 'c++' };
  const unpack = async (spoilt = ''): Promise<string> => {
    expect(spawnSync('python3', ['-c', MAKE, folder, spoilt]).status).toBe(0);
    const site = join(folder, 'site');
    await unpackWheel(join(folder, 'tensorflow_cpu-2.21.0-cp311.whl'), site, tools, { cwd: folder, mend: '' });
    return site;
  };

  it('takes the libraries and headers out of a wheel, and nothing else', async () => {
    const site = await unpack();
    expect(readFileSync(join(site, 'tensorflow/libtensorflow_cc.so.2'))).toHaveLength(7 * 9999);
    expect(existsSync(join(site, 'tensorflow/include/tensorflow/c/a, b.h'))).toBe(true);
    expect(existsSync(join(site, 'tensorflow/python'))).toBe(false);
  });

  for (const path of ['tensorflow/libtensorflow_cc.so.2', 'tensorflow/include/tensorflow/c/a, b.h'])
    it(`refuses a wheel whose ${path} is not what RECORD says`, async () => {
      const error: unknown = await unpack(path).catch((e: unknown) => e);
      expect(error).toBeInstanceOf(UserError);
      expect((error as UserError).message).toContain(path);
    });
});
