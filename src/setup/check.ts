import { packageFolder } from '../engine/tensorflow/home';
import { UserError } from '../errors';
import { runTool, type Run, type Tools } from './tools';

/** Loads the package and multiplies two numbers. The two functions of `util` are gone since Node 23. */
const SCRIPT = `
const util = require('node:util');
util.isNullOrUndefined ??= (x) => x == null;
util.isArray ??= Array.isArray;
const tf = require(process.argv[1]);
const [product] = tf.matMul([[6]], [[7]]).dataSync();
const { binding, isUsingGpuDevice } = tf.backend();
console.log(JSON.stringify({ product, tensorflow: binding.TF_Version, gpu: isUsingGpuDevice }));
`;

/** Loads what was built, in a process of its own. @returns version of libtensorflow, and whether it sees a GPU */
export async function checkBuild(
  folder: string,
  tools: Tools,
  run: Run,
): Promise<{ tensorflow: string; gpu: boolean }> {
  const env = { TF_CPP_MIN_LOG_LEVEL: '2', TF_FORCE_GPU_ALLOW_GROWTH: 'true' };
  const mend = 'remove it with --remove and set it up again; if that does not help, please report the lines above';
  const printed = await runTool(tools.node, ['-e', SCRIPT, packageFolder(folder)], { ...run, cwd: folder, env, mend });
  const last = printed.trim().split('\n').at(-1) ?? '';
  const { product, tensorflow, gpu } = JSON.parse(last) as { product: number; tensorflow: string; gpu: boolean };
  if (product !== 42) throw new UserError(`libtensorflow ${tensorflow} computes 6 * 7 = ${product}`, mend);
  return { tensorflow, gpu };
}
