import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { corpusFiles } from '../../data/corpus';
import { expand, type Grammar } from '../../data/expand';
import { GRAMMAR } from '../../data/grammar';
import { inflect } from '../../data/inflect';
import { createRng } from '../../src/rng';

const DATA = join(__dirname, '../../data');

describe('the generator', () => {
  const files = corpusFiles();

  it('gives the committed files to the byte, and there are no others', () => {
    for (const [path, text] of Object.entries(files)) {
      expect(existsSync(join(DATA, path))).toBe(true);
      expect(readFileSync(join(DATA, path)).equals(Buffer.from(text))).toBe(true);
    }
    const committed = ['ner', 'pos'].flatMap((dir) => readdirSync(join(DATA, dir)).map((name) => `${dir}/${name}`));
    expect(committed.sort()).toEqual(Object.keys(files).sort());
  });

  it('stays small: under 1.1 MB in all', () => {
    const bytes = Object.values(files).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    expect(bytes).toBeLessThan(1_100_000);
  });
});

describe('the grammar', () => {
  it('expands every alternative of every rule: no slot and no word is unknown', () => {
    const rng = createRng(1);
    for (const [name, templates] of Object.entries(GRAMMAR.rules)) {
      expect(name in GRAMMAR.classes).toBe(false); // a rule would hide the class
      for (const template of templates) {
        const text = template.replace(/^\d+\* /, '').replaceAll('?<', '<');
        const rules = { ...GRAMMAR.rules, 'under test': [text] };
        expect(() => expand({ ...GRAMMAR, rules }, 'under test', rng)).not.toThrow();
      }
    }
  });
});

describe('expand', () => {
  const grammar = (...start: string[]): Grammar => ({
    rules: { start, name: ['[PER <given> Bo/PROPN]'] },
    classes: { given: { upos: 'PROPN', draw: () => 'Al' }, verb: { upos: 'VERB', draw: () => 'plan' } },
    closed: new Map([['the', 'DET']]),
  });
  const show = (template: string, seed = 1): string[] =>
    expand(grammar(template), 'start', createRng(seed)).map(
      ({ form, upos, ner, clitic, elided }) =>
        `${form} ${upos} ${ner}${clitic ? ' clitic' : ''}${elided ? ' elided' : ''}`,
    );

  it('tags words, inflects slots, and marks entities, clitics and elided words', () => {
    expect(show("the <name> <verb.ed> [LOC <given>] +n't/PART {ran/VERB}")).toEqual([
      'the DET O',
      'Al PROPN B-PER',
      'Bo PROPN I-PER',
      'planned VERB O',
      'Al PROPN B-LOC',
      "n't PART O clitic",
      'ran VERB O elided',
    ]);
  });

  it('refuses an unknown slot and a word without a tag', () => {
    expect(() => show('<nowhere>')).toThrow('the grammar has no slot <nowhere>');
    expect(() => show('xyzzy')).toThrow('the grammar has no tag for the word "xyzzy"');
  });

  it('draws an alternative as often as its weight says, and an optional slot half of the time', () => {
    const rng = createRng(2);
    const draws = Array.from({ length: 4000 }, () => expand(grammar('3* the', 'the ?<given>'), 'start', rng).length);
    // A quarter takes the second alternative, and half of those the name: 500, standard deviation 21.
    expect(Math.abs(draws.filter((n) => n === 2).length - 500)).toBeLessThan(84);
  });
});

describe('inflect', () => {
  it.each([
    ['plan', 's ed en ing', 'plans planned planned planning'],
    ['carry', 's ed ing', 'carries carried carrying'],
    ['admire', 's ed ing', 'admires admired admiring'],
    ['fall', 'ed en ing', 'fell fallen falling'],
    ['see', 's ed en ing', 'sees saw seen seeing'],
    ['fish', 's ed', 'fishes fished'],
    ['play', 's ed', 'plays played'],
    ['boatman', 's', 'boatmen'],
  ])('%s: %s gives %s', (word, forms, expected) => {
    expect(
      forms
        .split(' ')
        .map((form) => inflect(word, form))
        .join(' '),
    ).toBe(expected);
  });
});
