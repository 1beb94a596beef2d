import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { createProblems, quote } from '../data/problems';
import { invalidUtf8At } from '../data/utf8';
import { foldComposed } from '../data/vocab';
import { UserError } from '../errors';
import { nameOf, readBytes, unpackBytes } from '../files';
import { someOf, whole } from '../wording';

/** No gazetteer has so many kinds of words: the column holds something else. */
const MOST_CLASSES = 1000;

/** What a file of a lexicon holds: classes by the case-folded word. @throws UserError as `parseLexicon`, and where it cannot be read */
export async function readLexicon(path: string) {
  const bytes = await readBytes(path);
  const entries = parseLexicon(unpackBytes(bytes, nameOf(path)), nameOf(path));
  return { entries, file: basename(path), sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** Classes by the case-folded word. @throws UserError with every line that is none of a lexicon */
export function parseLexicon(bytes: Buffer, path: string): Map<string, ReadonlySet<string>> {
  const bad = invalidUtf8At(bytes);
  if (bad >= 0) {
    const line = bytes.subarray(0, bad).reduce((count, byte) => count + (byte === 10 ? 1 : 0), 1);
    throw new UserError(
      `${path}:${line}:1: a lexicon is UTF-8 text, and this line is not`,
      'convert it with iconv -t utf-8',
    );
  }
  const lines = bytes.toString('utf8').replace(/^\uFEFF/, '').split(/\r?\n/); // prettier-ignore
  const first = lines.find((line) => line.trim() !== '');
  if (first === undefined) throw new UserError(`${path}: the lexicon holds no word`, FORM);
  const read = first.includes('\t') ? fromTabs : JIEBA.test(first) ? fromJieba : undefined;
  const problems = createProblems(path);
  const entries = new Map<string, Set<string>>();
  const classes = new Set<string>();
  lines.forEach((line, i) => {
    if (line.trim() === '') return;
    const [word = '', ...of] = read?.(line) ?? [];
    if (word === '' || of.length === 0 || of.includes('')) {
      problems.add(i + 1, 1, `found ${quote(line)}, expected ${read === fromJieba ? 'word, frequency and tag, as in the lines before' : 'a word, a tab and a class'}`, FORM); // prettier-ignore
      return;
    }
    const key = foldComposed(word);
    const known = entries.get(key);
    if (!known) entries.set(key, new Set(of));
    else for (const name of of) known.add(name);
    for (const name of of) classes.add(name);
  });
  problems.throwIfAny();
  if (classes.size > MOST_CLASSES)
    throw new UserError(
      `${path}: ${whole(classes.size)} different classes (${someOf([...classes], 5)}): is the second column that of the classes?`,
      FORM,
    );
  return entries;
}

const FORM =
  'a lexicon has a word, a tab and its class a line, further classes behind further tabs; or a word, its frequency and its tag with blanks between, as jieba has them';
const JIEBA = /^\S+ \d+ \S+$/;

const fromTabs = (line: string): string[] => line.split('\t').map((field) => field.trim().replace(/\s+/g, ' '));
function fromJieba(line: string): string[] {
  const [word = '', , tag = ''] = JIEBA.test(line) ? line.split(' ') : [];
  return [word, tag];
}
