import { withOwn } from '../../src/compare/decodings';
import { statistics } from '../../src/compare/statistics';
import { createRng } from '../../src/rng';
import { simulateRuns } from './simulated-runs';

describe('withOwn', () => {
  const judged = (seed: number) =>
    statistics(simulateRuns(createRng(seed), { ce: 0.5, dsc: 0.8 }, 0.02), 'ce', ['micro-f1', 'macro-f1'], [{ name: 'A', support: 90 }], 50, []); // prettier-ignore
  const [own, other] = [judged(1), judged(2)];
  const overLooks = { state: 'open', seeds: null, p: 0.01, level: 0.004, low: -0.1, high: 0.4 } as const;
  const looked = { ...own, tests: own.tests.map((test) => ({ ...test, verdict: 'none', overLooks }) as const) };
  const decoding = (found: typeof own) => ({ name: 'valid', biases: [], scores: found.summaries, tests: found.tests });

  it('has one verdict on one question: what all looks say, where both losses score as by their configs', () => {
    expect(own.tests[0].verdict).toBe('better'); // of a single look
    expect(withOwn(decoding(own), looked).tests).toEqual(looked.tests);
    expect(withOwn(decoding(other), looked).tests).toEqual(other.tests);
    // the reference alone scores otherwise
    const mixed = { ...decoding(own), scores: { ...own.summaries, ce: other.summaries.ce } };
    expect(withOwn(mixed, looked).tests).toEqual(own.tests);
  });
});
