import { bestBias, sweepOutside } from '../../src/compare/sweep';
import { tagCurves } from '../../src/compare/curves';
import type { Split } from '../../src/run/corpora';
import { scoreCorpus } from '../../src/run/assess';
import { createRng } from '../../src/rng';

const LABELS = ['O', 'B-A', 'B-B'];

/** Random probabilities and gold tags of sentences of three tokens. */
function random(sentences: number) {
  const rng = createRng(4);
  const n = 3 * sentences;
  const logits = Float64Array.from({ length: 3 * n }, () => 2 * rng.normal());
  const tags = Array.from({ length: sentences }, () => [0, 1, 2].map(() => LABELS[rng.int(3)]));
  const split = {
    corpus: {
      sentences: tags.map((of) => ({ tokens: ['a', 'b', 'c'], tags: of, line: 1 })),
      task: 'chunks',
      sha256: '0'.repeat(64),
      scheme: { name: 'iob2', why: '' },
      inner: 'iob2',
      tagging: { scheme: 'iob2', spelling: 'standard', outside: 'O' },
    },
    encoded: { size: sentences, offsets: Int32Array.from({ length: sentences + 1 }, (_, s) => 3 * s) },
  } as unknown as Pick<Split, 'corpus' | 'encoded'>;
  return { logits, split, n };
}

/** By the definition: add the bias to O's logit, take the softmax, take the largest. */
function tagsAt(logits: Float64Array, n: number, bias: number): string[] {
  return Array.from({ length: n }, (_, i) => {
    const z = LABELS.map((_label, c) => logits[3 * i + c] + (c === 0 ? bias : 0));
    return LABELS[z.indexOf(Math.max(...z))];
  });
}

function softmax(logits: Float64Array): Float32Array {
  return Float32Array.from(logits, (z, at) => {
    const from = at - (at % 3);
    return Math.exp(z) / [0, 1, 2].reduce((sum, c) => sum + Math.exp(logits[from + c]), 0);
  });
}

describe('sweepOutside', () => {
  const { logits, split, n } = random(40);
  const { points, curves } = sweepOutside(softmax(logits), split, LABELS, 'A.f1');

  it('scores what the biased logits tag, at every bias', () => {
    expect(points.map(({ bias }) => bias)).toContain(0);
    for (const { bias, score, micro, macro } of points) {
      const flat = tagsAt(logits, n, bias);
      const report = scoreCorpus(
        split.corpus,
        Array.from({ length: 40 }, (_, s) => flat.slice(3 * s, 3 * s + 3)),
      );
      expect(micro).toBe(report.entities?.micro.f1);
      expect(macro).toBe(report.entities?.macro.f1);
      expect(score).toBe(report.entities?.classes.find(({ name }) => name === 'A')?.f1 ?? 0);
      const point = curves.find(({ name }) => name === 'B')?.points.find(({ at }) => at === bias);
      const ofB = report.entities?.classes.find(({ name }) => name === 'B');
      if (ofB && ofB.predicted > 0) expect(point).toEqual({ at: bias, precision: ofB.precision, recall: ofB.recall });
      else expect(point).toBeUndefined();
    }
  });

  it('names fewer entities the higher the bias', () => {
    const recalls = curves[0].points.map(({ recall }) => recall);
    expect(recalls[0]).toBeGreaterThan(recalls[recalls.length - 1]);
  });
});

describe('bestBias', () => {
  const points = (scores: Record<string, number>) =>
    Object.entries(scores).map(([bias, score]) => ({ bias: Number(bias), score, micro: 0, macro: 0 }));
  it.each([
    [{ '-1': 0.5, '0': 0.4, '1': 0.6 }, 1],
    [{ '-1': 0.5, '0': 0.5, '1': 0.5 }, 0],
    [{ '-2': 0.6, '-1': 0.5, '2': 0.6 }, -2],
  ])('%j: %d', (scores, bias) => {
    expect(bestBias(points(scores))).toBe(bias);
  });

  it('is 0 of nothing', () => {
    expect(bestBias([])).toBe(0);
  });
});

describe('tagCurves', () => {
  it('counts by hand', () => {
    // three tokens, gold X X Y; probability of X 0.9, 0.4, 0.6
    const p = Float32Array.from([0.9, 0.1, 0.4, 0.6, 0.6, 0.4]);
    const [x, y, ...none] = tagCurves(p, Int32Array.from([0, 0, 1]), ['X', 'Y', 'Z'].slice(0, 2));
    const at = (curve: typeof x, threshold: number) => curve.points.find((point) => point.at === threshold);
    expect(at(x, 0.5)).toEqual({ at: 0.5, precision: 1 / 2, recall: 1 / 2 });
    expect(at(x, 0.3)).toEqual({ at: 0.3, precision: 2 / 3, recall: 1 });
    expect(at(x, 0.95)).toBeUndefined();
    expect(at(y, 0.3)).toEqual({ at: 0.3, precision: 1 / 2, recall: 1 });
    expect(none).toEqual([]);
    expect(tagCurves(p, Int32Array.from([0, 0, -1]), ['X', 'Y']).map(({ name }) => name)).toEqual(['X']);
  });
});
