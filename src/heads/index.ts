import type { Head } from './head';
import { softmax } from './softmax';

export {
  type DecodeMethod,
  type DecodeSettings,
  type Decoding,
  DECODE_METHODS,
  decodePacked,
  decodeText,
  decodingOf,
  EARLIER_DECODING,
  type PathScores,
} from './decoding';
export type { Head, Weights } from './head';

/** Every head. To add one: its file, and its line here; weights, training, tagging, checkpoint and contract tests follow. */
export const HEADS = { softmax } as const satisfies Record<string, Head>;

export type HeadName = keyof typeof HEADS;
