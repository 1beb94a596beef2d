import { UserError } from '../errors';
import { refuseUnreadable } from '../files/strangers';
import type { Sample } from './sample';

/** Marks that stand between the columns of other files. */
const MARKS: readonly (readonly [mark: string, name: string])[] = [
  [',', 'commas, as in CSV'],
  [';', 'semicolons, as in CSV'],
  ['|', 'vertical bars'],
];

/** So many of the rows must have the mark before it is what separates columns: text has commas as well. */
const MOST = 0.8;

/** How other files that hold labelled text begin. */
const BEGINNINGS: readonly (readonly [begins: RegExp, what: string, note: string])[] = [
  [/^<\?xml\s|^<!doctype\s/i, 'this is XML or HTML', 'write one token and its tag a line'],
  [
    /^T\d+\t\S+ \d+ \d+(;\d+ \d+)*\t/,
    'this is standoff annotation of brat',
    'write texts and spans as one JSON object a line, which dsc-train convert turns into rows',
  ],
];

/**
 * Whether a file of rows is a file of another kind, which would be read as rows of a sort or refused line by line.
 * @param bytes its beginning, unpacked and without a byte order mark
 * @throws UserError where it surely is
 */
export function refuseStranger(bytes: Buffer, path: string, { columns, rows }: Sample, tagged: boolean): void {
  refuseUnreadable(path, bytes);
  const head = bytes.toString('utf8', 0, 1 << 16);
  const refuse = (what: string, note: string): never => {
    throw new UserError(`${path}:${beginsAt(head)}: ${what}`, note);
  };
  if (beginsAsJson(head) && isJsonLine(head)) {
    const note =
      'dsc-train convert turns texts with labelled spans into rows; of lists of tokens and tags write one token and its tag a line';
    refuse('this is JSON, not rows', note);
  }
  for (const [begins, what, note] of BEGINNINGS) if (begins.test(head)) refuse(what, note);
  if (columns !== 1 || !tagged) return;
  for (const [mark, name] of MARKS) {
    const counts = rows.map((row) => row.join(' ').split(mark).length - 1);
    const usual = counts[0] ?? 0;
    if (usual === 0 || counts.filter((count) => count === usual).length < MOST * counts.length) continue;
    refuse(`columns seem to be separated by ${name}`, 'write tabs in their place; quotes around fields are not read');
  }
}

/** Does a text begin as JSON does, and no row? */
export const beginsAsJson = (head: string): boolean => /^\uFEFF?\s*(\{\s*["}]|\[\s*[[{"\]])/.test(head);

/** Is its first line JSON as a whole, or nothing but brackets that open? A token may be a bracket as well. */
function isJsonLine(head: string): boolean {
  const line = /^\uFEFF?\s*(.*)/.exec(head)?.[1]?.trim() ?? '';
  if (/^[[{]+$/.test(line)) return true;
  try {
    return typeof JSON.parse(line) === 'object';
  } catch {
    return head.length >= 1 << 16 && !head.includes('\n'); // its first line goes on
  }
}

/** `line:column` of the first character that is seen. */
function beginsAt(head: string): string {
  const before = head.slice(0, Math.max(0, head.search(/[^\s\uFEFF]/))).split('\n');
  return `${before.length}:${(before.at(-1) ?? '').replace('\uFEFF', '').length + 1}`;
}
