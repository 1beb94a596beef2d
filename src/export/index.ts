import type { ExportFormat } from './format';

export type { ExportFormat } from './format';

/**
 * Every format that a finished tagger can be written in. To add one: its file, and its line here, which loads the file when it is
 * asked for; the help, the checks of the command and the contract test follow.
 */
export const EXPORTS = {
  onnx: {
    title: 'a network for ONNX Runtime and others (opset 15, IR version 8); FILE.json says how ids come of text',
    beside: ['.json'],
    decodes: true,
    make: async (source, settings) => (await import('./onnx.js')).onnx(source, settings),
  },
  safetensors: {
    title: 'weights for NumPy, PyTorch and others; config, vocabulary and features in the metadata',
    make: async (source) => (await import('./safetensors.js')).safetensors(source),
  },
  card: {
    title: "a model card in Markdown with Hugging Face's header: scores, data, training, warnings",
    make: async (source) => (await import('./card.js')).card(source),
  },
  web: {
    title: 'one HTML page that tags what is typed, without any network, and shows the scores of the run',
    decodes: true,
    make: async (source, settings) => (await import('./web.js')).web(source, settings),
  },
} as const satisfies Record<string, ExportFormat>;

export type ExportName = keyof typeof EXPORTS;
