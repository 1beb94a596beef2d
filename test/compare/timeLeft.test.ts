import { durationText, secondsLeft } from '../../src/compare/timeLeft';

describe('secondsLeft', () => {
  it.each([
    ['nothing known', { finished: [], running: [{ seconds: 9, share: 0 }], waiting: 3, size: 2 }, null],
    ['by the share done', { finished: [], running: [{ seconds: 10, share: 0.5 }], waiting: 0, size: 1 }, 10],
    ['by the finished', { finished: [10, 20], running: [], waiting: 4, size: 2 }, 30],
    ['some of both', { finished: [10], running: [{ seconds: 4, share: 0.4 }], waiting: 3, size: 2 }, 18], // (6 + 30) / 2
    [
      'never less than the longest run left',
      { finished: [10], running: [{ seconds: 1, share: 0.1 }], waiting: 0, size: 8 },
      9,
    ],
    [
      'a run that takes longer than the others',
      { finished: [10], running: [{ seconds: 30, share: 0.5 }], waiting: 0, size: 1 },
      0.5,
    ],
    ['all done', { finished: [10], running: [], waiting: 0, size: 1 }, 0],
  ])('%s', (_, state, seconds) => {
    expect(secondsLeft(state)).toBe(seconds);
  });
});

describe('durationText', () => {
  it.each([
    [0.4, '0 s'],
    [59.4, '59 s'],
    [59.6, '1 min 00 s'],
    [185, '3 min 05 s'],
    [3599.6, '1 h 00 min'],
    [7800, '2 h 10 min'],
  ])('%f is %s', (seconds, text) => {
    expect(durationText(seconds)).toBe(text);
  });
});
