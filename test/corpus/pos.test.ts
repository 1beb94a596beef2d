import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Sentence {
  readonly comments: Map<string, string>;
  readonly rows: string[][];
}

function read(split: string): Sentence[] {
  const text = readFileSync(join(__dirname, '../../data/pos', `${split}.conllu`), 'utf8');
  return text
    .split('\n\n')
    .filter((block) => block !== '')
    .map((block) => {
      const lines = block.split('\n');
      const comments = lines.filter((line) => line.startsWith('# '));
      return {
        comments: new Map(comments.map((line) => /^# (\S+) = (.*)$/.exec(line)?.slice(1) as [string, string])),
        rows: lines.filter((line) => !line.startsWith('# ')).map((line) => line.split('\t')),
      };
    });
}

const SPLITS = { train: read('train'), dev: read('dev'), test: read('test') };
const UPOS = 'ADJ ADP ADV AUX CCONJ DET INTJ NOUN NUM PART PRON PROPN PUNCT SCONJ SYM VERB X'.split(' ');
const words = (sentences: readonly Sentence[]): string[][] =>
  sentences.flatMap(({ rows }) => rows.filter(([id]) => /^\d+$/.test(id)));

describe.each(Object.entries(SPLITS))('data/pos/%s.conllu', (split, sentences) => {
  it('has the stated number of sentences, each with its own sent_id', () => {
    expect(sentences).toHaveLength({ train: 1200, dev: 250, test: 250 }[split] ?? NaN);
    expect(new Set(sentences.map(({ comments }) => comments.get('sent_id'))).size).toBe(sentences.length);
  });

  it('holds ten columns a row and all 17 tags but none else', () => {
    expect(sentences.flatMap(({ rows }) => rows.filter((row) => row.length !== 10))).toEqual([]);
    expect([...new Set(words(sentences).map((row) => row[3]))].sort()).toEqual(UPOS);
  });

  it('numbers words from 1, puts a range before its words and an empty node after a word', () => {
    for (const { rows } of sentences) {
      let last = 0;
      rows.forEach(([id, form], i) => {
        if (id.includes('-')) {
          expect(id).toBe(`${last + 1}-${last + 2}`);
          expect(form).toBe(rows[i + 1][1] + rows[i + 2][1]);
        } else if (id.includes('.')) expect(id).toBe(`${last}.1`);
        else expect(Number(id)).toBe(++last);
      });
    }
    const ids = sentences.flatMap(({ rows }) => rows.map(([id]) => id));
    expect(ids.filter((id) => id.includes('-')).length).toBeGreaterThan(10);
    expect(ids.filter((id) => id.includes('.')).length).toBeGreaterThan(2);
  });

  it('has a text that its forms and SpaceAfter=No spell out', () => {
    for (const { comments, rows } of sentences) {
      let inRange = 0;
      let spelt = '';
      for (const [id, form, , , , , , , , misc] of rows) {
        if (id.includes('.')) continue;
        if (inRange > 0) inRange--;
        else spelt += form + (misc === 'SpaceAfter=No' ? '' : ' ');
        if (id.includes('-')) inRange = 2;
      }
      expect(spelt.trimEnd()).toBe(comments.get('text'));
    }
  });
});

describe('the POS corpus as a whole', () => {
  const train = words(SPLITS.train);
  const tagsOfForm = new Map<string, Map<string, number>>();
  for (const [, form, , upos] of train) {
    const tags = tagsOfForm.get(form.toLowerCase()) ?? new Map<string, number>();
    tagsOfForm.set(form.toLowerCase(), tags.set(upos, (tags.get(upos) ?? 0) + 1));
  }

  it('is imbalanced: the commonest tag has 30 times the tokens of the rarest', () => {
    const counts = UPOS.map((tag) => train.filter((row) => row[3] === tag).length);
    expect(Math.max(...counts) / Math.min(...counts)).toBeGreaterThan(30);
    expect(Math.min(...counts)).toBeGreaterThan(30);
  });

  it('has 15 % or more of its test words ambiguous in train, and some unknown', () => {
    const test = words(SPLITS.test);
    const ambiguous = test.filter(([, form]) => (tagsOfForm.get(form.toLowerCase())?.size ?? 0) > 1);
    expect(ambiguous.length / test.length).toBeGreaterThan(0.15);
    const unknown = test.filter(([, form]) => !tagsOfForm.has(form.toLowerCase()));
    expect(unknown.length / test.length).toBeGreaterThan(0.02);
  });

  it('is not solved by the usual tag of each word, with NOUN for the unknown: 85 to 95 % right', () => {
    const usual = (form: string): string =>
      [...(tagsOfForm.get(form.toLowerCase()) ?? [['NOUN', 1] as const])].sort((a, b) => b[1] - a[1])[0][0];
    const test = words(SPLITS.test);
    const accuracy = test.filter(([, form, , upos]) => usual(form) === upos).length / test.length;
    expect(accuracy).toBeGreaterThan(0.85);
    expect(accuracy).toBeLessThan(0.95);
  });

  it('repeats no sentence within or across splits', () => {
    const texts = Object.values(SPLITS).flatMap((some) =>
      some.map(({ rows }) =>
        rows
          .map(([, form]) => form)
          .join(' ')
          .toLowerCase(),
      ),
    );
    expect(new Set(texts).size).toBe(texts.length);
  });
});
