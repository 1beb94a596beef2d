import { groupBy } from '../src/order';

it('keeps the order of items, and of the keys as they first come', () => {
  const groups = groupBy([5, 2, 8, 3, 10], (n) => (n % 2 === 0 ? 'even' : 'odd'));
  expect([...groups]).toEqual([
    ['odd', [5, 3]],
    ['even', [2, 8, 10]],
  ]);
  expect(groupBy([], String).size).toBe(0);
});
