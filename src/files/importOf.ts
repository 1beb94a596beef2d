/**
 * What a module exports, by its URL. A file of its own in the program too (bin/bundle.mjs): V8 forgets for scripts that it takes from its
 * cache (bin/compiled.js) how they import.
 */
export const importOf = (url: string): Promise<{ readonly default?: unknown }> =>
  import(url) as Promise<{ readonly default?: unknown }>;
