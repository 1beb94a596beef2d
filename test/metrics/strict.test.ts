import { UserError } from '../../src/errors';
import { chunkGrammar, chunksOf } from '../../src/schemes';
import { ncrfppChunksOf } from '../../src/metrics/ncrfpp';
import { strictChunksOf } from '../../src/metrics/strict';
import { createRng } from '../../src/rng';
import { SCHEMES, validTags } from './random-tags';

const show = (chunks: { type: string; start: number; end: number }[]): string =>
  chunks.map((c) => `${c.type}[${c.start},${c.end})`).join(' ');

describe('strictChunksOf', () => {
  it.each([
    // what seqeval's strict mode returns for these
    ['IOB2', 'O I-A I-A O', ''],
    ['IOB2', 'B-A I-B I-B', 'A[0,1)'],
    ['IOB2', 'B-A I-A B-A', 'A[0,2) A[2,3)'],
    ['IOB1', 'I-A B-A O', 'A[0,1) A[1,2)'],
    ['IOB1', 'B-A I-A O', 'A[1,2)'], // B- with nothing before starts nothing, the I- after it does
    ['IOB1', 'O B-A O', ''],
    ['IOB1', 'I-A I-B', 'A[0,1) B[1,2)'],
    ['BIOES', 'B-A O', ''],
    ['BIOES', 'B-A I-A E-B', ''],
    ['BIOES', 'B-A I-A B-A E-A', 'A[2,4)'],
    ['BIOES', 'S-A E-A', 'A[0,1)'],
    ['BILOU', 'B-A L-A U-A L-A', 'A[0,2) A[2,3)'],
    ['BMES', 'B-A M-A E-A M-A', 'A[0,3)'],
    ['IOB2', 'B-A E-A I-A', 'A[0,1)'], // E is not of the scheme: outside
    ['IOB2', '', ''],
    ['IO', 'I-A I-A O I-A I-B', 'A[0,2) A[3,4) B[4,5)'],
  ])('%s: %s', (scheme, tags, chunks) => {
    expect(show(strictChunksOf(tags === '' ? [] : tags.split(' '), scheme))).toBe(chunks);
  });

  it.each(SCHEMES)('reads valid %s sequences as conlleval does', (scheme) => {
    const rng = createRng(30).split(scheme);
    for (let n = 0; n < 500; n++) {
      const tags = validTags(rng, scheme);
      expect({ tags, chunks: strictChunksOf(tags, scheme) }).toEqual({ tags, chunks: chunksOf(tags) });
    }
  });

  it('has no reading of plain tags', () => {
    expect(chunkGrammar('plain')).toBeUndefined();
    expect(chunkGrammar('toString')).toBeUndefined();
    expect(chunkGrammar('brackets')).toBeUndefined();
    expect(chunkGrammar('Bioes')?.name).toBe('bioes');
    expect(() => strictChunksOf(['N'], 'plain')).toThrow(
      new UserError("scheme 'plain' has no strict reading", 'schemes: IOB2, IOB1, BIOES, BILOU, BMES, IO'),
    );
  });
});

describe('ncrfppChunksOf', () => {
  it.each([
    ['IOB2', 'O I-A B-A I-B I-A', 'A[2,3)'],
    ['BMES', 'B-A M-A E-A', 'A[0,3)'],
    ['BMES', 'B-A O O E-B', 'A[0,4)'], // O does not close, and E closes whatever its type
    ['BMES', 'B-A B-A E-A', 'A[0,1) A[1,3)'],
    ['BMES', 'M-A E-A O', ''],
    ['BMES', 'S-A', 'A[0,0)'], // a span written without its end
    ['BMES', 'B-A M-A', 'A[0,0)'], // and so is one that is never closed: the two are equal
    ['BILOU', 'U-A B-B L-B', 'A[0,0) B[1,3)'],
  ])('%s: %s', (scheme, tags, chunks) => {
    expect(show(ncrfppChunksOf(tags.split(' '), scheme))).toBe(chunks);
  });
});
