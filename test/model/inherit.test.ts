import type { HeadName } from '../../src/heads';
import { inherit, type Named } from '../../src/model/inherit';
import { initialWeights } from '../../src/model/init';
import type { TaggerSpec, Weight } from '../../src/model/spec';
import { createRng } from '../../src/rng';

/** A tagger of two tables, by the names of what its rows and labels stand for. */
function named(
  words: readonly string[],
  labels: readonly string[],
  shapes: readonly string[] = ['a', 'A'],
  head: HeadName = 'softmax',
): Named {
  const columns = [
    { name: 'words', width: 2, names: () => [null, ...words] },
    { name: 'shapes', width: 1, names: () => shapes },
  ];
  const tables = columns.map(({ name, width, names }) => ({
    ...{ name, width, rows: names().length, wordDropout: false, rate: 1 },
  }));
  const spec: TaggerSpec = { tables, labels: labels.length, hidden: 1, layers: 2, dropout: 0, head };
  return { spec, columns, labels };
}

const draw = ({ spec }: Named, seed: number, counts: readonly number[]): Weight[] =>
  initialWeights(spec, counts, createRng(seed));

/** Values 1000, 1001, ... in the order of the file, so that each says where it comes from. */
const numbered = (of: Named): Weight[] => {
  let next = 1000;
  return draw(of, 1, of.labels.map(() => 1)).map((weight) => ({ ...weight, values: weight.values.map(() => next++) })); // prettier-ignore
};

const valuesOf = (weights: readonly Weight[], name: string): number[] => [
  ...(weights.find((weight) => weight.name === name)?.values ?? []),
];

describe('inherit', () => {
  // words 1000-1007 (4 x 2), shapes 1008-1009 (2 x 1), lstm0.w 1010-1041 (2 x (3 + 1) x 4), lstm0.b 1042-1049 (2 x 4),
  // lstm1.w 1050-1073 (2 x (2 + 1) x 4), lstm1.b 1074-1081 (2 x 4), output.w 1082-1087 (2 x 3), output.b 1088-1090 (3)
  const from = named(['x', 'y', 'z'], ['O', 'B-A', 'B-B']);
  const given = { ...from, weights: numbered(from) };

  it('gives the same weights to a tagger of the same names', () => {
    const drawn = draw(from, 2, [5, 1, 1]);
    expect(inherit(drawn, from, [5, 1, 1], given)).toEqual(given.weights);
  });

  it('takes rows of tables and columns of the output by name, wherever they stand', () => {
    const into = named(['z', 'new', 'x'], ['O', 'B-C', 'B-B'], ['A', 'a']);
    const counts = [6, 1, 2];
    const drawn = draw(into, 2, counts);
    const weights = inherit(drawn, into, counts, given);
    const fresh = valuesOf(drawn, 'words');
    expect(valuesOf(weights, 'words')).toEqual([1000, 1001, 1006, 1007, fresh[4], fresh[5], 1002, 1003]);
    expect(valuesOf(weights, 'shapes')).toEqual([1009, 1008]);
    for (const name of ['lstm0.w', 'lstm0.b', 'lstm1.w', 'lstm1.b'])
      expect(valuesOf(weights, name)).toEqual(valuesOf(given.weights, name));
    const output = valuesOf(drawn, 'output.w');
    expect(valuesOf(weights, 'output.w')).toEqual([1082, output[1], 1084, 1085, output[4], 1087]);
  });

  it('takes scores of neighbouring labels by both their names, and leaves those of a new label at 0', () => {
    const old = named(['x'], ['O', 'B-A', 'B-B'], ['a'], 'crf');
    const before = { ...old, weights: numbered(old) };
    const into = named(['x'], ['B-B', 'B-C', 'O'], ['a'], 'crf');
    const weights = inherit(draw(into, 2, [1, 1, 1]), into, [1, 1, 1], before);
    const [first] = valuesOf(before.weights, 'crf.transitions');
    const at = (i: number, j: number): number => first + 3 * i + j;
    expect(valuesOf(weights, 'crf.transitions')).toEqual([at(2, 2), 0, at(2, 0), 0, 0, 0, at(0, 2), 0, at(0, 0)]);
    const [start] = valuesOf(before.weights, 'crf.start');
    expect(valuesOf(weights, 'crf.start')).toEqual([start + 2, 0, start]);
    expect(valuesOf(weights, 'crf.end')).toEqual([start + 5, 0, start + 3]);
  });

  it('puts the bias of a new label where its share puts it among the known ones', () => {
    const into = named(['x'], ['O', 'B-C', 'B-B']);
    const counts = [6, 1, 2];
    const weights = inherit(draw(into, 2, counts), into, counts, given);
    // log priors (count + 1) / (9 + 3); known biases 1088 and 1090, weighed 6 : 2
    const moved = (6 * (1088 - Math.log(7 / 12)) + 2 * (1090 - Math.log(3 / 12))) / 8;
    const bias = valuesOf(weights, 'output.b');
    expect([bias[0], bias[2]]).toEqual([1088, 1090]);
    expect(bias[1]).toBeCloseTo(Math.log(2 / 12) + moved, 3);
  });

  it('takes the inputs of the network by their table, where it has the same width', () => {
    const wide = named(['x'], ['O']);
    const columns = [wide.columns[1], { name: 'words', width: 3, names: () => [null, 'x'] }];
    const tables = [wide.spec.tables[1], { ...wide.spec.tables[0], width: 3 }];
    const into: Named = { ...wide, columns, spec: { ...wide.spec, tables } };
    const drawn = draw(into, 2, [9]);
    const weights = inherit(drawn, into, [9], given);
    expect(valuesOf(weights, 'words')).toEqual(valuesOf(drawn, 'words'));
    const [got, fresh] = [valuesOf(weights, 'lstm0.w'), valuesOf(drawn, 'lstm0.w')];
    // rows of 4: shapes' input, three of words, recurrent; there: two of words, shapes' input, recurrent
    const rows = (all: number[], d: number, i: number): number[] => all.slice(4 * (5 * d + i), 4 * (5 * d + i + 1));
    for (const d of [0, 1]) {
      const first = 1010 + 16 * d;
      expect(rows(got, d, 0)).toEqual([8, 9, 10, 11].map((n) => first + n));
      for (const i of [1, 2, 3]) expect(rows(got, d, i)).toEqual(rows(fresh, d, i));
      expect(rows(got, d, 4)).toEqual([12, 13, 14, 15].map((n) => first + n));
    }
  });

  it('leaves draws of new things as they are whatever is taken, and matches nothing to a label without a name', () => {
    const into = named(['p', 'q'], ['O', 'B-A']);
    const drawn = draw(into, 2, [3, 1]);
    const nameless = { ...given, labels: [null, null, null] };
    const weights = inherit(drawn, into, [3, 1], nameless);
    expect(valuesOf(weights, 'output.w')).toEqual(valuesOf(drawn, 'output.w'));
    expect(valuesOf(weights, 'output.b')).toEqual(valuesOf(drawn, 'output.b'));
    expect(valuesOf(weights, 'words').slice(2)).toEqual(valuesOf(drawn, 'words').slice(2));
    expect(valuesOf(weights, 'words').slice(0, 2)).toEqual([1000, 1001]); // the unknown word
  });
});
