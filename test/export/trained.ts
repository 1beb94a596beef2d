import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Layer, nest, parseConfig } from '../../src/config';
import { run } from '../../src/run';

const layer = (key: string, value: unknown): Layer => ({ source: key, values: nest(key, value) });

/** The first sentences of a bundled file, as a file of their own. */
export function cutOf(name: string, sentences: number): string {
  const text = readFileSync(join(__dirname, '../../data', name), 'utf8');
  const path = join(mkdtempSync(join(tmpdir(), 'dsc-cut-')), name.replace('/', '-'));
  writeFileSync(path, `${text.split('\n\n').slice(0, sentences).join('\n\n')}\n\n`);
  return path;
}

/** Words of the bundled corpus in two classes, one of them of two words. */
function lexicon(): string {
  const path = join(mkdtempSync(join(tmpdir(), 'dsc-lexicon-')), 'lexicon.txt');
  writeFileSync(path, 'the\tfunction\nof the\tfunction\nreport\tnoun\tverb\nin\tfunction\nProfessor\ttitle\n');
  return path;
}

/**
 * Trains a tiny tagger, all features of a string on, for an epoch of a few sentences.
 * @param settings by config key, over these
 * @returns its folder
 */
export async function trainedRun(settings: Readonly<Record<string, unknown>>): Promise<string> {
  const out = join(mkdtempSync(join(tmpdir(), 'dsc-export-')), 'my run');
  const config = parseConfig([
    layer('data', { train: cutOf('ner/train.conll', 100), dev: cutOf('ner/dev.conll', 20), test: null }),
    layer('model', { wordDim: 8, shapeDim: 3, affixDim: 3, hidden: 6, charDim: 4, charFilters: 5, lexicon: lexicon() }),
    layer('train', { epochs: 1 }),
    layer('engine.name', 'js'),
    layer('out', out),
    ...Object.entries(settings).map(([key, value]) => layer(key, value)),
  ]);
  await run(config, {
    signal: new AbortController().signal,
    overwrite: false,
    begin: () => undefined,
    listen: () => undefined,
  });
  return out;
}
