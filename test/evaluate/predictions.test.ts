import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { evaluateTags } from '../../src/evaluate/evaluation';
import { readPredictions } from '../../src/evaluate/predictions';
import { createRng } from '../../src/rng';
import { EXTENDED, naiveConlleval } from '../metrics/naive-conlleval';
import { randomPair, SCHEMES, validTags } from '../metrics/random-tags';

const folder = mkdtempSync(join(tmpdir(), 'dsc-evaluate-'));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const THREE = 'Ann\tB-PER\tB-PER\nLee\tI-PER\tO\n\nRome\tB-LOC\tI-ORG\n\n';

describe('readPredictions', () => {
  it('takes the last two columns as gold and predicted', async () => {
    const { tokens, gold, predicted, sources, scheme } = await readPredictions(file('three.tsv', THREE), {});
    expect(tokens).toEqual([['Ann', 'Lee'], ['Rome']]);
    expect(gold).toEqual([['B-PER', 'I-PER'], ['B-LOC']]);
    expect(predicted).toEqual([['B-PER', 'O'], ['I-ORG']]);
    expect(scheme).toBe('iob2');
    expect([sources.gold.column, sources.predicted.column]).toEqual([2, 3]);
  });

  it('takes the last two of five columns with blanks, as conlleval does', async () => {
    const path = file('five.txt', 'Ann NNP B-NP B-PER O\nsaw VBD B-VP O O\n\nRome NNP B-NP B-LOC B-LOC\n');
    const { tokens, gold, predicted } = await readPredictions(path, {});
    expect(tokens.flat()).toEqual(['Ann', 'saw', 'Rome']);
    expect(gold.flat()).toEqual(['B-PER', 'O', 'B-LOC']);
    expect(predicted.flat()).toEqual(['O', 'O', 'B-LOC']);
  });

  it('passes over comments as told, and asks where a format has a column for each kind of tag', async () => {
    const path = file('remarks.tsv', `% made by x\n${THREE}`);
    expect((await readPredictions(path, { comment: '%' })).gold.flat()).toEqual(['B-PER', 'I-PER', 'B-LOC']);
    const layers = file('layers.tsv', '1\tAnn\tB-PER\tO\n2\tsaw\tO\tO\n3\tRome\tB-LOC\tO\n');
    await expect(readPredictions(layers, {})).rejects.toThrow('germeval has one column for each kind of tag');
    const told = await readPredictions(layers, { goldColumn: '3', predColumn: '4' });
    expect([told.tokens.flat(), told.predicted.flat()]).toEqual([
      ['Ann', 'saw', 'Rome'],
      ['O', 'O', 'O'],
    ]);
  });

  it('takes columns by number and name', async () => {
    const path = file('four.tsv', 'Ann\tB-PER\tO\tB-PER\nRome\tB-LOC\tO\tO\n');
    const byNumber = await readPredictions(path, { goldColumn: '2', predColumn: '4' });
    expect([byNumber.gold, byNumber.predicted]).toEqual([[['B-PER', 'B-LOC']], [['B-PER', 'O']]]);
    const byName = await readPredictions(path, { goldColumn: 'pos', predColumn: 'NER' });
    expect(byName.gold).toEqual(byNumber.gold);
    const swapped = await readPredictions(path, { goldColumn: '4', predColumn: '2' });
    expect(swapped.gold).toEqual(byNumber.predicted);
  });

  it.each([
    [
      'two columns',
      'Ann\tB-PER\n',
      {},
      /rows have 2 columns, expected gold and predicted tag, or token, gold and predicted tag/,
    ],
    ['the same column twice', THREE, { goldColumn: '3' }, /column 3 cannot be both gold and predicted/],
    ['predictions in the default gold column', THREE, { predColumn: '2' }, /which column holds the gold tags\?/],
    ['no such column', THREE, { predColumn: '7' }, /there is no column 7/],
    ['a mistyped gold tag', THREE.replace('B-LOC', 'B_LOC'), {}, /bad\.tsv:4:6: "B_LOC" is not a tag of iob2/],
    ['no file', null, {}, /no such file/],
    [
      'CoNLL-U without columns',
      '1\tAnn\t_\tPROPN\tNNP\t_\t_\t_\t_\t_\n\n',
      {},
      /one column for each kind of tag: which one holds gold tags\?/,
    ],
  ])('refuses %s', async (_, text, options, message) => {
    const path = text === null ? join(folder, 'none.tsv') : file('bad.tsv', text);
    await expect(readPredictions(path, options)).rejects.toThrow(message);
  });

  it('reads CoNLL-U with two columns named', async () => {
    const path = file(
      'ud.conllu',
      '# sent_id = 1\n1\tAnn\t_\tPROPN\tNOUN\t_\t_\t_\t_\t_\n2\tran\t_\tVERB\tVERB\t_\t_\t_\t_\t_\n\n',
    );
    const { gold, predicted, scheme } = await readPredictions(path, { goldColumn: 'UPOS', predColumn: 'XPOS' });
    expect([gold, predicted, scheme]).toEqual([[['PROPN', 'VERB']], [['NOUN', 'VERB']], 'plain']);
  });

  it('keeps the tags of other schemes as they are written', async () => {
    const path = file('bioes.tsv', 'Ann\tB-PER\tB-PER\nLee\tE-PER\tI-PER\nRome\tS-LOC\tX\n\n');
    const { gold, predicted, scheme } = await readPredictions(path, {});
    expect(gold).toEqual([['B-PER', 'E-PER', 'S-LOC']]);
    expect(predicted).toEqual([['B-PER', 'I-PER', 'X']]);
    expect(scheme).toBe('bioes');
  });
});

describe('gold in another file', () => {
  const gold = file('gold.tsv', 'Ann\tB-PER\nLee\tI-PER\n\nRome\tB-LOC\n\n');

  it('joins the two, whatever separates their columns and ends their lines', async () => {
    const path = file('crlf.txt', 'Ann B-PER\r\nLee O\r\n\r\nRome B-LOC\r\n');
    const joined = await readPredictions(path, { gold });
    expect([joined.gold, joined.predicted]).toEqual([
      [['B-PER', 'I-PER'], ['B-LOC']],
      [['B-PER', 'O'], ['B-LOC']],
    ]);
  });

  it('refuses other tokens with both lines, unless told to go by position', async () => {
    const path = file('tokens.tsv', 'Ann\tB-PER\nlee\tO\n\nrome\tB-LOC\n\n');
    await expect(readPredictions(path, { gold })).rejects.toThrow(
      `${path}:2: token "lee" where ${gold}:2 has "Lee"\n${path}:4: token "rome" where ${gold}:4 has "Rome"`,
    );
    const allowed = await readPredictions(path, { gold, allowTokenDifferences: true });
    expect(allowed.sources.tokenDifferences).toBe(2);
    expect(allowed.tokens.flat()).toEqual(['Ann', 'Lee', 'Rome']); // the words are those of the gold file
  });

  it('refuses sentences of other lengths and numbers, with both places', async () => {
    const short = file('short.tsv', '\nAnn\tB-PER\n\nRome\tB-LOC\n\n');
    await expect(readPredictions(short, { gold })).rejects.toThrow(
      `${short}:2: sentence 1 has 1 token, in ${gold}:1 it has 2`,
    );
    const fewer = file('fewer.tsv', 'Ann\tB-PER\nLee\tO\n\n');
    await expect(readPredictions(fewer, { gold })).rejects.toThrow(`${fewer}: 1 sentence, in ${gold} there are 2`);
  });
});

describe('the data in the signature', () => {
  it('is the same for all predictions on one gold column, and another for other gold', async () => {
    const hash = async (text: string): Promise<string> => (await readPredictions(file('h.tsv', text), {})).dataHash;
    const first = await hash(THREE);
    expect(first).toMatch(/^content-[0-9a-f]{12}$/);
    expect(await hash(THREE.replace('I-ORG', 'O'))).toBe(first);
    expect(await hash(THREE.replace('B-LOC', 'O'))).not.toBe(first);
  });
});

describe('files of random predictions, against a second conlleval', () => {
  it.each(SCHEMES)('%s: 300 sentences, every count the same', async (scheme) => {
    const rng = createRng(5).split(scheme);
    const gold: string[][] = [];
    const predicted: string[][] = [];
    for (let s = 0; s < 300; s++) {
      const tags = validTags(rng, scheme);
      const noise = Array.from({ length: tags.length }, () => randomPair(rng, scheme).predicted[0]);
      gold.push(tags);
      predicted.push(tags.map((tag, i) => (rng.float() < 0.7 ? tag : noise[i])));
    }
    const rows = gold.map((tags, s) => tags.map((tag, i) => `w${i} ${tag} ${predicted[s][i]}\n`).join(''));
    const read = await readPredictions(file(`${scheme}.txt`, rows.join('\n')), {});
    expect(read.scheme).toBe(scheme.toLowerCase());
    const { report } = evaluateTags(read, { resamples: 0 });
    const counts = (report.entities?.classes ?? []).map(({ name, tp, predicted: guessed, support }) => [
      name,
      { tp, predicted: guessed, support },
    ]);
    expect(Object.fromEntries(counts)).toEqual(naiveConlleval(gold, predicted, EXTENDED));
    expect(report.entities?.micro.tp).toBeGreaterThan(100);
  });
});

describe('how the tags of predictions are read', () => {
  /** Files by name, then what conlleval and seqeval's strict mode say of them (micro F1). */
  async function scored(files: { pred: string; gold?: string }, options: object = {}) {
    const gold = files.gold === undefined ? {} : { gold: file('gold.conll', files.gold) };
    const predictions = await readPredictions(file('pred.conll', files.pred), { ...gold, ...options });
    const { report, spread, invalid } = evaluateTags(predictions, { resamples: 0 });
    const strict = spread.find(({ convention }) => convention === 'strict')?.f1;
    return { predictions, report, strict, invalid };
  }

  const IOB2 = 'New B-LOC\nYork I-LOC\nis O\nRome B-LOC\n. O\n';

  it.each([
    ['bilou', 'New B-LOC\nYork L-LOC\nis O\nRome U-LOC\n. O\n', IOB2],
    ['bioes', 'New B-LOC\nYork E-LOC\nis O\nRome S-LOC\n. O\n', IOB2],
    [
      'iob1',
      'New I-LOC\nYork I-LOC\nis O\nRome I-LOC\nUlm B-LOC\n',
      'New B-LOC\nYork I-LOC\nis O\nRome B-LOC\nUlm B-LOC\n',
    ],
    ['brackets', 'New (LOC*\nYork *)\nis *\nRome (LOC)\n. *\n', IOB2],
    ['io', 'New LOC\nYork LOC\nis O\nRome LOC\n. O\n', IOB2],
    ['iob2, the letter last', 'New LOC-B\nYork LOC-I\nis O\nRome LOC-B\n. O\n', IOB2],
  ])('gold in %s and flawless IOB2 are the same chunks', async (scheme, gold, pred) => {
    const { report, strict, invalid, predictions } = await scored({ pred, gold });
    expect([report.entities?.micro.f1, strict, invalid.length]).toEqual([1, 1, 0]);
    expect(predictions.sources.schemes).toMatch(new RegExp(`^predictions are iob2 .*gold is ${scheme.slice(0, 4)}`));
    expect(report.signature).toContain('scheme:iob2|');
  });

  it('reads faulty predictions as gold is read', async () => {
    const gold = 'New B-LOC\nYork I-LOC\nis O\nRome B-LOC\n. O\n';
    const { strict, invalid, predictions } = await scored({ pred: gold.replaceAll('B-', 'I-'), gold });
    expect(predictions.sources.schemes).toBeNull();
    expect([strict, invalid.length]).toEqual([0, 2]);
  });

  it.each(['O O O', 'B-PER E-PER S-PER', 'x y z'])('takes predictions %s for gold of bare types', async (tags) => {
    const [a, b, c] = tags.split(' ');
    const { report } = await scored({ pred: `a ${a}\nb ${b}\nc ${c}\n`, gold: 'a Person\nb Person\nc O\n' });
    expect(report.entities?.micro.support).toBe(1);
  });

  it('scores bare types beside O as scikit-learn does without O', async () => {
    const pred =
      'Anna Person O\nBrook Person O\nleft O O\nand O O\nOslo Location O\n. O O\n\nit O O\nwas O O\nfine O O\n';
    const { report } = await scored({ pred });
    expect(report.entities?.micro).toMatchObject({ f1: 0, support: 2 });
    expect(report.entities?.macro).toMatchObject({ f1: 0, classes: 2 });
    expect(report.tags.micro).toMatchObject({ f1: 0, support: 3 });
    expect(report.tags.classes.map(({ name }) => name)).toEqual(['Location', 'O', 'Person']);
  });

  it.each<[string, object]>([
    ['B-PER B-PER\nO O\n\nB-PER O\n', {}],
    ['B-PER B-PER\nO O\n\nB-PER O\n', { goldColumn: '1', predColumn: '2' }],
    ['B-PER B-PER\nO O\n\nO B-PER\n', { goldColumn: '2', predColumn: '1' }],
  ])('scores gold and predicted tags without tokens: %j, %j', async (pred, options) => {
    const { report, predictions } = await scored({ pred }, options);
    const { precision, recall, f1 } = report.entities?.micro ?? {};
    expect([precision, recall, f1]).toEqual([1, 0.5, 2 / 3]);
    expect(predictions.tokens).toEqual([['[1]', '[2]'], ['[1]']]);
    expect(predictions.sources.hasTokens).toBe(false);
  });

  it('scores them out of a gzip file as well', async () => {
    const path = file('pair.gz', '');
    writeFileSync(path, gzipSync('B-PER B-PER\nI-PER O\n\nB-LOC B-LOC\n'));
    const { gold, predicted, sources } = await readPredictions(path, {});
    expect(gold.flat()).toEqual(['B-PER', 'I-PER', 'B-LOC']);
    expect(predicted.flat()).toEqual(['B-PER', 'O', 'B-LOC']);
    expect(sources.hasTokens).toBe(false);
  });

  it('says that gold has no entity', async () => {
    const { predictions } = await scored({ pred: 'Anna O B-PER\ncame O O\n\nBo O O\n' });
    expect(predictions.warnings[0].message).toMatch(
      /:1: no token belongs to an entity: precision, recall and F1 are 0/,
    );
  });

  it.each([
    // a class that no prediction has; seqeval 0.0.12 and later give the same
    ['a B-E B-E\nb I-E I-E\nc O O\nd O O\ne B-C O\nf I-C B-C\ng I-C I-C\nh O O\n', 0.5, 0.5],
    ['a B-E B-E\nb I-E I-E\nc O O\nd O O\ne B-C O\nf I-C O\ng I-C O\nh O O\n', 2 / 3, 0.5],
  ])('counts a class that is missing: %#', async (pred, micro, macro) => {
    const { report } = await scored({ pred });
    expect(report.entities?.micro.f1).toBeCloseTo(micro, 12);
    expect(report.entities?.macro.f1).toBeCloseTo(macro, 12);
  });

  it('scores BIOES and BILOU of the same chunks alike by every convention', async () => {
    const bioes =
      'w B-LOC B-LOC\nw E-LOC O\nw B-LOC B-LOC\nw E-LOC O\nw O O\nw S-LOC S-LOC\n\nw O O\nw B-LOC B-LOC\nw E-LOC E-LOC\nw O O\n';
    const bilou = bioes.replaceAll('E-', 'L-').replaceAll('S-', 'U-');
    const of = async (pred: string, scheme: string) => {
      const { predictions } = await scored({ pred }, { scheme });
      return evaluateTags(predictions, { resamples: 0 }).spread.map(({ f1 }) => f1);
    };
    expect(await of(bioes, 'bioes')).toEqual(await of(bilou, 'bilou'));
  });

  it('leaves -DOCSTART- out of the tokens', async () => {
    // conlleval.pl counts it as one more token tagged O: 66.67
    const { report } = await scored({ pred: '-DOCSTART- -X- O O\n\nAnna NNP B-PER O\ncame VBD O O\n' });
    expect(report.accuracy).toBe(0.5);
  });
});
