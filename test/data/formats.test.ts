import { FORMATS, detectFormat, resolveColumn, type Format, type FormatName } from '../../src/data/formats';
import { parseCorpus } from '../../src/data/corpus';
import { takeSample } from '../../src/data/sample';

const TABLE = Object.entries<Format>(FORMATS) as [FormatName, Format][];

/** Three words of each format, as its files have them, and what is read; `@` stands for the separator. */
const ROWS: Record<FormatName, readonly string[]> = {
  conlluplus: ['# global.columns = ID FORM UPOS PARSEME:MWE', '1@A@DET@B-X', '2@b@NOUN@I-X', '3@C@PUNCT@O'],
  conllu: ['1@A@a@B-X@x@_@0@root@_@_', '2@b@b@I-X@x@_@1@dep@_@_', '3@C@c@O@x@_@1@dep@_@_'],
  conll2012: [
    'd/1@0@0@A@DT@(NP*@-@-@-@sp@*@(ARG*@-',
    'd/1@0@1@b@NN@*)@-@-@-@sp@(GPE)@*)@(12)',
    'd/1@0@2@C@.@*@-@-@-@sp@*@*@-',
  ],
  conll2009: [
    '1@A@a@a@B-X@D@_@_@2@2@x@x@_@_@A0',
    '2@b@b@b@I-X@N@_@_@0@0@x@x@Y@b.01@_',
    '3@C@c@c@O@P@_@_@2@2@x@x@_@_@_',
  ],
  conllx: ['1@A@a@B-X@x@_@0@root', '2@b@b@I-X@x@_@1@dep', '3@C@c@O@x@_@1@dep'],
  germeval: ['1@A@B-X@O', '2@b@I-X@B-Y', '3@C@O@O'],
  uner: ['1@A@B-X@-@ann', '2@b@I-X@-@ann', '3@C@O@-@ann'],
  conll2003: ['A@DT@B-NP@B-X', 'b@NN@I-NP@I-X', 'C@.@O@O'],
  conll2000: ['A@DT@B-X', 'b@NN@I-X', 'C@.@O'],
  tsv: ['A@B-X', 'b@I-X', 'C@O'],
  columns: ['A@x@x@x@x@B-X', 'b@x@x@x@x@I-X', 'C@x@x@x@x@O'],
};

describe.each(TABLE)('format %s', (name, format) => {
  const rows = ROWS[name];
  const columns = rows[rows.length - 1].split('@').length;
  const names = name === 'conlluplus' ? ['ID', 'FORM', 'UPOS', 'PARSEME:MWE'] : format.names;
  const text = (separator: string): string => rows.map((row) => `${row.replaceAll('@', separator)}\n`).join('');

  it('describes itself', () => {
    expect(format.title.length).toBeGreaterThan(10);
    expect(new Set(format.names).size).toBe(format.names.length);
    if (!format.header) expect(format.token).not.toBe(format.tag);
  });

  it.each(format.tabOnly ? ['\t'] : ['\t', ' '])(
    'is found by itself and read the same when named, separated by %j',
    (separator) => {
      expect(detectFormat(takeSample(Buffer.from(text(separator)))).name).toBe(name);
      const [found, told] = [parseCorpus(text(separator), 'x'), parseCorpus(text(separator), 'x', { format: name })];
      expect(found.sentences).toMatchObject([
        { tokens: ['A', 'b', 'C'], tags: name === 'conll2012' ? ['O', 'B-GPE', 'O'] : ['B-X', 'I-X', 'O'] },
      ]);
      expect({ ...told, format: '' }).toEqual({ ...found, format: '' });
      expect(found.columns.token).toBe(names.length > 0 ? names.indexOf('FORM') + 1 : 1);
      expect(found.format.why).toContain(`${columns} columns separated by ${separator === ' ' ? 'blanks' : 'tabs'}`);
      expect(told.format.why).toMatch(/^as told/);
    },
  );

  it('refuses rows of fewer columns, or has no width of its own', () => {
    const one = `${rows.at(-1)?.split('@')[0] ?? ''}\n`;
    const odd = text('\t') + one;
    expect(() => parseCorpus(odd, 'x', { format: name })).toThrow(new RegExp(`^x:${rows.length + 1}:\\d+: row has`));
  });

  it('resolves each column by name, in any case, and by number', () => {
    names.forEach((column, i) => {
      expect(resolveColumn(column.toLowerCase(), { ...format, names }, columns, 'x')).toBe(i);
      expect(resolveColumn(i + 1, format, columns, 'x')).toBe(i);
    });
    for (const [alias, meant] of Object.entries(format.aliases ?? {})) {
      expect(resolveColumn(alias.toLowerCase(), format, 10, 'x')).toBe(resolveColumn(meant, format, 10, 'x'));
    }
    expect(() => resolveColumn('nonsense', format, columns, 'x')).toThrow("x: no column is called 'nonsense'");
  });
});
