/*
 * node test/bench/coverage.mjs VECTORS FILE...: how much of each CoNLL file has vectors, by step of the look-up, as Markdown; the
 * commonest words without. VECTORS is a file, or npm:NAME.
 */
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';

const require = createRequire(import.meta.url);
const at = (path) => require(join(import.meta.dirname, '../../dist', path));
const { readCorpus } = at('data/corpus.js');
const { openVectors } = at('vectors/index.js');
const { coverageOf, createLookUp, STEPS } = at('vectors/lookUp.js');

const [name, ...files] = process.argv.slice(2);
if (files.length === 0) throw new Error('name vectors, and at least one file');
const vectors = await openVectors(name);
const lookUp = createLookUp(vectors);
const share = (of, all) => (all === 0 ? '-' : ((100 * of) / all).toFixed(1));
const cells = (of, all) => `${share(of.tokens, all.tokens)} / ${share(of.types, all.types)}`;
const line = (...columns) => console.log(`| ${columns.join(' | ')} |`);

console.log(`${name}: ${vectors.count} words x ${vectors.width}; % of tokens / % of different words\n`);
line('file', 'tokens / words', ...STEPS, 'none', 'commonest without');
line(...Array.from({ length: STEPS.length + 4 }, () => '---'));
for (const file of files) {
  const { sentences } = await readCorpus(file);
  const counts = new Map();
  for (const { tokens } of sentences) for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1);
  const found = coverageOf(counts, lookUp);
  const missing = found.missing.slice(0, 8).map(([token]) => `\`${token.replaceAll('|', '\\|')}\``);
  const steps = found.steps.map((step) => cells(step, found));
  line(basename(file), `${found.tokens} / ${found.types}`, ...steps, cells(found.none, found), missing.join(' '));
}
vectors.close();
