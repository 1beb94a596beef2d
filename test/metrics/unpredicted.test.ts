import { score } from '../../src/metrics/scores';
import { unpredicted } from '../../src/metrics/unpredicted';

const trained = { PER: 5, LOC: 3 };
const chunks = (gold: string[], predicted: string[]) => score([gold], [predicted], { scheme: 'iob2', version: '0' });

describe('unpredicted', () => {
  it('lists the types that gold and training hold and no prediction has', () => {
    const by = (tags: string[]) => unpredicted([chunks(['B-PER', 'B-LOC', 'B-ORG', 'O'], tags)], trained);
    expect(by(['B-PER', 'O', 'O', 'O'])).toEqual(['LOC']); // ORG is not in training
    expect(by(['O', 'O', 'O', 'O'])).toEqual(['LOC', 'PER']);
    expect(by(['O', 'B-PER', 'O', 'B-LOC'])).toEqual([]); // wrong everywhere, but predicted
  });

  it('asks all reports together', () => {
    const [gold, none] = [['B-PER', 'B-LOC'], ['O', 'O']]; // prettier-ignore
    expect(unpredicted([chunks(gold, none), chunks(gold, ['B-PER', 'O'])], trained)).toEqual(['LOC']);
    expect(unpredicted([chunks(gold, ['B-PER', 'O']), chunks(none, ['B-LOC', 'O'])], trained)).toEqual([]);
    expect(unpredicted([], trained)).toEqual([]);
  });

  it('takes plain tags as they are', () => {
    const report = score([['NOUN', 'VERB']], [['NOUN', 'NOUN']], { scheme: 'plain', version: '0' });
    expect(unpredicted([report], { NOUN: 4, VERB: 1 })).toEqual(['VERB']);
    expect(unpredicted([report], { NOUN: 4 })).toEqual([]);
  });
});
