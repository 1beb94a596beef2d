import { parseCorpus, type ReadOptions } from '../../src/data/corpus';
import { UserError } from '../../src/errors';
import { chunksOf } from '../../src/schemes';

/** `Anna/B-PER left/O | Oslo/B-LOC`: words with tags, `|` between sentences. */
const read = (text: string, options: ReadOptions = {}) =>
  parseCorpus(
    text
      .split(' | ')
      .map((sentence) => `${sentence.split(' ').join('\n').replaceAll('/', ' ')}\n\n`)
      .join(''),
    'x.conll',
    options,
  );

const entitiesOf = (corpus: ReturnType<typeof read>): string[] =>
  corpus.sentences.flatMap(({ tokens, tags }) =>
    chunksOf(tags).map(({ type, start, end }) => `${type}:${tokens.slice(start, end).join('_')}`),
  );

describe('tags of many forms', () => {
  it.each<[string, string, string, string]>([
    ['letters without types', 'the/O red/B shoe/I fell/O | blue/B boot/B fell/O', 'iob2', ':red_shoe :blue :boot'],
    ['the letter last', 'Anna/PER-B Brook/PER-I left/O | Oslo/LOC-B is/O', 'iob2', 'PER:Anna_Brook LOC:Oslo'],
    ['small letters', 'Anna/b-per Brook/i-per left/o | Oslo/b-loc is/o', 'iob2', 'per:Anna_Brook loc:Oslo'],
    [
      'bare types',
      'Anna/Person Brook/Person left/O and/O | Oslo/Location ./O',
      'io',
      'Person:Anna_Brook Location:Oslo',
    ],
    [
      'I- alone',
      'EU/I-ORG rejects/O German/I-MISC call/O | Peter/I-PER Blackburn/I-PER',
      'iob1',
      'ORG:EU MISC:German PER:Peter_Blackburn',
    ],
    [
      'no O at all',
      'Survey/B-DOC Report/I-DOC | Annual/B-DOC Report/I-DOC',
      'iob2',
      'DOC:Survey_Report DOC:Annual_Report',
    ],
    [
      'BILOU without U',
      'New/B-LOC York/L-LOC is/O | San/B-LOC de/I-LOC La/L-LOC',
      'bilou',
      'LOC:New_York LOC:San_de_La',
    ],
    ['B and E', 'New/B-LOC York/E-LOC is/O', 'bioes', 'LOC:New_York'],
    ['word segmentation', '我/B 们/E 去/S 北/B 京/M 城/E', 'bmes', ':我_们 :去 :北_京_城'],
    ['IOE2', 'New/I-LOC York/E-LOC is/O Rome/E-LOC Ulm/E-LOC', 'bioes', 'LOC:New_York LOC:Rome LOC:Ulm'],
    ['S alone', 'New/S-LOC is/O | Rome/S-LOC', 'bioes', 'LOC:New LOC:Rome'],
    ['U alone', 'New/U-LOC is/O | Rome/U-LOC', 'bilou', 'LOC:New LOC:Rome'],
    [
      'hyphens in types',
      'a/B-work-of-art b/I-work-of-art c/B-per-son d/O e/B-ARGM-LOC f/B-ARGM-TMP',
      'iob2',
      'work-of-art:a_b per-son:c ARGM-LOC:e ARGM-TMP:f',
    ],
    ['hyphens in bare types', 'a/work-of-art b/work-of-art c/per-son d/O e/O f/O', 'io', 'work-of-art:a_b per-son:c'],
    ['one entity at the end', 'Test/O | Load/O | Data/O | Hi/O John/NAME', 'io', 'NAME:John'],
    ['no I- tags', 'a/B-X b/O | c/B-Y d/B-Y', 'iob2', 'X:a Y:c Y:d'],
    ['another outside label', 'Anna/B-PER left/_ to/_ Oslo/B-LOC', 'iob2', 'PER:Anna LOC:Oslo'],
    ['OTHER', 'Anna/person left/OTHER to/OTHER Oslo/place ./OTHER', 'io', 'person:Anna place:Oslo'],
    [
      'brackets of CoNLL-2012',
      'Anna/(PERSON* Brook/*) left/* Oslo/(GPE) ./*',
      'brackets',
      'PERSON:Anna_Brook GPE:Oslo',
    ],
  ])('reads %s', (_, text, scheme, entities) => {
    const corpus = read(text);
    expect(corpus.scheme.name).toBe(scheme);
    expect(corpus.task).toBe('chunks');
    expect(entitiesOf(corpus).join(' ')).toBe(entities);
    expect(corpus.invalid).toBe(scheme === 'bioes' && text.includes('I-LOC York/E-LOC') ? 3 : 0); // of IOE2
  });

  it('reads the outermost of nested brackets, and says where', () => {
    const corpus = read('Bank/(ORG* of/* Oslo/(GPE)) is/*');
    expect(entitiesOf(corpus)).toEqual(['ORG:Bank_of_Oslo']);
    expect(corpus.warnings).toEqual([
      {
        line: 3,
        code: 'invalid-tag',
        advice: '',
        message: '(GPE)) opens an entity inside another is invalid in brackets; the outermost brackets are read',
      },
    ]);
  });

  it.each<[string, string, RegExp]>([
    [
      'an empty type',
      'the/O red/B- shoe/I- fell/O | Anna/B-PER left/O',
      /x\.conll:2:5: "B-" is not a tag of iob2.*\n.*:3:/,
    ],
    [
      'a dash for what was not annotated',
      'Anna/B-PER Brook/- left/O | Oslo/B-LOC is/O',
      /:2:7: "-" is not a tag of iob2/,
    ],
    [
      'two schemes in one file',
      'Anna/B-PER Brook/E-PER left/O Oslo/S-LOC | New/B-LOC York/L-LOC is/O Rome/U-LOC',
      /"L-LOC" is not a tag of bioes/,
    ],
    ['BMEWO', 'New/B-LOC York/M-LOC City/E-LOC is/O Rome/W-LOC', /"W-LOC" is not a tag of bmes/],
    ['BIEWO', 'New/B-LOC York/I-LOC City/E-LOC is/O Rome/W-LOC', /"W-LOC" is not a tag of bioes/],
    [
      'several labels of a token',
      'Anna/B-PER EU/B-ORG|B-LOC is/O',
      /:2:4: tag "B-ORG\|B-LOC" looks like several labels/,
    ],
    ['key=value', 'Odd/name=B-PER Lie/SpaceAfter=No|name=I-PER sa/name=O', /looks like key=value/],
    ['another outside label than any known', 'Anna/B-PER Brook/I-PER left/nix', /"nix" is not a tag of iob2/],
  ])('refuses %s', (_, text, message) => {
    expect(() => read(text)).toThrow(UserError);
    expect(() => read(text)).toThrow(message);
  });

  it('keeps the tags of the file with the labels that they became', () => {
    const { written, labels } = read('New/B-LOC York/E-LOC is/O Rome/S-LOC ./O | Ulm/S-LOC is/O');
    expect(written.map(({ label, count, labels: of }) => [label, count, of[0].label])).toEqual([
      ['O', 3, 'O'],
      ['B-LOC', 1, 'B-LOC'],
      ['E-LOC', 1, 'I-LOC'],
      ['S-LOC', 2, 'B-LOC'],
    ]);
    expect(labels.map(({ label, count }) => `${label} ${count}`)).toEqual(['O 3', 'B-LOC 3', 'I-LOC 1']);
  });
});

describe('the tags of a file that follows another', () => {
  const like = (text: string): ReadOptions => {
    const { path, tagging } = read(text);
    return { tagsLike: { path, tagging } };
  };
  const types = 'Anna/Person left/O to/O Oslo/Place ./O';
  const pos = 'a/N b/V c/O d/P e/N f/D g/A';

  it.each<[string, string, string, string]>([
    ['bare types, with few O', types, 'Anna/Person Oslo/Place', 'io'],
    ['bare types, with no entity', types, 'a/O b/O', 'io'],
    ['part of speech, with much O', pos, 'he/O they/O it/O V/V', 'plain'],
    ['BIOES, with O alone', 'a/B-X b/E-X c/O', 'a/O b/O', 'bioes'],
    ['BIOES, with S- alone', 'a/B-X b/E-X c/O', 'a/S-X b/O', 'bioes'],
    ['another scheme of the same chunks', 'a/B-X b/E-X c/O', 'a/B-X b/I-X c/O', 'bioes'],
    ['another scheme with other letters', 'a/B-X b/I-X c/O', 'a/B-X b/E-X c/O', 'bioes'],
    ['IOB1, with chunks that start with B-', 'a/I-X b/I-X c/O', 'a/B-X b/I-X c/O', 'iob1'],
    ['the letter last', 'a/X-B b/X-I c/O', 'a/O b/O', 'iob2'],
  ])('%s', (_, first, second, scheme) => {
    const corpus = read(second, like(first));
    expect(corpus.scheme.name).toBe(scheme);
    expect(corpus.inner).toBe(read(first).inner);
  });

  it.each<[string, string, string]>([
    ['chunk tags after bare types', types, 'Anna/B-PER Brook/I-PER left/O'],
    ['chunk tags after part of speech', pos, 'Anna/B-PER Brook/I-PER left/O'],
    ['bare types after chunk tags', 'Anna/B-PER left/O', 'Anna/Person left/O to/O'],
    ['part of speech after chunk tags', 'Anna/B-PER left/O', 'a/NOUN b/VERB c/DET'],
  ])('refuses %s', (_, first, second) => {
    expect(() => read(second, like(first))).toThrow(/x\.conll:1:\d+: the tags are .*, those of x\.conll are /);
  });
});
