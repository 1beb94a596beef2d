import type { Word } from './expand';

/** Two columns, token and IOB2 tag, with a tab between; an empty line after each sentence. */
export function conll(sentences: readonly (readonly Word[])[]): string {
  const rows = (words: readonly Word[]): string =>
    words.map(({ form, ner, elided }) => (elided ? '' : `${form}\t${ner}\n`)).join('');
  return sentences.map((words) => `${rows(words)}\n`).join('');
}

/**
 * CoNLL-U with the columns that the grammar knows: ID, FORM, UPOS and SpaceAfter; the others are `_`. Clitics share a
 * multiword range with the word before them, elided words are empty nodes.
 */
export function conllu(sentences: readonly (readonly Word[])[], name: string): string {
  return sentences
    .map((words, i) => `# sent_id = ${name}-${i + 1}\n# text = ${text(words)}\n${rows(words).join('')}\n`)
    .join('');
}

function rows(words: readonly Word[]): string[] {
  const lines: string[] = [];
  let id = 0;
  let empty = 0;
  words.forEach((word, i) => {
    const { form, upos } = word;
    if (word.elided) {
      lines.push(row(`${id}.${++empty}`, form, upos, '_'));
      return;
    }
    id++;
    empty = 0;
    const next = words.slice(i + 1).find(({ elided }) => !elided);
    const misc = (after: Word | undefined, last: string): string =>
      after !== undefined && !spaceBetween(last, after) ? 'SpaceAfter=No' : '_';
    if (next?.clitic) {
      const after = words.slice(words.indexOf(next) + 1).find(({ elided }) => !elided);
      lines.push(row(`${id}-${id + 1}`, form + next.form, '_', misc(after, next.form)));
    }
    lines.push(row(String(id), form, upos, word.clitic || next?.clitic ? '_' : misc(next, form)));
  });
  return lines;
}

function row(id: string, form: string, upos: string, misc: string): string {
  return `${[id, form, '_', upos, '_', '_', '_', '_', '_', misc].join('\t')}\n`;
}

function text(words: readonly Word[]): string {
  const written = words.filter(({ elided }) => !elided);
  return written.reduce((line, word, i) => {
    const space = i > 0 && !word.clitic && spaceBetween(written[i - 1].form, word) ? ' ' : '';
    return line + space + word.form;
  }, '');
}

/** Whether a space stands between a form and the word after it. */
function spaceBetween(form: string, { form: next }: Word): boolean {
  return !/^([.,;:?!)%]|\.\.\.)$/.test(next) && !/^[($]$/.test(form);
}
