import { inOneLine } from '../../src/warnings';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { lineOf, readCorpus, type ReadOptions } from '../../src/data/corpus';
import { UserError } from '../../src/errors';

const FOLDER = join(__dirname, '../fixtures/odd');

interface Good {
  /** `token|tag` of each sentence as in memory, where the first token stands before the colon: `line:token|tag token|tag`. */
  readonly sentences: readonly string[];
  readonly format: string;
  readonly scheme: string;
  /** token, separator, comment, docstart, range, empty node */
  readonly lines: readonly number[];
  readonly warnings?: readonly string[];
}

const US = ' ';
const GOOD: Record<string, Good> = {
  'no-final-newline.tsv': tsv(['1:EU|B-ORG rejects|O', '4:Peter|B-PER'], [3, 1]),
  'bom.tsv': tsv(['1:EU|B-ORG rejects|O'], [2]),
  'crlf.tsv': tsv(['1:EU|B-ORG rejects|O', '4:Peter|B-PER'], [3, 1]),
  'lf-then-crlf.tsv': tsv(['1:EU|B-ORG rejects|O', '4:Peter|B-PER said|O', '7:no|O'], [5, 2]),
  'separator-line-with-blanks.tsv': tsv(['1:EU|B-ORG', '3:rejects|O', '5:Peter|B-PER', '7:no|O'], [4, 3]),
  'spaces.conll': tsv(['1:EU|B-ORG rejects|O', '4:Peter|B-PER'], [3, 1]),
  'aligned-spaces.conll': tsv(['1:EU|B-ORG rejects|O', '4:Peter|B-PER'], [3, 1]),
  'spaces-and-tabs.conll': tsv(['1:EU|B-ORG rejects|O Peter|B-PER said|O'], [4]),
  'nbsp-with-spaces.conll': tsv(['1:10\u00a0000|O Peter|B-PER'], [2]),
  'space-in-token.tsv': tsv([`1:New${US}York|B-LOC 10\u00a0000|O \u00a0|O`, '5:Peter|B-PER'], [4, 1]),
  'sent-id.tsv': tsv(['3:EU|B-ORG rejects|O', '7:Peter|B-PER'], [3, 1, 3]),
  'sent-id-spaces.conll': { ...tsv(['2:EU|B-ORG rejects|O', '6:Peter|B-PER'], [3, 1, 2]), format: 'conll2003' },
  'hash-token.tsv': tsv(['1:#|O 1|O #nowplaying|B-creative-work #|I-creative-work', `6:#${US}5|O`], [5, 1]),
  'hash-token.conll': {
    ...tsv(['1:#|O 5|O', '4:#|O'], [3, 1]),
    format: 'conll2003',
    warnings: ['1: every tag is O; is this the right column?'],
  },
  'quotes.tsv': tsv(['1:"|O EU|B-ORG "|O \'s|O "x|O'], [5]),
  'docstart-2.tsv': tsv(['3:EU|B-ORG rejects|O', '7:Peter|B-PER'], [3, 2, 0, 2]),
  'docstart-4.conll': { ...tsv(['3:EU|B-ORG rejects|O', '8:Peter|B-PER'], [3, 3, 0, 2]), format: 'conll2003' },
  'conll2003.conll': { ...tsv(['1:EU|B-ORG rejects|O German|B-MISC call|O'], [4]), format: 'conll2003' },
  'conll2000.conll': { ...tsv(['1:Confidence|B-NP in|B-PP the|B-NP pound|I-NP'], [4]), format: 'conll2000' },
  'ranges-and-empty-nodes.conllu': {
    sentences: ['2:Sue|PROPN likes|VERB du|AUX nno|VERB _|SYM', '11:#|SYM'],
    format: 'conllu',
    scheme: 'plain',
    lines: [6, 2, 2, 0, 1, 1],
  },
  'long-sentence.tsv': tsv(
    [`1:${Array.from({ length: 251 }, (_, i) => `w${i}|${i % 50 === 0 ? 'B-X' : 'O'}`).join(' ')}`, '253:end|O'],
    [252, 1],
  ),
  'all-o.tsv': {
    ...tsv(['1:EU|O rejects|O', '4:Peter|O'], [3, 1]),
    warnings: ['1: every tag is O; is this the right column?'],
  },
  'label-only-in-dev.train.tsv': tsv(['1:EU|B-ORG rejects|O'], [2]),
  'label-only-in-dev.dev.tsv': tsv(['1:Peter|B-PER Blackburn|I-PER of|O EU|B-ORG'], [4]),
  'feff-in-token.tsv': tsv(['1:the|O Plenty\ufeff|B-person \ufeffmore|O zero\u200bwidth|O'], [4]),
  'control-characters.tsv': tsv(['1:a\u000bb|O c\u0085d|O e\u2028f|B-X'], [3]),
  'ark-tweets.tsv': {
    ...tsv(['1:ikr|! smh|G he|O asked|V fir|P yo|D last|A name|N so|P he|O'], [10]),
    scheme: 'plain',
  },
  'stray-inside.tsv': {
    ...tsv(
      ['1:a|O b|B-PER.NOM c|B-PER.NOM d|B-LOC.NAM', '6:e|B-PER.NOM f|B-PER.NOM g|B-PER.NOM h|O i|B-PER.NOM'],
      [9, 1],
    ),
    scheme: 'iob1',
    warnings: ['10: B-PER.NOM after O is invalid in iob1; read as conlleval reads it'],
  },
  'only-inside.conll': {
    ...tsv(['1:Silicium|B-ORG de|I-ORG SAS|I-ORG and|O Evergreen|B-ORG'], [5]),
    format: 'conll2003',
    scheme: 'iob1',
  },
  'bioes.tsv': { ...tsv(['1:EU|B-ORG Peter|B-PER van|I-PER Blackburn|I-PER is|O'], [5]), scheme: 'bioes' },
};

const BAD: Record<string, readonly string[]> = {
  'tabs-and-spaces.tsv': [
    '3:12: row has 1 column, expected 2: "Peter B-PER"; this row has blanks where others have tabs',
  ],
  'no-tag.tsv': ['2:8: row has 1 column, expected 2: "rejects"'],
  'ragged.conll': [
    '2:14: row has 3 columns, expected 4: "rejects VBZ O"',
    '3:22: row has 5 columns, expected 4: "Peter NNP B-NP B-PER extra"',
  ],
  'trailing-tab.tsv': ['2:11: row has 3 columns, expected 2: "rejects\\tO\\t"'],
  'empty-token.tsv': ['2:1: the token is empty', '3:7: the tag is empty'],
  'blank-after-tag.tsv': ['1:4: tag "B-ORG " has a blank at its end'],
  'comment-inside-sentence.tsv': [
    '2:11: row has 1 column, expected 2: "# a remark"; a comment stands before the first token of a sentence',
  ],
  'missing-blank-line.conllu': ['3:1: word number 1 where 3 is due'],
  'bad-word-number.conllu': ['2:1: "two" is not a word number'],
  'tag-typo.tsv': [
    '1:4: "B_ORG" is not a tag of iob2, once in the file; did you mean "B-ORG"?',
    '4:7: "b-PER" is not a tag of iob2, once in the file; did you mean "B-PER"?',
    '6:4: "o" is not a tag of iob2, once in the file; did you mean "O"?',
  ],
  'all-typos.tsv': [
    '1:4: "B_ORG" is not a tag of iob2, once in the file; did you mean "B-ORG"?',
    '3:7: "B_PER" is not a tag of iob2, once in the file; did you mean "B-PER"?',
    '4:3: "I_PER" is not a tag of iob2, once in the file; did you mean "I-PER"?',
  ],
  'empty.tsv': ['1:1: the file is empty'],
  'only-bom.tsv': ['1:1: the file is empty'],
  'only-blank-lines.tsv': ['1:1: the file holds no token'],
  'carriage-returns.tsv': ['1:9: carriage return inside a row'],
  'double-cr.tsv': ['1:9: carriage return inside a row'],
  'nul.tsv': ['2:3: NUL character inside a row'],
  'one-column.txt': [
    '1:3: row has 1 column, expected 2: "EU"',
    '2:8: row has 1 column, expected 2: "rejects"',
    '4:6: row has 1 column, expected 2: "Peter"',
  ],
  'latin-1.tsv': ['2:2: byte 0xFC at offset 10 is not valid UTF-8'],
  'overlong-utf8.tsv': [
    '2:3: byte 0xC0 at offset 11 is not valid UTF-8',
    '3:1: byte 0xED at offset 17 is not valid UTF-8',
    '4:2: byte 0xF0 at offset 24 is not valid UTF-8',
    '5:2: byte 0xF8 at offset 31 is not valid UTF-8',
  ],
  'utf-16le.tsv': ['1:1: byte 0xFF at offset 0 is not valid UTF-8: this is a UTF-16 file'],
  'utf-16be.tsv': ['1:1: byte 0xFE at offset 0 is not valid UTF-8: this is a UTF-16 file'],
};

describe('odd files', () => {
  it('has an expectation for every file', () => {
    expect([...Object.keys(GOOD), ...Object.keys(BAD)].sort()).toEqual(readdirSync(FOLDER).sort());
  });

  it.each(Object.keys(GOOD))('reads %s', async (name) => {
    const { sentences, format, scheme, lines, warnings = [] } = GOOD[name];
    const corpus = await read(name);
    const shown = corpus.sentences.map(
      (s) => `${s.line}:${s.tokens.map((token, i) => `${token}|${s.tags[i]}`).join(' ')}`,
    );
    expect(shown).toEqual(sentences);
    expect([corpus.format.name, corpus.scheme.name]).toEqual([format, scheme]);
    const { token, separator, comment, docstart, range, emptyNode } = corpus.lines;
    const counts = [token, separator, comment, docstart, range, emptyNode];
    expect(counts).toEqual([...lines, 0, 0, 0, 0, 0].slice(0, 6));
    expect(corpus.lines.lines).toBe(counts.reduce((a, b) => a + b));
    expect(corpus.warnings.map((one) => `${one.line}: ${inOneLine(one)}`)).toEqual(warnings);
  });

  it.each(Object.keys(BAD))('refuses %s with its place and what would be right', async (name) => {
    const error = await read(name).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    if (!(error instanceof UserError)) return;
    expect(error.message.split('\n')).toEqual(BAD[name].map((problem) => `${join(FOLDER, name)}:${problem}`));
    expect(error.note).not.toBe('');
    expect(error.exitCode).toBe(1);
  });

  it('keeps the line of each token where CoNLL-U ranges stand between', async () => {
    const { sentences } = await read('ranges-and-empty-nodes.conllu');
    expect(sentences[0].tokens.map((_, i) => lineOf(sentences[0], i))).toEqual([2, 3, 5, 6, 8]);
    expect(sentences[0].gaps).toEqual([2, 1, 4, 2]);
    expect(sentences[1].gaps).toBeUndefined();
  });

  it('reads another column by name and by number', async () => {
    const name = 'ranges-and-empty-nodes.conllu';
    const byName = await read(name, { tagColumn: 'xpos', tokenColumn: 'LEMMA' });
    const byNumber = await read(name, { tagColumn: 5, tokenColumn: '3' });
    expect(byName.sentences).toEqual(byNumber.sentences);
    expect(byName.sentences[0].tokens).toEqual(['Sue', 'like', 'do', 'know', '_']);
    expect(byName.sentences[0].tags).toEqual(['NNP', 'VBZ', 'VBP', 'VB', '_']);
    expect((await read('conll2003.conll', { tagColumn: 'POS' })).sentences[0].tags).toEqual(['NNP', 'VBZ', 'JJ', 'NN']);
  });

  it.each([
    [{ tagColumn: 'UPSO' }, /no column is called 'UPSO'/, "did you mean 'UPOS'?"],
    [{ tagColumn: 11 }, /there is no column 11/, 'columns are numbered from 1 to 10'],
    [{ tagColumn: 0 }, /there is no column 0/, 'columns are numbered from 1 to 10'],
    [{ tagColumn: 'FORM' }, /column 2 cannot be both token and tag/, 'this file has 10 columns'],
  ])('refuses the columns %j', async (options, message, note) => {
    const error = await read('ranges-and-empty-nodes.conllu', options).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'UserError', message: expect.stringMatching(message) as unknown, note });
  });

  it('refuses tags that a scheme named by hand does not know', async () => {
    await expect(read('bioes.tsv', { scheme: 'iob2' })).rejects.toThrow(
      /:1:4: "S-ORG" is not a tag of iob2, once in the file/,
    );
    await expect(read('bioes.tsv', { scheme: 'plain' })).resolves.toMatchObject({ task: 'tags' });
  });

  it('reads a column of tokens alone for tagging', async () => {
    const { sentences, warnings } = await read('one-column.txt', { tagged: false });
    expect(sentences.map(({ tokens }) => tokens)).toEqual([['EU', 'rejects'], ['Peter']]);
    expect(warnings).toEqual([]);
  });
});

function tsv(sentences: readonly string[], lines: readonly number[]): Good {
  return { sentences, lines, format: 'tsv', scheme: 'iob2' };
}

function read(name: string, options?: ReadOptions) {
  return readCorpus(join(FOLDER, name), options);
}
