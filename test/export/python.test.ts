import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vocabFromJson } from '../../src/data/vocab';
import { openSource } from '../../src/export/source';
import { exportRun } from '../../src/export/write';
import { type Column, featuresFromJson } from '../../src/features';
import { dscTrain } from '../cli/binary';
import { feedsOf, noRuntime } from './runtime';
import { trainedRun } from './trained';

/** The example of the documentation, and what it needs of Python. */
const EXAMPLES = join(__dirname, '../../src/export/examples');

function python(code: string, input: string, args: readonly string[] = []): string {
  const { status, stdout, stderr } = spawnSync('python3', ['-W', 'error', '-c', code, ...args], {
    input,
    encoding: 'utf8',
    env: { ...process.env, PYTHONPATH: EXAMPLES, PYTHONIOENCODING: 'utf8', PYTHONDONTWRITEBYTECODE: '1' },
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(stderr || 'python3 does not start');
  return stdout;
}

const has = (...modules: string[]): boolean => {
  try {
    return python(modules.map((name) => `import ${name}`).join('\n'), '') === '';
  } catch {
    return false;
  }
};

const withPython = has('json') ? it : it.skip;

/** Case of one letter that becomes several, that depends on the end of the word, without a pair; kinds; lengths; a pair of halves. */
const TOKENS = [
  ...['the', 'The', 'THE', 'of', 'report', 'Professor', 'İstanbul', 'ISTANBUL', 'ıI', 'straße', 'STRASSE', 'ﬁn', 'ǅungla', 'Ǆ'],
  ...['ΟΔΟΣ', 'ΣΑΣ', 'Σ', 'ΑΣ.', 'ΑΣ́', "ΑΣ'Α", 'K', 'Å', 'ſt', '', '1996-08-22', '3', '+3.5%', '−1', '#tag', '#', '@me', 'http://x', 'WWW.X', 'a.', 'A.', 'U.S.'],
  ...['😀', '😀😀😀😀', 'a😀b😀c', '科学', '科', 'カー', 'ก', 'e\u0301', 'é', '\u0301', 'x'.repeat(40), 'aB'.repeat(20), 'a\u00adb', '\u200b', '__proto__', 'constructor', '٣٤', 'Ⅷ', 'ª', 'ʰa', '“', '$', '_', 'x\u2028y'],
]; // prettier-ignore
const SENTENCES = [TOKENS, ['of', 'the', 'report', 'in', 'THE', 'of', 'The'], ['x']];

/** Ids by the example, as our own encoders lay them out. */
function byPython(features: readonly object[], sentences: readonly (readonly string[])[]): number[][] {
  const code = `
import json, sys, tag_onnx
features, sentences = json.load(sys.stdin)
flat = lambda rows: [x for row in rows for x in ([*row, -1] if isinstance(row, list) else [row])]
print(json.dumps([[x for s in sentences for x in flat(encode(s))] for encode in map(tag_onnx.encoder, features)]))`;
  return JSON.parse(python(code, JSON.stringify([features, sentences]))) as number[][];
}

function byUs(columns: readonly Column[], sentences: readonly (readonly string[])[]): number[][] {
  return columns.map((column) =>
    sentences.flatMap((tokens) => {
      if (column.encode) return tokens.map(column.encode);
      const rows = column.spell ? tokens.map(column.spell) : column.rowsOf(tokens);
      // the rows of a bag are summed: their order is none
      return rows.flatMap((row) => [...(column.spell ? [...row] : [...row].sort((a, b) => a - b)), -1]);
    }),
  );
}

const recipesOf = (columns: readonly Column[]): object[] => columns.map(({ recipe }) => recipe?.() ?? {});

describe("the example's ids (skipped where there is no python3)", () => {
  withPython('are ours, for every feature of a trained tagger', async () => {
    const run = await trainedRun({});
    const { columns } = (await openSource(run)).tagger.features;
    expect(Object.keys(feedsOf(SENTENCES, columns))).toContain('affix.form');
    expect(byPython(recipesOf(columns), SENTENCES)).toEqual(byUs(columns, SENTENCES));
  });

  const NO_WORDS = vocabFromJson({ minCount: 1, words: [], unknown: 0, labels: [{ label: 'O', count: 1 }] }, Error);
  const cased = { name: 'x', path: 'x', sha256: 'x', cased: true, rate: 1 };
  const keys = (text: (token: string) => string): string[] => [...new Set(TOKENS.map(text))];

  withPython.each([
    ['words of cased vectors in another case', { word: { width: 2, words: ['The', 'REPORT', 'strasse', 'Of', 'INS', 'Ǆ', 'i̇stanbul', 'ΟΔΟΣ', 'σασ'], from: 1, vectors: cased } }],
    ['words of vectors in lower case', { word: { width: 2, words: keys((token) => token.toLowerCase()), from: 1, vectors: { ...cased, cased: false } } }],
    ['all affixes', { affix: { width: 2, prefix1: keys((t) => Array.from(t.toLowerCase()).slice(0, 1).join('')), prefix3: keys((t) => Array.from(t.toLowerCase()).slice(0, 3).join('')), suffix3: keys((t) => Array.from(t.toLowerCase()).slice(-3).join('')), form: ['x', 'Xx', 'XXXX', 'xxxx', 'dddd-dd-dd', 'XxXxXxXxXxXx', '😀😀😀😀', 'cc', '#xxx', 'X.X.', 'xx'] } }],
    ['a lexicon of characters', { lexicon: { width: 2, longest: 3, classes: ['a', 'b'], words: [[[0], '科学\tカー'], [[0, 1], '学カ\tof the']], unit: 'character', numbered: true } }],
    ['a lexicon of tokens, some without blanks between', { lexicon: { width: 2, longest: 2, classes: ['a', 'b', 'c'], words: [[[2], '科科学\tof the'], [[1], 'é\tthe 科\tx']], unit: 'token', numbered: false } }],
  ] as const)('are ours: %s', (_, json) => {
    const { columns } = featuresFromJson(json, NO_WORDS);
    const sentences = [...SENTENCES, ['科', '科学', 'カ', 'ー', 'the', '科'], ['科0', '学1', 'カ0', '9', '1a', '😀5'], ['É', 'É', 'é']];
    const theirs = byPython(recipesOf(columns), sentences);
    expect(theirs).toEqual(byUs(columns, sentences));
    for (const ids of theirs) expect(new Set(ids).size).toBeGreaterThan(2);
  }); // prettier-ignore

  withPython('fold every character as we do, but those that are newer than the Unicode of Python', () => {
    const contexts = (c: string): string[] => [c, `A${c}`, `${c}A`, `ΑΣ${c}`, `ΑΣ${c}Α`, `${c}Σ`, `Α${c}Σ`];
    const own: Record<string, string[]> = {};
    for (let code = 0; code < 0x110000; code++) {
      const c = code >= 0xd800 && code < 0xe000 ? '' : String.fromCodePoint(code);
      if (/[\p{Changes_When_Casemapped}\p{Cased}\p{Case_Ignorable}]/u.test(c))
        own[c] = [...contexts(c).map((text) => text.toLowerCase()), c.toUpperCase()];
    }
    const code = `
import json, sys, unicodedata
own = json.load(sys.stdin)
for c in map(chr, [*range(0xd800), *range(0xe000, 0x110000)]):
    if unicodedata.category(c) == 'Cn':
        continue
    texts = [c, 'A' + c, c + 'A', 'ΑΣ' + c, 'ΑΣ' + c + 'Α', c + 'Σ', 'Α' + c + 'Σ']
    theirs = [t.lower() for t in texts] + [c.upper()]
    plain = [c, 'a' + c, c + 'a', 'ας' + c, 'ας' + c + 'α', c + 'σ', 'α' + c + 'σ', c]
    if own.get(c, plain) != theirs:
        print(ascii(c), ascii(own.get(c, plain)), ascii(theirs))`;
    const differing = python(code, JSON.stringify(own)).split('\n').slice(0, -1);
    const same = python('import unicodedata; print(unicodedata.unidata_version)', '').startsWith(
      process.versions.unicode ?? '?',
    );
    // a later version gives a letter its other case, or counts a sign as a letter: of what one writes here nothing changes
    expect(differing.length).toBeLessThanOrEqual(same ? 0 : 20);
    expect(differing.filter((line) => /^'(.|\\x..|\\u0[34].*)' /.test(line))).toEqual([]);
  });
});

describe('the example', () => {
  // where Python has no onnxruntime, one of ours hands the inputs to that of Node
  const runtime = has('numpy', 'onnxruntime') ? null : __dirname;
  const canRun = has('numpy') && (runtime === null || noRuntime() === null);
  (canRun ? it : it.skip)(
    'tags text as dsc-train tag does (skipped where there is no numpy, or no runtime)',
    async () => {
      const run = await trainedRun({ 'model.head': 'crf', 'loss.name': 'nll', 'train.learningRate': 0.03 });
      const model = join(mkdtempSync(join(tmpdir(), 'dsc-python-')), 'tagger.onnx');
      const decoding = { outsideBias: -4 };
      await exportRun(run, 'onnx', model, { overwrite: false, decoding });
      const sentences = [
        ['The', 'report', 'of', 'the', '科学', 'İstanbul', '.'],
        ['x'],
        ['Professor', 'Rose', 'flew', 'to', '#Paris'],
      ];
      const code = `import sys, runpy; sys.path[:0] = sys.argv[2:]; runpy.run_module('tag_onnx', run_name='__main__')`;
      const printed = python(code, sentences.map((tokens) => `${tokens.join(' ')}\n`).join(''), [model, ...(runtime === null ? [] : [runtime])]); // prettier-ignore
      const input = sentences.map((tokens) => `${tokens.join('\n')}\n\n`).join('');
      const { stdout } = await dscTrain(['tag', run, '--engine', 'js', '--outside-bias', '-4'], { input });
      expect(printed.replace(/\t[01]\.\d{4}$/gm, '').trim()).toBe(stdout.trim());
      expect(new Set(stdout.match(/\t.*$/gm)).size).toBeGreaterThan(1);
    },
  );
});
