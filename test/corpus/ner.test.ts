import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { entities, lexiconOf, lookUp, readRows, score, surface, type Row } from './lexicon';

const read = (split: string): Row[][] =>
  readRows(readFileSync(join(__dirname, '../../data/ner', `${split}.conll`), 'utf8'));
const SPLITS = { train: read('train'), dev: read('dev'), test: read('test') };
const TYPES = ['PER', 'ORG', 'LOC', 'PRODUCT'];

const tagsOf = (rows: readonly Row[]): string[] => rows.map(([, tag]) => tag);
const share = (part: number, whole: number): number => part / whole;

describe.each(Object.entries(SPLITS))('data/ner/%s.conll', (split, sentences) => {
  const tags = sentences.flatMap(tagsOf);

  it('has the stated number of sentences, 3 to 45 tokens long and about 15 on average', () => {
    expect(sentences).toHaveLength({ train: 2000, dev: 400, test: 500 }[split] ?? NaN);
    const lengths = sentences.map((rows) => rows.length);
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(3);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(45);
    expect(Math.max(...lengths)).toBeGreaterThanOrEqual(35);
    expect(tags.length / sentences.length).toBeGreaterThan(14);
    expect(tags.length / sentences.length).toBeLessThan(16.5);
  });

  it('holds two non-empty columns a row and valid IOB2 of four types', () => {
    const valid = (row: Row, before: string | undefined): boolean =>
      row.length === 2 &&
      /^\S+$/.test(row[0]) &&
      /^(O|[BI]-(PER|ORG|LOC|PRODUCT))$/.test(row[1]) &&
      (!row[1].startsWith('I-') || before?.slice(2) === row[1].slice(2));
    const bad = sentences.flatMap((rows) => rows.filter((row, i) => !valid(row, rows.at(i - 1)?.[1])));
    expect(bad).toEqual([]);
    expect(sentences.filter(([[, tag]]) => tag.startsWith('I-'))).toEqual([]);
  });

  it('has at least 15 O to an entity token, and under 0.3 % of tokens of the rarest type', () => {
    const outside = tags.filter((tag) => tag === 'O').length;
    expect(outside / (tags.length - outside)).toBeGreaterThanOrEqual(15);
    const perType = TYPES.map((type) => tags.filter((tag) => tag.endsWith(`-${type}`)).length);
    expect(Math.min(...perType)).toBe(perType[TYPES.indexOf('PRODUCT')]);
    expect(share(Math.min(...perType), tags.length)).toBeLessThan(0.003);
    expect(Math.min(...perType)).toBeGreaterThan(0);
  });

  it('leaves more than half of the sentences without an entity, and has entities of 1 to 4 tokens', () => {
    const bare = sentences.filter((rows) => entities(tagsOf(rows)).length === 0).length;
    expect(share(bare, sentences.length)).toBeGreaterThan(0.5);
    const lengths = new Set(sentences.flatMap((rows) => entities(tagsOf(rows)).map(({ start, end }) => end - start)));
    expect([...lengths].sort()).toEqual([1, 2, 3, 4]);
  });

  it('writes some entities without capitals and many capitals without entities', () => {
    const rows = sentences.flat();
    const inside = rows.filter(([, tag]) => tag !== 'O');
    const lower = inside.filter(([token]) => token === token.toLowerCase()).length;
    expect(share(lower, inside.length)).toBeGreaterThan(0.05);
    const capital = rows.filter(([token]) => /^[A-Z]/.test(token));
    expect(share(capital.filter(([, tag]) => tag === 'O').length, capital.length)).toBeGreaterThan(0.5);
  });
});

describe('the NER corpus as a whole', () => {
  const lexicon = lexiconOf(SPLITS.train);
  const gold = SPLITS.test.map((rows) => entities(tagsOf(rows)));

  it('has enough mentions of every type in test to score', () => {
    for (const type of TYPES) expect(gold.flat().filter((e) => e.type === type).length).toBeGreaterThanOrEqual(20);
  });

  it('repeats no sentence within or across splits, whatever the case', () => {
    const all = Object.values(SPLITS).flatMap((sentences) =>
      sentences.map((rows) => rows.map(([token]) => token.toLowerCase()).join(' ')),
    );
    expect(new Set(all).size).toBe(all.length);
  });

  it('has 40 to 50 % of its test mentions unseen in train, also when case is ignored', () => {
    const folded = new Set([...lexicon.keys()].map((key) => key.toLowerCase()));
    const mentions = SPLITS.test.flatMap((rows) => entities(tagsOf(rows)).map((e) => surface(rows, e)));
    const unseen = (known: (mention: string) => boolean): number =>
      share(mentions.filter((mention) => !known(mention)).length, mentions.length);
    expect(unseen((m) => lexicon.has(m))).toBeGreaterThan(0.4);
    expect(unseen((m) => lexicon.has(m))).toBeLessThan(0.5);
    expect(unseen((m) => folded.has(m.toLowerCase()))).toBeGreaterThan(0.4);
  });

  it('uses most entity tokens of test in another sense somewhere in train', () => {
    const senses = new Map<string, Set<string>>();
    for (const [token, tag] of SPLITS.train.flat()) {
      const key = token.toLowerCase();
      senses.set(key, (senses.get(key) ?? new Set()).add(tag.slice(2)));
    }
    const seen = SPLITS.test.flat().filter(([token, tag]) => tag !== 'O' && senses.has(token.toLowerCase()));
    const ambiguous = seen.filter(([token]) => (senses.get(token.toLowerCase())?.size ?? 0) > 1);
    expect(share(ambiguous.length, seen.length)).toBeGreaterThan(0.5);
  });

  it('is not solved by looking training entities up: 30 to 45 F1 as data/README.md says, and 0 for tagging nothing', () => {
    const { precision, recall, f1 } = score(
      gold,
      SPLITS.test.map((rows) => lookUp(rows, lexicon)),
    );
    expect(f1).toBeGreaterThan(30);
    expect(f1).toBeLessThan(45);
    const readme = readFileSync(join(__dirname, '../../data/README.md'), 'utf8').replace(/ +/g, ' ');
    const figures = [precision, recall, f1].map((x) => x.toFixed(1)).join(' | ');
    expect(readme).toContain(`| look-up of training entities | ${figures} |`);
    const nothing = SPLITS.test.map(() => []);
    expect(score(gold, nothing)).toEqual({ precision: 0, recall: 0, f1: 0 });
  });
});

describe('the lexicon baseline', () => {
  const rows = (text: string): Row[] => text.split(' ').map((item) => item.split('/'));
  const lexicon = lexiconOf([rows('Ulm/B-LOC fell/O'), rows('Ulm/B-LOC fell/O'), rows('Ulm/B-PER Bank/I-PER')]);

  it('takes the longest match and its usual type, and scores by hand arithmetic', () => {
    const sentence = rows('Ulm/B-PER Bank/I-PER sued/O Ulm/B-PER in/O Ulm/B-LOC by/O Bonn/B-LOC');
    const predicted = lookUp(sentence, lexicon);
    expect(predicted).toEqual([
      { start: 0, end: 2, type: 'PER' },
      { start: 3, end: 4, type: 'LOC' },
      { start: 5, end: 6, type: 'LOC' },
    ]);
    // 2 right of 3 predicted and 4 in gold: P 2/3, R 1/2, F1 4/7.
    const { precision, recall, f1 } = score([entities(tagsOf(sentence))], [predicted]);
    expect([precision, recall, f1].map((x) => x.toFixed(4))).toEqual(['66.6667', '50.0000', '57.1429']);
  });
});
