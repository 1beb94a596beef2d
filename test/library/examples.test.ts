import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';

/** Every example of the documentation, run as it stands: by a program in a folder that has the package and three small corpora. */

const ROOT = join(__dirname, '../..');

interface Example {
  readonly file: string;
  readonly code: string;
  /** What it says that it prints, in comments at the end of lines. */
  readonly prints: readonly string[];
}

/** Those that others read the run of come behind the one that makes it. */
const ORDER = ['src/library/train.ts', 'src/library/README.md'];

const examples = [...ORDER, ...filesOf('src').filter((file) => !ORDER.includes(file))].flatMap(examplesOf);

function filesOf(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ts|md)$/.test(file))
    .map((file) => join(folder, file))
    .sort();
}

function examplesOf(file: string): Example[] {
  const text = readFileSync(join(ROOT, file), 'utf8').replace(/^ \* ?/gm, '');
  return [...text.matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, code = '']) => ({
    file,
    code,
    prints: [...code.matchAll(/^\s*console\.log\(.*\); \/\/ (.*)$/gm)].map(([, printed = '']) => printed),
  }));
}

/** The first sentences of a bundled file. */
function shorten(path: string, sentences: number): string {
  const blocks = readFileSync(join(ROOT, 'data/ner', path), 'utf8').split('\n\n');
  return `${blocks.slice(0, sentences).join('\n\n')}\n`;
}

describe('the examples', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dsc-examples-'));
  let printed: string[];

  beforeAll(() => {
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(ROOT, join(folder, 'node_modules/dsc-train'));
    writeFileSync(join(folder, 'train.conll'), shorten('train.conll', 300));
    writeFileSync(join(folder, 'dev.conll'), shorten('dev.conll', 60));
    writeFileSync(join(folder, 'test.conll'), shorten('test.conll', 60));
    const options = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022 };
    examples.forEach(({ code }, i) => {
      writeFileSync(join(folder, `${i}.mjs`), ts.transpileModule(code, { compilerOptions: options }).outputText);
    });
    const all = examples.map((_, i) => `console.log('--- ${i}'); await import('./${i}.mjs');\n`).join('');
    writeFileSync(join(folder, 'all.mjs'), all);
    const { stdout, stderr } = spawnSync(process.execPath, ['all.mjs'], { cwd: folder, encoding: 'utf8' });
    const own = stderr.split('\n').filter((line) => !/oneDNN|absl|cpu_feature|rebuild TensorFlow/.test(line));
    expect(own.join('\n').trim()).toBe(''); // the library itself writes nothing
    printed = stdout.split(/^--- \d+\n/m).slice(1);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('are there for every public function', () => {
    const shown = examples.map(({ code }) => code).join('\n');
    const functions = [
      'train',
      'loadTagger',
      'evaluate',
      'scoreTags',
      'compare',
      'inspect',
      'readConll',
      'resolveConfig',
    ];
    expect(functions.filter((name) => !new RegExp(`\\b${name}\\(`).test(shown))).toEqual([]);
  });

  it.each(examples.map(({ file, prints }, i) => [`${file} (${i})`, i, prints] as const))(
    '%s runs, and prints what it says',
    (_, i, prints) => {
      expect(printed[i].trim()).not.toBe('');
      const lines = printed[i].split('\n');
      for (const line of prints) expect(lines).toContain(line);
    },
  );
});
