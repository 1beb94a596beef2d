/** Writes the bundled corpus: `npm run corpus`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { corpusFiles } from './corpus';

// Compiled to dist/corpus/data/, three folders below the package root.
const root = join(__dirname, '..', '..', '..', 'data');
for (const [path, text] of Object.entries(corpusFiles())) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}
