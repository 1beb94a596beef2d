import { UserError } from '../../src/errors';
import {
  evaluate,
  explain,
  inspect,
  loadTagger,
  parseConll,
  readConll,
  resolveConfig,
  scoreTags,
  train,
} from '../../src/library';
import { toyRun, type ToyRun } from '../run/toy';

/** What no type allows and a program in JavaScript gives all the same. */
const any = (value: unknown): never => value as never;

const SCORED = { tokens: [['a', 'b']], gold: [['B-X', 'O']], predicted: [['B-X', 'O']], scheme: 'iob2', dataHash: 'x' };
const scored = (changes: object, options = {}) => scoreTags({ ...SCORED, ...changes }, { resamples: 10, ...options });
const ROWS = 'a O\nb B-X\n';

let run: ToyRun;
beforeAll(async () => {
  run = await toyRun('Anna\tB-PER\nsaw\tO\n\nBerlin\tB-LOC\nslept\tO\n');
});

describe('arguments that are none', () => {
  it.each<[string, () => unknown, string]>([
    [
      'loadTagger()',
      () => loadTagger(any(undefined)),
      'tagger: found undefined, expected a run folder, a checkpoint file',
    ],
    ['loadTagger(5)', () => loadTagger(any(5)), 'tagger: found 5, expected a run folder'],
    ['loadTagger(ArrayBuffer)', () => loadTagger(any(new ArrayBuffer(8))), 'tagger: found an object, expected a run'],
    [
      'threads',
      () => loadTagger(run.path, { engine: 'js', threads: -3 }),
      'threads: found -3, expected a whole number',
    ],
    [
      'threads as text',
      () => loadTagger(run.path, { engine: 'js', threads: any('2') }),
      'threads: found "2", expected',
    ],
    [
      'a decoding',
      () => loadTagger(run.path, { decoding: any('argmax') }),
      'decoding: found "argmax", expected an object',
    ],
    [
      'a method',
      () => loadTagger(run.path, { engine: 'js', decoding: { method: any('viterbi') } }),
      'decoding.method: found "viterbi", expected valid or argmax',
    ],
    [
      'a bias',
      () => loadTagger(run.path, { engine: 'js', decoding: { outsideBias: NaN } }),
      'decoding.outsideBias: found NaN, expected a number that float32 holds',
    ],
    ['readConll()', () => readConll(any(undefined)), 'corpus: found undefined, expected the path of a file'],
    ['parseConll()', () => parseConll(any(undefined), 'x'), 'corpus: found undefined, expected text, or the bytes'],
    ['parseConll(text)', () => parseConll(ROWS, any(undefined)), 'path: found undefined, expected the name'],
    ['options', () => parseConll(ROWS, 'x', any(null)), 'options: found null, expected an object'],
    ['a format', () => parseConll(ROWS, 'x', { format: any('conl2003') }), "format: there is no 'conl2003'"],
    ['a format of every object', () => parseConll(ROWS, 'x', { format: any('constructor') }), "no 'constructor'"],
    ['a scheme', () => parseConll(ROWS, 'x', { scheme: any('IOB2') }), "scheme: there is no 'IOB2'"],
    [
      'a spelling',
      () => parseConll(ROWS, 'x', { spelling: any(3) }),
      'spelling: found 3, expected one of auto, standard',
    ],
    ['a comment', () => parseConll(ROWS, 'x', { comment: '' }), 'comment: found "", expected text that is not empty'],
    ['an outside label', () => parseConll(ROWS, 'x', { outside: '' }), 'outside: found "", expected text that is not'],
    ['evaluate(run)', () => evaluate(run.path, any(undefined)), 'corpus: found undefined, expected the path of a file'],
    ['evaluate()', () => evaluate(any(undefined), 'x'), 'run: found undefined, expected the path of a run folder'],
    ['explain()', () => explain(any(undefined)), 'run: found undefined, expected the path of a run folder'],
    ['inspect(path)', () => inspect(any('train.conll')), 'inspect: found "train.conll", expected a list of files'],
    ['inspect(paths)', () => inspect(any(['train.conll'])), 'inspect: found "train.conll", expected { name, path }'],
    ['inspect([])', () => inspect([]), 'inspect: found a list, expected one file at least'],
    ['tags that are none', () => scored({ gold: undefined }), 'gold: found undefined, expected a list of sentences'],
    ['a sentence that is none', () => scored({ predicted: ['O O'] }), 'predicted: sentence 1: found "O O", expected'],
    ['ids for tags', () => scored({ gold: [[1, 0]] }), 'gold: sentence 1, token 1: found 1, expected a text'],
    ['no tokens', () => scored({ tokens: [] }), 'gold has 1 sentence, the text 0'],
    ['fewer tokens', () => scored({ tokens: [['a']] }), 'sentence 1: gold has 2 tokens, the text 1'],
    ['no scheme', () => scored({ scheme: undefined }), 'scheme: found undefined, expected one of iob2, iob1'],
    ['no such scheme', () => scored({ scheme: '__proto__' }), 'scheme: found "__proto__", expected one of'],
    ['no hash', () => scored({ dataHash: undefined }), 'dataHash: found undefined, expected a text'],
    ['resamples', () => scored({}, { resamples: 1.5 }), 'resamples: found 1.5, expected a whole number from 0 up'],
    ['a level', () => scored({}, { level: 2 }), 'level: found 2, expected a share between 0 and 1'],
    ['a seed', () => scored({}, { seed: 'x' }), 'seed: found "x", expected a whole number from 0 up'],
    ['a listener', () => train({}, { on: any(5) }), 'on: found 5, expected a function of an event'],
    ['a value', () => resolveConfig({ out: any(() => 1) }), 'config: out: found () => 1; expected text'],
    [
      'a number',
      () => resolveConfig({ train: { learningRate: NaN } }),
      'learningRate: found NaN; expected a number above',
    ],
    ['a big number', () => resolveConfig({ seed: any(5n) }), 'config: seed: found [object BigInt]; expected a whole'],
  ])('%s', async (_, call, message) => {
    const error: unknown = await Promise.resolve()
      .then(call)
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toContain(message);
  });

  it('what is left out as undefined is as the run has it', async () => {
    const decoding = { method: any(undefined), outsideBias: any(undefined) };
    const [told, untold] = [
      await loadTagger(run.path, { engine: 'js', decoding }),
      await loadTagger(run.path, { engine: 'js' }),
    ];
    const text = [['Anna', 'slept', 'Berlin', 'Berlin']];
    expect(await told.tag(text)).toEqual(await untold.tag(text));
    told.dispose();
    untold.dispose();
  });
});
