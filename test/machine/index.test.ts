import { endianness } from 'node:os';
import { cores, littleEndian, memory, processor } from '../../src/machine';

it('knows this machine', () => {
  expect(littleEndian()).toBe(endianness() === 'LE');
  expect(cores()).toBeGreaterThanOrEqual(1);
  expect(memory()).toBeGreaterThanOrEqual(process.memoryUsage().rss);
  expect(processor()).not.toBe('');
});
