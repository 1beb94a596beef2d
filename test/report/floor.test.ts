import { floorOf } from '../../src/metrics/floor';
import { score, type Report } from '../../src/metrics/scores';
import { floorLines } from '../../src/report/floor';
import { summaryMarkdown } from '../../src/report/summary';
import { splitText } from '../../src/report/text';

const split = (...sentences: string[]): string[][] => sentences.map((s) => s.split(' '));
const settings = { scheme: 'iob2', version: '0' };
const gold = split('B-A O B-B', 'B-A O O');

function report(predicted: string[], guessed: string[]): Report {
  return { ...score(gold, split(...predicted), settings), floor: floorOf(score(gold, split(...guessed), settings)) };
}

const right = ['B-A O B-B', 'B-A O O'];
const half = ['B-A O O', 'B-A O O']; // 2 of 2 predicted and of 3 in gold: F1 80.00

describe('a floor in reports', () => {
  it('stands beside every F1 and below the table', () => {
    const text = splitText('dev', report(right, half));
    expect(text).toMatch(/^entities .* right +look-up F1$/m);
    expect(text).toMatch(/^A +100\.00 +100\.00 +100\.00 +2 +2 +2 +100\.00$/m);
    expect(text).toMatch(/^B +100\.00 +100\.00 +100\.00 +1 +1 +1 +0\.00$/m);
    expect(text).toMatch(/^micro average .* 80\.00$/m);
    expect(text).toMatch(/^macro average \(2 classes\) .* 50\.00$/m);
    expect(text).toMatch(/^floor: micro F1 80\.00 by look-up; this is 20\.00 above \(longest-match: the longest/m);
    expect(text).not.toMatch(/^tokens.*floor/m);
  });

  it('stands in the Markdown too', () => {
    const text = summaryMarkdown('t', [{ name: 'dev', reports: [report(right, half)] }], []);
    expect(text).toContain('| entities | precision | recall | F1 | look-up F1 |');
    expect(text).toContain('| B | 100.00 | 100.00 | 100.00 | 0.00 |');
    expect(text).toContain('floor: micro F1 80.00 by look-up');
  });

  it('is left out where there is none', () => {
    const plain = score(gold, gold, settings);
    expect(floorLines(plain)).toEqual([]);
    expect(splitText('dev', plain)).not.toContain('floor');
  });
});
