import { crf } from './crf';
import type { Head } from './head';
import type { HeadName } from './kinds';
import { softmax } from './softmax';

export {
  type DecodeMethod,
  type DecodeSettings,
  type Decoding,
  DECODE_METHODS,
  decodeText,
  decodingOf,
  EARLIER_DECODING,
  methodOf,
  type PathScores,
} from './decoding';
export { entityJudge, type JudgeEntity } from './entities';
export { decodePacked, type Head, weightOf, type Weights } from './head';
export type { HeadName } from './kinds';

/** Every head. To add one: its line in `kinds.ts`, its file, and its line here; weights, training, tagging, checkpoint and contract tests follow. */
export const HEADS = { softmax, crf } satisfies Record<HeadName, Head>;
