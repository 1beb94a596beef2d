import { parseCorpus } from '../../src/data/corpus';
import { evaluateTags } from '../../src/evaluate/evaluation';
import { confusionOf } from '../../src/metrics/confusion';
import { confusionLines, evaluationData, evaluationText, type Evaluated } from '../../src/report/evaluation';
import { toJson } from '../../src/report/json';

const TEXT = '\nAnn\tB-PER\nLee\tI-PER\nran\tO\n\nRome\tB-LOC\nfell\tO\n\nBob\tB-PER\n\n';
const predicted = [['B-PER', 'O', 'O'], ['B-PER', 'B-LOC'], ['O']];

const { sentences } = parseCorpus(TEXT, 'a.tsv');
const tagged = {
  tokens: sentences.map(({ tokens }) => tokens),
  gold: sentences.map(({ tags }) => tags),
  predicted,
  scheme: 'iob2',
  dataHash: 'abc',
};
const training = { tokens: [['Rome']], tags: [['B-LOC']] };
const evaluated: Evaluated = { ...evaluateTags(tagged, { resamples: 20, training }), sentences, warnings: [] };

describe('evaluationText', () => {
  const text = evaluationText('a.tsv', evaluated);

  it('has scores, intervals, spread, invalid tags, seen and unseen, errors, confusion and wrong spans', () => {
    expect(text).toMatch(/^a\.tsv: 3 sentences, 6 tokens\n/);
    expect(text).toMatch(/^micro average +0\.00 /m);
    expect(text).toContain('95 % intervals: percentile bootstrap over sentences, 20 resamples');
    expect(text).toMatch(/^micro F1 of these predictions is .* by convention: conlleval 0\.00, /m);
    expect(text).toContain('no invalid tag sequences in the predictions');
    expect(text).toMatch(/^seen +0\.00 +0\.00 +0\.00 +1 +1 +0$/m);
    expect(text).toMatch(/^missed +1$/m);
    expect(text).toMatch(/^I-PER( +\.)+ +1$/m); // the one I-PER was tagged O
    expect(text).toContain('sentence 2: type: gold LOC "Rome", predicted PER "Rome"');
    expect(text).toContain('scored as scheme:iob2|convention:conlleval|');
    expect(text).not.toContain('scored by position');
    expect(text).toMatch(/^floor: micro F1 .* by look-up/m);
    expect(text).not.toContain('no floor');
  });

  it('lists as many wrong spans as asked for', () => {
    expect(evaluationText('a.tsv', evaluated, 1)).toMatch(/^sentence 1: .*\nand 3 more\n$/m);
    expect(evaluationText('a.tsv', evaluated, 0)).not.toContain('sentence 1: ');
  });

  it('says how many tokens differ', () => {
    const differing = { ...evaluated, sources: { tokenDifferences: 2 } };
    expect(evaluationText('a.tsv', differing)).toContain('2 of 6 tokens are not those of the gold file');
  });

  it('of plain tags has no entities', () => {
    const plain = evaluateTags({ ...tagged, scheme: 'plain' }, { resamples: 20 });
    const shown = evaluationText('a.tsv', { ...plain, sentences, warnings: [] });
    expect(shown).toMatch(/^tags +F1 +low +high$/m);
    expect(shown).toContain('no floor: --train FILE, with the training file, shows what looking up gives\n');
    expect(shown).not.toMatch(/by convention|missed|sentence 1:/);
  });
});

describe('confusionLines', () => {
  it('lists the commonest confusions of many tags', () => {
    const tags = Array.from({ length: 40 }, (_, i) => `LONGTAG${i}`);
    const guess = tags.map((tag, i) => (i % 2 === 0 ? 'LONGTAG1' : tag));
    const rows = confusionLines(confusionOf([tags, tags.slice(0, 1)], [guess, guess.slice(0, 1)]));
    expect(rows[1]).toMatch(/^LONGTAG0 +LONGTAG1 +2$/);
    expect(rows).toHaveLength(1 + 20);
    const more = confusionLines(confusionOf([tags], [[...tags.slice(1), tags[0]]]));
    expect(more[more.length - 1]).toBe('and 20 more pairs; --json has those of all 40 rows');
  });
});

describe('evaluationData', () => {
  const data = evaluationData('a.tsv', evaluated) as {
    errors: { wrong: object[] };
    spread: Record<string, number>;
  };

  it('gives wrong spans with words and lines, counted from 1', () => {
    expect(data.errors.wrong).toHaveLength(4);
    expect(data.errors.wrong[0]).toEqual({
      kind: 'boundary',
      sentence: 1,
      gold: { type: 'PER', text: 'Ann Lee', line: 2, firstToken: 1, lastToken: 2 },
      predicted: { type: 'PER', text: 'Ann', line: 2, firstToken: 1, lastToken: 1 },
    });
    expect(data.errors.wrong[3]).toMatchObject({ kind: 'missed', gold: { text: 'Bob', line: 9 }, predicted: null });
  });

  it('is JSON with the report unrounded', () => {
    const back = JSON.parse(toJson(data)) as { report: unknown };
    expect(back.report).toEqual(evaluated.report);
    expect(data.spread.conlleval).toBe(0);
    expect(evaluationData('a.tsv', evaluated, 1)).toMatchObject({ errors: { kinds: { missed: 1 }, wrong: [{}] } });
  });
});
