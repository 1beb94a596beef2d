import type { Head } from './head';
import { softmax } from './softmax';

export type { Head, Weights } from './head';

/** Every head. To add one: its file, and its line here; weights, training, tagging, checkpoint and contract tests follow. */
export const HEADS = { softmax } as const satisfies Record<string, Head>;

export type HeadName = keyof typeof HEADS;
