import { cores, littleEndian, memory, processor } from '../../src/machine';

it('knows this machine', () => {
  expect(littleEndian()).toBe(new Uint8Array(Uint16Array.of(1).buffer)[0] === 1);
  expect(cores()).toBeGreaterThanOrEqual(1);
  expect(memory()).toBeGreaterThanOrEqual(process.memoryUsage().rss);
  expect(processor()).not.toBe('');
});
