import type { AddCommand } from './context';

interface SetupFlags {
  readonly gpu?: true;
  readonly from: string;
  readonly remove?: true;
  readonly json?: true;
}

export const addSetup: AddCommand = (program, context) => {
  program
    .command('setup')
    .description(
      "get libtensorflow for the engines tensorflow and cuda, into the user's cache folder or DSC_TRAIN_HOME",
    )
    .argument('<what>', 'tensorflow')
    .option('--gpu', 'the build for NVIDIA GPUs, with CUDA and cuDNN (about 4 GB to download)')
    .option(
      '--from <npm|pypi|DIR>',
      "the package's own host, the Python package index, or a folder with the wheels",
      'pypi',
    )
    .option('--remove', 'remove it again')
    .option('--json', 'print what was set up as JSON')
    .action(async (what: string, flags: SetupFlags) => {
      const { UserError } = await import('../errors.js');
      const { toJson } = await import('../report/json.js');
      const { removeTensorflow, setupTensorflow } = await import('../setup/tensorflow.js');
      if (what !== 'tensorflow')
        throw new UserError(`setup: there is no '${what}' to set up`, 'dsc-train setup tensorflow');
      const { stdout, stderr } = context.proc;
      const build = flags.gpu ? 'gpu' : 'cpu';
      const engine = flags.gpu ? 'cuda' : 'tensorflow';
      if (flags.remove) {
        const gone = await removeTensorflow(build);
        stdout.write(gone.length > 0 ? gone.map((path) => `removed ${path}\n`).join('') : 'nothing was set up\n');
        return;
      }
      const result = await setupTensorflow({
        build,
        from: flags.from,
        platform: process.platform,
        arch: process.arch,
        tools: { node: process.execPath, npm: 'npm', python: 'python3', compiler: process.env.CXX ?? 'c++' },
        say: (line) => void stderr.write(`${line}\n`),
      });
      const words = `libtensorflow ${result.tensorflow} in ${result.folder}; check it with: dsc-train doctor --engine ${engine}\n`;
      stdout.write(flags.json ? toJson(result) : words);
    });
};
