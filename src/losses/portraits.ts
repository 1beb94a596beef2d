import type { Portrait } from './curve';

/** Portraits that need not be worked out, by `portraitKey`: bin/bundle.mjs puts those of the default parameters here. */
export const PORTRAITS: Readonly<Record<string, Portrait>> = {};
