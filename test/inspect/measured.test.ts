import {
  measuredHint,
  readMeasured,
  type MeasuredCorpus,
  type MeasuredDecoding,
  type MeasuredGain,
} from '../../src/inspect/measured';
import { LOSSES } from '../../src/losses';

const gain = (difference: number, verdict: MeasuredGain['verdict']): MeasuredGain[] => [
  { metric: 'micro-F1', difference, low: difference - 0.01, high: difference + 0.01, verdict },
];
const NOTHING: MeasuredDecoding = { reference: [], gains: {} };
const corpus = (name: string, outsideRatio: number, gains: MeasuredDecoding['gains']): MeasuredCorpus => ({
  name,
  outsideRatio,
  mentions: 1000,
  classes: 4,
  seeds: 5,
  against: 'ce',
  decodings: { argmax: NOTHING, valid: { reference: [], gains }, 'valid+bias': NOTHING },
});
const LIKE = { outsideRatio: 100, mentions: 1000, classes: 4 };

describe('measuredHint', () => {
  it('names the nearest corpora first, and what differs there', () => {
    const { arithmetic } = measuredHint(LIKE, [
      corpus('far', 1, { dsc: gain(0.5, 'better') }),
      corpus('near', 90, { dsc: gain(0.03, 'better'), fl: gain(0.001, 'none') }),
      corpus('next', 200, { dsc: gain(0.01, 'none') }),
      corpus('third', 500, { dsc: gain(0, 'none') }),
    ]);
    expect(arithmetic).toBe(
      'near (90 O to one, 1000 entities, 4 classes): dsc +3.0 micro-F1; next (200 O to one, 1000 entities, 4 classes): no loss differs; ' +
        'third (500 O to one, 1000 entities, 4 classes): no loss differs (points over ce, valid sequences; 95 % level, so that the rest is not shown)',
    );
  });

  it('recommends the loss that gains most, of those that were better somewhere near and worse nowhere', () => {
    const near = [
      corpus('a', 90, { dsc: gain(0.05, 'better'), 'wce:weights=power': gain(0.03, 'better'), fl: gain(0.2, 'none') }),
      corpus('b', 110, { dsc: gain(-0.04, 'worse'), 'wce:weights=power': gain(0.02, 'none'), fl: gain(0.2, 'none') }),
    ];
    expect(measuredHint(LIKE, near).setting).toBe('loss.name=wce --set loss.weights=power');
    expect(measuredHint(LIKE, near.slice(0, 1)).setting).toBe('loss.name=dsc');
    expect(measuredHint(LIKE, [corpus('c', 100, { dsc: gain(0.02, 'none') })]).setting).toBeNull();
  });
});

describe('the measured corpora of the package', () => {
  it('are of losses that there are, and were measured with enough seeds for a verdict', async () => {
    const measured = await readMeasured();
    expect(measured.length).toBeGreaterThan(0);
    for (const { seeds, outsideRatio, decodings } of measured) {
      expect(seeds).toBeGreaterThanOrEqual(5);
      expect(outsideRatio).toBeGreaterThan(1);
      const all = Object.values(decodings).flatMap(({ gains }) => Object.entries(gains));
      expect(all.length).toBeGreaterThanOrEqual(12);
      for (const [label, gains] of all) {
        expect(Object.keys(LOSSES)).toContain(label.replace(/:.*/, ''));
        for (const { difference, low, high, verdict } of gains) {
          expect(Math.abs(difference)).toBeLessThan(1);
          expect(low).toBeLessThan(difference);
          expect(high).toBeGreaterThan(difference);
          expect(['better', 'worse', 'none']).toContain(verdict);
        }
      }
    }
  });
});
