import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** `Ada|B-PER sings|O` a line: one sentence each, as a two-column file. */
export function conll(...sentences: readonly string[]): string {
  return sentences
    .map(
      (s) =>
        `${s
          .split(' ')
          .map((t) => t.replace('|', '\t'))
          .join('\n')}\n\n`,
    )
    .join('');
}

/** Files in a folder that is removed after the tests of the file. */
export function tempFiles(): { write: (name: string, content: string) => string; path: (name: string) => string } {
  const folder = mkdtempSync(join(tmpdir(), 'inspect-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const path = (name: string): string => join(folder, name);
  return {
    path,
    write: (name, content) => {
      writeFileSync(path(name), content);
      return path(name);
    },
  };
}

/** Leaks, contradictions, a stray I-, a rare class and classes on one side only; counted by hand in the tests. */
export const TRAIN = conll(
  'Ada|B-PER Lovelace|I-PER sings|O in|O Paris|B-LOC', // lines 1-5
  'the|O cat|O sat|O on|O mats|O', // 7-11
  'the|O cat|O sat|O on|O mats|O', // 13-17: a repeat
  'Paris|B-ORG won|O', // 19-20: Paris again, as another type
  'so|O Bob|I-PER ran|O', // 22-24: stray I-
  'the|O cat|O sat|B-LOC on|O mats|O', // 26-30: a repeat with other labels
);
export const DEV = conll(
  'Ada|B-PER Lovelace|I-PER sings|O in|O Paris|O', // 1-5: leak, other labels
  'the|O cat|O sat|O on|O mats|O', // 7-11: leak
  'Paris|B-ORG won|O', // 13-14: shared, too short to be a leak
  'Zoe|B-PROD Kim|I-PROD sings|O', // 16-18: PROD is not in train
);
