import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { sealed } from '../../src/files/json';
import { evaluate } from '../../src/evaluate';
import { evaluationData, evaluationText } from '../../src/report/evaluation';
import { toyRun } from '../run/toy';

const ROW = '\t_\t_\t_\t_\t_\n';
const UD = `1\tAnn\t_\tPROPN\tNNP${ROW}2\tsaw\t_\tVERB\tVBD${ROW}3\tit\t_\tPRON\tPRP${ROW}\n`;

describe('the tagger of a run on a file', () => {
  it('is scored against the column that it was trained on, and another one where that is told', async () => {
    const { path } = await toyRun(UD, { tagColumn: 'XPOS' });
    const labels = async (told: object) => {
      const { report, warnings } = await evaluate(path, join(path, 'train'), {
        engine: 'js',
        reading: told,
        resamples: 0,
      });
      return { labels: report.tags.classes.filter(({ support }) => support > 0).map(({ name }) => name), warnings };
    };
    expect((await labels({})).labels.sort()).toEqual(['NNP', 'PRP', 'VBD']);
    const told = await labels({ tagColumn: 'UPOS' });
    expect(told.labels.sort()).toEqual(['PRON', 'PROPN', 'VERB']);
    expect(told.warnings.map(({ message }) => message).join()).toMatch(/--tag-column UPOS, as told; .*tag column XPOS/);
  });

  it('reads tokens, tags and scheme as in training where the file alone would say otherwise', async () => {
    const text = 'x Anna I-PER 1\ny saw O 2\nx Bo I-PER 3\n\n';
    const { path } = await toyRun(text, { format: 'columns', tokenColumn: 2, tagColumn: 3 });
    const file = join(path, 'other');
    writeFileSync(file, 'x Anna B-PER 1\ny Berlin I-PER 2\n\n'); // IOB2 by its looks
    const { sentences, report, warnings } = await evaluate(path, file, { engine: 'js', resamples: 0 });
    expect(sentences[0].tokens).toEqual(['Anna', 'Berlin']);
    expect(report.entities?.micro.support).toBe(1);
    expect(warnings.map(({ message }) => message).join()).toContain(
      'B-PER at the start of a sentence is invalid in iob1',
    );
  });

  it('says which labels of the file training never saw', async () => {
    const { path } = await toyRun('Anna\tB-PER\nsaw\tO\n\nBerlin\tB-PER\nslept\tO\n');
    const file = join(path, 'other');
    writeFileSync(file, 'Anna\tB-ORG\nInc\tI-ORG\n\nBo\tB-PER\nLtd\tI-ORG\nslept\tO\n');
    const { warnings } = await evaluate(path, file, { engine: 'js', resamples: 0 });
    expect(warnings.map(({ code, message }) => `${code}: ${message}`)).toContain(
      `unseen-labels: ${file}: labels that training never saw, counted as missed: B-ORG (1), I-ORG (2)`,
    );
  });

  it('measures how far to believe the probabilities, of entities and of tags', async () => {
    const { path } = await toyRun('Anna\tB-PER\nsaw\tO\nNew\tB-LOC\nYork\tI-LOC\n\nBerlin\tB-LOC\nslept\tO\n');
    const evaluation = await evaluate(path, join(path, 'train'), { engine: 'js', resamples: 0 });
    const { calibration, report } = evaluation;
    expect(calibration.tags.count).toBe(6);
    const right = calibration.tags.bins.reduce((sum, { count, accuracy }) => sum + count * accuracy, 0);
    expect(right).toBeCloseTo(6 * report.accuracy, 9);
    const micro = report.entities?.micro;
    expect(calibration.entities?.count).toBe(micro?.predicted);
    const found = calibration.entities?.bins.reduce((sum, { count, accuracy }) => sum + count * accuracy, 0);
    expect(found).toBeCloseTo((micro?.predicted ?? NaN) * (micro?.precision ?? NaN), 9);
    const text = evaluationText('x', evaluation);
    expect(text).toMatch(/^confidence +entities +mean +right$/m);
    expect(text).toMatch(/^of the tags of tokens: expected calibration error \d+\.\d\d %/m);
    expect(evaluationData('x', evaluation)).toMatchObject({ calibration });
    const plain = await toyRun(UD);
    const tags = await evaluate(plain.path, join(plain.path, 'train'), { engine: 'js', resamples: 0 });
    expect(tags.calibration.entities).toBeNull();
    expect(evaluationText('x', tags)).toMatch(/^confidence +tokens +mean +right$/m);
  });

  it('says how it read a file that does not fit', async () => {
    const { path } = await toyRun('Anna\tB-PER\nsaw\tO\n\n');
    const file = join(path, 'other');
    writeFileSync(file, 'EU NNP B-NP B-ORG\nrejects VBZ B-VP O\n\n');
    await expect(evaluate(path, file, { engine: 'js' })).rejects.toMatchObject({
      message: expect.stringContaining(`${file}:1:`) as string,
      note: expect.stringContaining(
        'as the training file of the tagger was (tsv, token column 1, tag column 2',
      ) as string,
    });
    expect(
      (await evaluate(path, file, { engine: 'js', reading: { format: 'conll2003' }, resamples: 0 })).sentences[0]
        .tokens[1],
    ).toBe('rejects');
  });

  it('reads the training file for the floor in the columns of the training', async () => {
    const { path } = await toyRun(UD, { tagColumn: 'XPOS' });
    const train = join(path, 'train');
    const { report } = await evaluate(path, train, { engine: 'js', resamples: 0, train });
    expect(report.floor).toMatchObject({ method: 'most-frequent-tag', accuracy: 1 });
    expect(report.floor?.table.classes.map(({ name }) => name).sort()).toEqual(['NNP', 'PRP', 'VBD']);
  });

  it('takes the floor of dev or test from the result of the run, and of another file says what would give one', async () => {
    const { path } = await toyRun(UD);
    const train = join(path, 'train');
    const { report, columns, trainedOn } = await evaluate(path, train, { engine: 'js', resamples: 0 });
    expect([report.floor, trainedOn]).toEqual([undefined, 'train']); // there is no result yet
    const floor = { method: 'most-frequent-tag', table: report.tags, accuracy: 0.25 };
    const write = (change: object): void => {
      const result = { data: { dev: { columns } }, dev: { ...report, floor }, test: null, ...change };
      writeFileSync(join(path, 'result.json'), JSON.stringify(sealed(result)));
    };
    const floorNow = async (told = {}) =>
      (await evaluate(path, train, { engine: 'js', reading: told, resamples: 0 })).report.floor?.accuracy;
    write({});
    expect(await floorNow()).toBe(0.25);
    expect(await floorNow({ tagColumn: 'XPOS' })).toBeUndefined(); // the same file, other tags
    write({ dev: { ...report, floor, signature: 'another file' } });
    expect(await floorNow()).toBeUndefined();
    writeFileSync(join(path, 'result.json'), '{"dev":{}}'); // no checksum
    expect(await floorNow()).toBeUndefined();
  });
});
