import { sweepOutside } from '../../src/analyse';
import type { Corpus } from '../../src/data/types';
import type { Split } from '../../src/run/corpora';
import { decodingOf } from '../../src/heads';
import { scoreCorpus } from '../../src/run/assess';
import { fitOutsideBias, rescored, scorersOf } from '../../src/run/decoding';
import type { Decoder } from '../../src/train/predict';
import { createRng } from '../../src/rng';

const LABELS = ['O', 'B-A', 'B-B'];

/** Random probabilities and gold tags of sentences of three tokens. */
function random(sentences: number) {
  const rng = createRng(4);
  const n = 3 * sentences;
  const logits = Float64Array.from({ length: 3 * n }, () => 2 * rng.normal());
  const tags = Array.from({ length: sentences }, () => [0, 1, 2].map(() => LABELS[rng.int(3)]));
  const corpus = {
    sentences: tags.map((of) => ({ tokens: ['a', 'b', 'c'], tags: of, line: 1 })),
    task: 'chunks',
    sha256: '0'.repeat(64),
    scheme: { name: 'iob2', why: '' },
    inner: 'iob2',
    tagging: { scheme: 'iob2', spelling: 'standard', outside: 'O' },
  } as unknown as Corpus;
  return { logits, corpus, n };
}

/** By the definition: add the bias to O's logit, take the softmax, take the largest. */
function tagsAt(logits: Float64Array, n: number, bias: number): string[] {
  return Array.from({ length: n }, (_, i) => {
    const z = LABELS.map((_label, c) => logits[3 * i + c] + (c === 0 ? bias : 0));
    return LABELS[z.indexOf(Math.max(...z))];
  });
}

describe('sweepOutside', () => {
  const { logits, corpus, n } = random(40);
  const sentences = (bias: number): string[][] => {
    const flat = tagsAt(logits, n, bias);
    return Array.from({ length: 40 }, (_, s) => flat.slice(3 * s, 3 * s + 3));
  };
  const asked: number[] = [];
  const decoder = {
    decode: ({ outsideBias }: { readonly outsideBias: number }) => {
      asked.push(outsideBias);
      return {
        offsets: Int32Array.from({ length: 41 }, (_, s) => 3 * s),
        ids: Int32Array.from(tagsAt(logits, n, outsideBias), (tag) => LABELS.indexOf(tag)),
      };
    },
  };
  const tablesOf = rescored(decoder, { corpus, encoded: { size: 40 } as Split['encoded'] }, LABELS);
  const own = decodingOf({ method: 'argmax', outsideBias: 0 }, LABELS, 'iob2');
  const { points, curves } = sweepOutside((bias) => tablesOf({ ...own, outsideBias: bias }), 'A.f1');

  it('scores what the biased logits tag, at every bias', () => {
    expect(points.map(({ bias }) => bias)).toContain(0);
    for (const { bias, score, micro, macro } of points) {
      const report = scoreCorpus(corpus, sentences(bias));
      expect(micro).toBe(report.entities?.micro.f1);
      expect(macro).toBe(report.entities?.macro.f1);
      expect(score).toBe(report.entities?.classes.find(({ name }) => name === 'A')?.f1 ?? 0);
      const point = curves.find(({ name }) => name === 'B')?.points.find(({ at }) => at === bias);
      const ofB = report.entities?.classes.find(({ name }) => name === 'B');
      if (ofB && ofB.predicted > 0) expect(point).toEqual({ at: bias, precision: ofB.precision, recall: ofB.recall });
      else expect(point).toBeUndefined();
    }
  });

  it('decodes once what a fit of the bias has asked for, too', () => {
    const split = { corpus, encoded: { size: 40 } } as unknown as Split;
    const scorers = scorersOf({ of: () => decoder as unknown as Decoder }, LABELS);
    asked.length = 0;
    const fit = fitOutsideBias(scorers, { dev: split }, own, 'A.f1');
    const before = asked.length;
    expect(new Set(asked).size).toBe(before);
    const again = sweepOutside((bias) => scorers.of(split)({ ...own, outsideBias: bias }), 'A.f1');
    expect(asked).toHaveLength(before);
    expect(again.points).toEqual(points);
    expect(fit?.biased).toBeGreaterThanOrEqual(Math.max(...points.map(({ score }) => score)));
  });

  it('names fewer entities the higher the bias', () => {
    const recalls = curves[0].points.map(({ recall }) => recall);
    expect(recalls[0]).toBeGreaterThan(recalls[recalls.length - 1]);
  });
});
