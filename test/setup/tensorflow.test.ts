import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readManifest } from '../../src/engine/tensorflow/home';
import { UserError } from '../../src/errors';
import { removeTensorflow, setupTensorflow, type SetupOptions, type SetupResult } from '../../src/setup/tensorflow';

/*
 * The programs that setting up calls are played by one script, which notes each call. A wheel is played by a JSON file from path
 * to text; wheels.test.ts unpacks a real one with Python.
 */
const ACTOR = `
const fs = require('node:fs'), { dirname, join } = require('node:path');
const [log, role, ...args] = process.argv.slice(2);
fs.appendFileSync(log, role + ' ' + args.slice(0, 3).join(' ').replace(/\\s+/g, ' ') + '\\n');
const put = (path, text) => (fs.mkdirSync(dirname(path), { recursive: true }), fs.writeFileSync(path, text));
const after = (flag) => args[args.indexOf(flag) + 1];
if (process.env['FAIL_' + role.toUpperCase()]) { console.error('broken on purpose'); process.exit(7); }
if (role === 'npm') {
  put('node_modules/@tensorflow/tfjs-node-gpu/package.json', '{\\n  "version": "4.22.0"\\n}');
  put('node_modules/.package-lock.json', '{}');
} else if (role === 'python' && args[1] === 'pip') {
  const wheels = JSON.parse(fs.readFileSync(join(dirname(log), 'wheels.json'), 'utf8'));
  for (const need of args.filter((arg) => /^(tensorflow|nvidia)/.test(arg))) {
    const name = need.split(/[<>=]/)[0].replace(/-/g, '_');
    const file = Object.keys(wheels).find((wheel) => wheel.startsWith(name + '-'));
    put(join(after('--dest'), file), JSON.stringify(wheels[file]));
  }
} else if (role === 'python') {
  const [wheel, site, kept] = args.slice(-3);
  for (const [path, text] of Object.entries(JSON.parse(fs.readFileSync(wheel, 'utf8'))))
    if (new RegExp('^(?:' + kept + ')').test(path)) put(join(site, path), text);
} else if (role === 'compiler') {
  fs.appendFileSync(log, args.filter((arg) => /rpath|[.]so/.test(arg)).join('\\n') + '\\n');
  put(after('-o'), 'addon');
} else if (role === 'node') {
  console.log(JSON.stringify({ product: Number(process.env.PRODUCT || 42), tensorflow: '2.21.0', gpu: false }));
}
`;

const sha = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** The files of a wheel with a RECORD that tells their hashes. */
function wheel(info: string, files: Record<string, string>): Record<string, string> {
  const record = Object.entries(files).map(([path, text]) => `${path},sha256=${sha(text)},${text.length}`);
  return { ...files, [`${info}.dist-info/RECORD`]: [...record, `${info}.dist-info/RECORD,,`].join('\n') };
}

const LIBRARIES = {
  'tensorflow/libtensorflow_cc.so.2': 'cc',
  'tensorflow/libtensorflow_framework.so.2': 'framework',
  'tensorflow/include/tensorflow/c/c_api.h': 'header',
  'tensorflow/python/keras.py': 'not wanted',
};
const CUDA_NEEDS =
  'Requires-Dist: numpy>=1\nRequires-Dist: nvidia-cudnn-cu12<10.0,>=9.3; extra == "and-cuda"\nRequires-Dist: x; extra == "y"\n';
const WHEELS: Record<string, Record<string, string>> = {
  'tensorflow_cpu-2.21.0-cp311.whl': wheel('tensorflow_cpu-2.21.0', LIBRARIES),
  'tensorflow-2.21.0-cp311.whl': wheel('tensorflow-2.21.0', {
    ...LIBRARIES,
    'tensorflow-2.21.0.dist-info/METADATA': CUDA_NEEDS,
  }),
  'nvidia_cudnn_cu12-9.3.0-py3.whl': wheel('nvidia_cudnn_cu12-9.3.0', {
    'nvidia/cudnn/lib/libcudnn.so.9': 'cudnn',
    'nvidia/cudnn/include/cudnn.h': 'not wanted',
  }),
};

describe('setupTensorflow', () => {
  let home: string;
  const said: string[] = [];
  const calls = (): string[] => readFileSync(join(home, 'log'), 'utf8').trim().split('\n');
  const environment = { ...process.env };

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'dsc-train-setup-'));
    process.env.DSC_TRAIN_HOME = join(home, 'cache');
    writeFileSync(join(home, 'actor.js'), ACTOR);
    writeFileSync(join(home, 'wheels.json'), JSON.stringify(WHEELS));
    writeFileSync(join(home, 'log'), '');
    said.length = 0;
  });
  afterEach(() => {
    rmSync(home, { recursive: true });
    process.env = { ...environment };
  });

  const actor = (role: string): string => {
    const path = join(home, role);
    const command = [process.execPath, join(home, 'actor.js'), join(home, 'log'), role].map((word) => `'${word}'`);
    writeFileSync(path, `#!/bin/sh\nexec ${command.join(' ')} "$@"\n`);
    chmodSync(path, 0o755);
    return path;
  };
  const setup = (options: Partial<SetupOptions> = {}): Promise<SetupResult> =>
    setupTensorflow({
      build: 'cpu',
      from: 'pypi',
      platform: 'linux',
      arch: 'x64',
      tools: { node: actor('node'), npm: actor('npm'), python: actor('python'), compiler: actor('compiler') },
      say: (line) => said.push(line),
      ...options,
    });
  const failure = async (options: Partial<SetupOptions> = {}): Promise<UserError> => {
    const error: unknown = await setup(options).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).note).not.toBe('');
    return error as UserError;
  };
  const cache = (): string[] => (existsSync(join(home, 'cache')) ? readdirSync(join(home, 'cache')) : []);

  it('leaves package, libraries, addon and a manifest in one folder, and none of the downloads', async () => {
    const result = await setup();
    const folder = join(home, 'cache', 'tensorflow');
    expect(cache()).toEqual(['tensorflow']);
    const file = JSON.stringify(WHEELS['tensorflow_cpu-2.21.0-cp311.whl']);
    const manifest = {
      build: 'cpu',
      tensorflow: '2.21.0',
      package: '4.22.0',
      from: 'pypi',
      wheels: { 'tensorflow_cpu-2.21.0-cp311.whl': createHash('sha256').update(file).digest('hex') },
    };
    expect(result).toEqual({ ...manifest, folder, gpu: false });
    expect(JSON.parse(readFileSync(join(folder, 'installed.json'), 'utf8'))).toEqual(manifest);
    expect(existsSync(join(folder, 'wheels'))).toBe(false);
    expect(existsSync(join(folder, 'site/tensorflow/python'))).toBe(false);
    expect(existsSync(join(folder, 'node_modules/@tensorflow/tfjs-node-gpu/lib/napi-v8/tfjs_binding.node'))).toBe(true);
    expect(said.map((line) => line.slice(0, 5))).toEqual(['[1/4]', '[2/4]', '[3/4]', '[4/4]']);
    // The addon finds its libraries relative to itself: five folders up lies the one that was renamed.
    expect(calls()).toContain('-Wl,-rpath,$ORIGIN/../../../../../site/tensorflow');
  });

  it('for a GPU fetches the CUDA wheels that TensorFlow names, and links what they hold', async () => {
    const { folder, wheels } = await setup({ build: 'gpu' });
    expect(folder).toBe(join(home, 'cache', 'tensorflow-gpu'));
    expect(Object.keys(wheels)).toEqual(['nvidia_cudnn_cu12-9.3.0-py3.whl', 'tensorflow-2.21.0-cp311.whl']);
    expect(existsSync(join(folder, 'site/nvidia/cudnn/include'))).toBe(false);
    expect(calls()).toContain('-Wl,-rpath,$ORIGIN/../../../../../site/nvidia/cudnn/lib');
    expect(calls().some((line) => line.endsWith('site/nvidia/cudnn/lib/libcudnn.so.9'))).toBe(true);
  });

  for (const role of ['npm', 'python', 'compiler', 'node']) {
    it(`keeps the engine that is there when ${role} fails, and goes on from there the next time`, async () => {
      const { folder } = await setup();
      writeFileSync(join(folder, 'kept'), '');
      writeFileSync(join(folder, 'plan.json'), 'of an earlier version');
      process.env[`FAIL_${role.toUpperCase()}`] = '1';
      const { message } = await failure();
      expect(message).toContain('exit code 7');
      expect(message).toContain('broken on purpose');
      expect(existsSync(join(folder, 'installed.json'))).toBe(true);
      expect(existsSync(join(folder, 'kept'))).toBe(true);

      process.env[`FAIL_${role.toUpperCase()}`] = '';
      writeFileSync(join(home, 'log'), '');
      await setup();
      expect(existsSync(join(folder, 'kept'))).toBe(false);
      expect(cache()).toEqual(['tensorflow']);
      expect(calls().some((line) => line.startsWith('npm '))).toBe(role === 'npm');
      expect(calls().some((line) => line.startsWith('python -c'))).toBe(role === 'npm' || role === 'python');
    });
  }

  it.each(['', '{"build": "cpu"', 'null', '[]', '{"build": "tpu"}', '['.repeat(100_000)])(
    'tells a damaged manifest from a good one, and sets up anew',
    async (text) => {
      const { folder } = await setup();
      const path = join(folder, 'installed.json');
      const whole = readFileSync(path, 'utf8');
      writeFileSync(path, text);
      await expect(readManifest(folder)).rejects.toThrow(UserError);
      await expect(readManifest(folder)).rejects.toThrow(path);
      await setup();
      expect(readFileSync(path, 'utf8')).toBe(whole);
    },
  );

  it('does nothing but load what is there already', async () => {
    const first = await setup();
    writeFileSync(join(home, 'log'), '');
    expect(await setup()).toEqual(first);
    expect(calls().map((line) => line.split(' ')[0])).toEqual(['node']);
    expect(cache()).toEqual(['tensorflow']);
    process.env.PRODUCT = '41';
    expect((await failure()).note).toContain('--remove');
  });

  it('refuses a file that is not what RECORD says, by name, and leaves no engine', async () => {
    const broken = { ...WHEELS['tensorflow_cpu-2.21.0-cp311.whl'], 'tensorflow/libtensorflow_cc.so.2': 'cC' };
    writeFileSync(join(home, 'wheels.json'), JSON.stringify({ 'tensorflow_cpu-2.21.0-cp311.whl': broken }));
    expect((await failure()).message).toContain('tensorflow/libtensorflow_cc.so.2 is not what');
    expect(cache()).toEqual(['tensorflow.partial']);
  });

  it('refuses a library that computes wrong', async () => {
    process.env.PRODUCT = '41';
    expect((await failure()).message).toContain('6 * 7 = 41');
    expect(cache()).toEqual(['tensorflow.partial']);
  });

  it('takes wheels, or an unpacked libtensorflow, from a folder', async () => {
    const from = join(home, 'given');
    mkdirSync(from);
    expect((await failure({ from })).message).toContain('neither a wheel nor a libtensorflow');
    const [file] = Object.keys(WHEELS);
    writeFileSync(join(from, file), JSON.stringify(WHEELS[file]));
    expect((await setup({ from })).from).toBe(from);
    expect(existsSync(join(from, file))).toBe(true);

    rmSync(join(from, file));
    for (const path of ['lib/libtensorflow.so.2', 'include/tensorflow/c/c_api.h']) {
      mkdirSync(join(from, path, '..'), { recursive: true });
      writeFileSync(join(from, path), 'given');
    }
    const { folder } = await setup({ from });
    expect(readFileSync(join(folder, 'site/lib/libtensorflow.so.2'), 'utf8')).toBe('given');
    expect(calls()).toContain('-Wl,-rpath,$ORIGIN/../../../../../site/lib');
  });

  it('names the program that is not there', async () => {
    const tools = {
      node: actor('node'),
      npm: actor('npm'),
      python: join(home, 'nowhere'),
      compiler: actor('compiler'),
    };
    const { message, note } = await failure({ tools });
    expect(message).toContain('nowhere: there is no such program');
    expect(note).toContain('Python 3');
  });

  it('refuses systems for which there are no wheels', async () => {
    expect((await failure({ platform: 'darwin', arch: 'arm64' })).message).toContain('darwin arm64');
  });

  it('removes a build, finished or not, and says what went', async () => {
    await setup();
    process.env.FAIL_NODE = '1';
    await failure({ from: 'npm' });
    const folder = join(home, 'cache', 'tensorflow');
    expect(await removeTensorflow('gpu')).toEqual([]);
    expect(await removeTensorflow('cpu')).toEqual([folder, `${folder}.partial`]);
    expect(cache()).toEqual([]);
  });
});
