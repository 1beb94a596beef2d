import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openEngine } from '../../src/engine';
import { whyNoGpu } from '../../src/engine/tensorflow/gpu';
import { installFolder, packageFolder } from '../../src/engine/tensorflow/home';
import { UserError } from '../../src/errors';

let home: string;
const environment = { ...process.env };
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'dsc-train-home-'));
  process.env.DSC_TRAIN_HOME = home;
});
afterEach(() => {
  rmSync(home, { recursive: true });
  process.env = { ...environment };
});

function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** An installed build whose package does as told when it is loaded. */
function install(build: 'cpu' | 'gpu', { binding = true, index = '' } = {}): void {
  const folder = installFolder(build);
  const manifest = { build, tensorflow: '2.21.0', package: '4.22.0', from: 'a test', wheels: {} };
  put(join(folder, 'installed.json'), JSON.stringify(manifest));
  put(join(packageFolder(folder), 'package.json'), '{ "version": "4.22.0", "main": "index.js" }');
  put(join(packageFolder(folder), 'index.js'), index);
  if (binding) put(join(packageFolder(folder), 'lib/napi-v8/tfjs_binding.node'), 'not a library');
}

async function refusal(engine: string): Promise<UserError> {
  const error: unknown = await openEngine(engine).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(UserError);
  return error as UserError;
}

describe('an engine on the package that does not load', () => {
  for (const [engine, build] of [
    ['cuda', 'gpu'],
    ['tensorflow', 'cpu'],
  ] as const) {
    const command = `run: dsc-train setup tensorflow${build === 'gpu' ? ' --gpu' : ''}`;

    it(`${engine}: names the binding when it is missing`, async () => {
      install(build, { binding: false });
      const { message, note } = await refusal(engine);
      expect(message).toMatch(/here: binding: .*tfjs_binding\.node is missing/);
      expect(note.split('\n')[0]).toBe(command);
    });

    it.each([
      ['binding', 'x.node: invalid ELF header'],
      ['binding', "/lib/libm.so.6: version `GLIBC_2.29' not found"],
      ['libtensorflow', 'libtensorflow_cc.so.2: cannot open shared object file'],
      ['CUDA libraries', 'libcudart.so.12: cannot open shared object file'],
      ['cuDNN', 'libcudnn.so.9: cannot open shared object file'],
      ['package', "Cannot find module '@tensorflow/tfjs'"],
    ])(`${engine}: says %s when loading says %s`, async (step, text) => {
      install(build, { index: `throw new Error(${JSON.stringify(text)})` });
      const { message, note } = await refusal(engine);
      expect(message).toBe(`engine ${engine} does not open here: ${step}: ${text}`);
      expect(note.split('\n')[0]).toBe(command);
    });
  }
});

describe('whyNoGpu', () => {
  it('names the variable that hides the GPU', async () => {
    process.env.CUDA_VISIBLE_DEVICES = '-1';
    const { message, note } = await whyNoGpu('/nowhere/node_modules/@tensorflow/tfjs-node-gpu', '2.21.0');
    expect(message).toBe('driver: CUDA_VISIBLE_DEVICES=-1 hides every GPU');
    expect(note).toContain('CUDA_VISIBLE_DEVICES');
  });

  const hasDriver = existsSync('/proc/driver/nvidia/version') || existsSync('/usr/lib/wsl/lib/libcuda.so.1');
  (hasDriver ? it.skip : it)('names the driver where there is none (skipped where there is one)', async () => {
    delete process.env.CUDA_VISIBLE_DEVICES;
    const { message, note } = await whyNoGpu('/nowhere/node_modules/@tensorflow/tfjs-node-gpu', '2.21.0');
    expect(message).toContain('driver: no NVIDIA driver is loaded');
    expect(note).toContain('nvidia-smi');
  });
});
