import { FORMATS, detectFormat, resolveColumn, type Format, type FormatName } from '../../src/data/formats';
import { parseCorpus } from '../../src/data/corpus';
import { takeSample } from '../../src/data/sample';

const TABLE = Object.entries<Format>(FORMATS) as [FormatName, Format][];

describe.each(TABLE)('format %s', (name, format) => {
  const count = format.names.length || 6;
  const token = format.token - 1;
  const tag = (format.tag || count) - 1;
  const rows = ['A', 'b', 'C'].map((word, i) => {
    const fields = Array.from({ length: count }, (_, k) => `x${k}`);
    if (format.wordNumbers) fields[0] = String(i + 1);
    fields[token] = word;
    fields[tag] = ['B-X', 'I-X', 'O'][i];
    return fields;
  });

  it('describes itself', () => {
    expect(format.title.length).toBeGreaterThan(10);
    expect(new Set(format.names).size).toBe(format.names.length);
    expect(token).not.toBe(tag);
  });

  it.each(format.tabOnly ? ['\t'] : ['\t', ' '])(
    'is found by itself and read the same when named, separated by %j',
    (separator) => {
      const text = rows.map((fields) => `${fields.join(separator)}\n`).join('');
      expect(detectFormat(takeSample(Buffer.from(text))).name).toBe(name);
      const [found, told] = [parseCorpus(text, 'x'), parseCorpus(text, 'x', { format: name })];
      expect(found.sentences).toEqual([{ tokens: ['A', 'b', 'C'], tags: ['B-X', 'I-X', 'O'], line: 1 }]);
      expect(told.sentences).toEqual(found.sentences);
      expect(found.columns).toEqual({ token: token + 1, tag: tag + 1, count });
      expect([found.format.why, told.format.why]).toEqual([expect.stringContaining('columns separated by'), 'as told']);
    },
  );

  it('refuses rows of another width, or has no width of its own', () => {
    const text = rows.map((fields) => `${fields.slice(1).join('\t')}\n`).join('');
    if (format.names.length > 0) expect(() => parseCorpus(text, 'x', { format: name })).toThrow(/^x:1:\d+: row has/);
    else expect(parseCorpus(text, 'x', { format: name }).columns.count).toBe(count - 1);
  });

  it('resolves each column by name, in any case, and by number', () => {
    format.names.forEach((column, i) => {
      expect(resolveColumn(column.toLowerCase(), format, count, 'x')).toBe(i);
      expect(resolveColumn(i + 1, format, count, 'x')).toBe(i);
    });
    expect(() => resolveColumn('nonsense', format, count, 'x')).toThrow("x: no column is called 'nonsense'");
  });
});
