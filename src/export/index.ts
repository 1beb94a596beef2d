import type { ExportFormat } from './format';

export type { ExportFormat } from './format';

/**
 * Every format that a finished tagger can be written in. To add one: its file, and its line here, which loads the file when it is
 * asked for; the help, the checks of the command and the contract test follow.
 */
export const EXPORTS = {
  safetensors: {
    title: 'weights for NumPy, PyTorch and others; config, vocabulary and features in the metadata',
    make: async (source) => (await import('./safetensors.js')).safetensors(source),
  },
} as const satisfies Record<string, ExportFormat>;

export type ExportName = keyof typeof EXPORTS;
