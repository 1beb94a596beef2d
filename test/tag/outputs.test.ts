import fc from 'fast-check';
import { openTagging, type Output, TAGS_ALONE } from '../../src/tag';
import { chunksOf } from '../../src/schemes';
import { OUTPUT_FORMATS, type OutputName } from '../../src/tag/outputs';
import { toyRun, type ToyRun } from '../run/toy';

let iob2: ToyRun;
let bioes: ToyRun;
let pos: ToyRun;
let conllu: ToyRun;

const row = (id: number, word: string, misc: string): string => `${id}\t${word}${'\t_'.repeat(7)}\t${misc}\n`;

beforeAll(async () => {
  iob2 = await toyRun('Anna\tB-PER\nsaw\tO\nNew\tB-LOC\nYork\tI-LOC\n🙂\tO\n\nBerlin\tB-LOC\nslept\tO\n');
  bioes = await toyRun('Anna\tS-PER\nsaw\tO\nNew\tB-LOC\nYork\tE-LOC\n\nThe\tB-X\nold\tI-X\nman\tE-X\n');
  pos = await toyRun('Anna\tNNP\nsaw\tVBD\nit\tPRP\n');
  conllu = await toyRun(`${row(1, 'Anna', 'SpaceAfter=No|NE=B-PER')}${row(2, 'saw', 'NE=O')}\n`, {
    tagColumn: 'MISC:NE',
  });
});

async function tag(run: ToyRun, input: string | Buffer, output: Partial<Output>, step = 1000): Promise<string> {
  const bytes = Buffer.from(input);
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += step) yield await Promise.resolve(bytes.subarray(at, at + step));
  }
  const session = await openTagging(run.path, {
    ...{ engine: 'js', told: {}, decoding: {}, warn: () => undefined },
    output: { ...TAGS_ALONE, ...output },
  });
  try {
    let out = '';
    for await (const text of session.tag(chunks(), 'in')) out += text;
    return out;
  } finally {
    session.dispose();
  }
}

interface Told {
  text: string;
  start: number;
  end: number;
  tokens: string[];
  offsets: [number, number][];
  tags: string[];
  probabilities: number[];
  top: [string, number][][];
  entities: {
    type: string;
    start: number;
    end: number;
    text: string;
    offsets: [number, number];
    probability: number;
  }[];
  label: [number, number, string][];
}

const objects = (text: string): Told[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Told);

/** Four decimals of what has six digits: the last may be one off. */
const decimals = (p: number): unknown =>
  expect.stringMatching(new RegExp(`^(${[-1e-6, 0, 1e-6].map((e) => (p + e).toFixed(4)).join('|')})$`));

const WORDS = 'Anna\nsaw\nYork\n\n🙂\nNew\nYork\nBerlin\n\nslept\n';

describe('tag --probabilities', () => {
  it('puts the probability of each tag and of the entity that it is part of behind it, as JSON has them', async () => {
    const asked = { probabilities: true, top: 2 };
    const plain = (await tag(iob2, WORDS, {})).split('\n');
    const rows = (await tag(iob2, WORDS, asked)).split('\n').map((line) => line.split('\t'));
    expect(rows.map((fields) => fields.slice(0, 2).join('\t'))).toEqual(plain);
    const told = objects(await tag(iob2, WORDS, { ...asked, format: 'jsonl' }));
    let r = 0;
    for (const { tokens, tags, probabilities, entities, top } of told) {
      expect(entities.map(({ type, start, end }) => ({ type, start, end }))).toEqual(chunksOf(tags));
      tokens.forEach((token, i) => {
        const of = entities.find(({ start, end }) => start <= i && i < end);
        expect(rows[r++]).toEqual([
          ...[token, tags[i], decimals(probabilities[i]), of ? decimals(of.probability) : '_'],
          ...top[i].flatMap(([name, p]) => [name, decimals(p)]),
        ]);
        expect(top[i]).toHaveLength(2);
        expect(top[i][0][1]).toBeGreaterThanOrEqual(top[i][1][1]);
        expect(probabilities[i]).toBeLessThanOrEqual(top[i][0][1]);
        expect(top[i][0][1] + top[i][1][1]).toBeLessThanOrEqual(1.00001);
      });
      r++;
    }
    expect(told.flatMap(({ entities }) => entities).length).toBeGreaterThan(1);
  });

  it('writes tags as the training file does, and probabilities of what they mean', async () => {
    const told = objects(
      await tag(bioes, 'Anna\nNew\nYork\n\nThe\nold\nman\n', { probabilities: true, format: 'jsonl' }),
    );
    const tags = told.flatMap((one) => one.tags);
    expect(tags.every((one) => /^(O|[BIES]-\w+)$/.test(one))).toBe(true);
    expect(
      told.flatMap(({ entities }) => entities.map(({ probability }) => probability)).every((p) => p > 0 && p <= 1),
    ).toBe(true);
  });

  it('puts them into MISC where the columns are fixed, and refuses what has no place there', async () => {
    const input = `# x\n${row(1, 'Anna', 'SpaceAfter=No')}${row(2, 'saw', '_')}\n`;
    const output = await tag(conllu, input, { probabilities: true });
    const misc = output.split('\n').flatMap((line) => line.split('\t').slice(9));
    expect(misc).toEqual([
      expect.stringMatching(
        /^SpaceAfter=No\|NE=(B-PER\|TagProb=[01]\.\d{4}\|EntityProb=[01]\.\d{4}|O\|TagProb=[01]\.\d{4})$/,
      ),
      expect.stringMatching(/^NE=(B-PER\|TagProb=[01]\.\d{4}\|EntityProb=[01]\.\d{4}|O\|TagProb=[01]\.\d{4})$/),
    ]);
    await expect(tag(conllu, input, { top: 2 })).rejects.toThrow(/^in: its columns are fixed.*--top/);
  });

  it('tells no entities of plain tags, which are no spans', async () => {
    const [one] = objects(await tag(pos, 'saw\nit\n', { format: 'jsonl', probabilities: true }));
    expect(one).toEqual({
      tokens: ['saw', 'it'],
      tags: expect.any(Array) as string[],
      probabilities: expect.any(Array) as number[],
    });
    expect((await tag(pos, 'saw\n', { probabilities: true })).split('\t')).toHaveLength(3);
    await expect(tag(pos, 'saw\n', { format: 'spans' })).rejects.toThrow(/--format spans: .* no spans of entities/);
    await expect(tag(iob2, 'saw\n', { format: 'spans', top: 1 })).rejects.toThrow(/--top 1: --format spans/);
  });
});

describe('tag --format spans', () => {
  it.each(['codepoints', 'utf16'] as const)('counts %s', async (unit) => {
    const told = objects(await tag(iob2, WORDS, { format: 'spans', unit }));
    const sentences = objects(await tag(iob2, WORDS, { format: 'jsonl' }));
    told.forEach(({ text, label }, s) => {
      expect(text).toBe(sentences[s].tokens.join(' '));
      const units = unit === 'utf16' ? text.split('') : Array.from(text);
      expect(label.map(([start, end, type]) => [units.slice(start, end).join(''), type])).toEqual(
        sentences[s].entities.map((entity) => [entity.text, entity.type]),
      );
    });
    expect(told[1].label.length).toBeGreaterThan(0); // behind the character of two units
  });

  it('leaves no blank where CoNLL-U says that there is none', async () => {
    const input = `${row(1, 'Anna', 'SpaceAfter=No')}${row(2, 'saw', '_')}${row(3, 'it', '_')}\n`;
    expect(objects(await tag(conllu, input, { format: 'spans' }))[0].text).toBe('Annasaw it');
  });
});

describe('tag --raw', () => {
  const piece = fc.constantFrom(
    'Anna',
    'saw',
    '🙂',
    'New York',
    '. ',
    ' ',
    '\n',
    '\r\n',
    '\n\n',
    '\n \n',
    '! ',
    ',',
    '\t',
  );
  const texts = fc.array(piece, { maxLength: 40 }).map((parts) => parts.join(''));

  it.each(['codepoints', 'utf16'] as const)('keeps the offsets of every token in the file: %s', async (unit) => {
    await fc.assert(
      fc.asyncProperty(texts, fc.boolean(), fc.integer({ min: 1, max: 50 }), async (text, mark, step) => {
        const input = `${mark ? '\uFEFF' : ''}${text}`;
        const told = objects(await tag(iob2, input, { raw: true, format: 'jsonl', unit }, step));
        const units = unit === 'utf16' ? text.split('') : Array.from(text);
        const at = ([start, end]: [number, number]) => units.slice(start, end).join('');
        expect(told.flatMap(({ tokens }) => tokens).join('')).toBe(text.replace(/\s/g, ''));
        for (const one of told) {
          expect(one.offsets.map(at)).toEqual(one.tokens);
          expect(at([one.start, one.end])).toBe(one.text);
          expect(one.text).not.toMatch(/\n[ \t]*\r?\n/);
          for (const entity of one.entities) expect(at(entity.offsets)).toBe(entity.text);
        }
        const passages = objects(await tag(iob2, input, { raw: true, format: 'spans', unit }));
        for (const { text: own, start, label } of passages) {
          const length = unit === 'utf16' ? own.length : Array.from(own).length;
          expect(at([start, start + length])).toBe(own);
          const entities = told.flatMap((one) => one.entities).map(({ offsets }) => at(offsets));
          for (const [from, to] of label) expect(entities).toContain(at([start + from, start + to]));
        }
        expect(passages.flatMap(({ label }) => label)).toHaveLength(told.flatMap(({ entities }) => entities).length);
      }),
      { numRuns: 25 },
    );
  });

  it('gives the tags of the same tokens, one a line', async () => {
    const rows = await tag(iob2, 'Anna saw\nBerlin.\n\nNew York', { raw: true });
    expect(rows).toBe(await tag(iob2, 'Anna\nsaw\nBerlin\n.\n\nNew\nYork\n\n', {}));
  });

  it.each(Object.keys(OUTPUT_FORMATS) as OutputName[])('gives nothing for nothing: %s', async (format) => {
    expect(await tag(iob2, ' \n\n', { raw: true, format })).toBe('');
    expect(await tag(iob2, '', { raw: true, format })).toBe('');
  });

  it('says where bytes are no text', async () => {
    const bytes = Buffer.from('Anna\n\nEspa\xf1a\n', 'latin1');
    for (const step of [3, 100])
      await expect(tag(iob2, bytes, { raw: true }, step)).rejects.toThrow(/^in:3:5: byte 0xF1 is not valid UTF-8/);
  });
});
