import { didYouMean, nearest } from '../src/nearest';

describe('nearest', () => {
  it.each([
    ['dcs', 'dsc'],
    ['DSC', 'dsc'],
    ['batchToken', 'batchTokens'],
    ['aplha', 'alpha'],
  ])('%s -> %s', (typed, meant) => {
    expect(nearest(typed, ['ce', 'dsc', 'batchTokens', 'alpha'])).toBe(meant);
  });

  it('suggests nothing when nothing is close, and lists what is valid instead', () => {
    expect(nearest('hinge', ['ce', 'dsc'])).toBeUndefined();
    expect(didYouMean('hinge', ['ce', 'dsc'])).toBe('valid: ce, dsc');
    expect(didYouMean('x', [])).toBe('valid: ');
  });
});
