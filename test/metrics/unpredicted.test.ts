import { score } from '../../src/metrics/scores';
import { unpredicted } from '../../src/metrics/unpredicted';

const trained = { O: 90, 'B-PER': 5, 'I-PER': 2, 'B-LOC': 3 };

describe('unpredicted', () => {
  it('lists the types that gold and training hold and no prediction has', () => {
    const gold = [['B-PER', 'B-LOC', 'B-ORG', 'O']];
    const by = (tags: string[]) => unpredicted(score(gold, [tags], { scheme: 'iob2', version: '0' }), trained);
    expect(by(['B-PER', 'O', 'O', 'O'])).toEqual(['LOC']); // ORG is not in training
    expect(by(['O', 'O', 'O', 'O'])).toEqual(['LOC', 'PER']);
    expect(by(['O', 'B-PER', 'O', 'B-LOC'])).toEqual([]); // wrong everywhere, but predicted
  });

  it('takes plain tags as they are', () => {
    const report = score([['NOUN', 'VERB']], [['NOUN', 'NOUN']], { scheme: 'plain', version: '0' });
    expect(unpredicted(report, { NOUN: 4, VERB: 1 })).toEqual(['VERB']);
    expect(unpredicted(report, { NOUN: 4 })).toEqual([]);
  });
});
