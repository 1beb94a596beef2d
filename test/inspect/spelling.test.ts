import { inspect, nameFiles, type FindingKind } from '../../src/inspect';
import { findJoined, findSimilarClasses } from '../../src/data/alike';
import { conll, tempFiles } from './corpora';

const files = tempFiles();
let made = 0;

/** Messages of one kind in files of these contents, with the split's name and line. */
async function messages(kind: FindingKind, ...contents: string[]): Promise<string[]> {
  const paths = contents.map((content) => files.write(`f${made++}`, content));
  const { findings } = await inspect(nameFiles({}, paths));
  return findings
    .filter((finding) => finding.kind === kind)
    .map(({ split, line, message }) => `${split}:${line}: ${message}`);
}

const words = (...list: string[]): string => list.map((word) => `${word}\tO\n`).join('') + 'Ada\tB-PER\n';

describe('Unicode normalisation', () => {
  it('is told where it is all that parts words from those of training', async () => {
    const [nfc, nfd] = ['Zo\u00e9 vit \u00e0 B\u0103neasa', 'Zoe\u0301 vit a\u0300 Ba\u0306neasa'];
    expect(await messages('normalisation', words(...nfc.split(' ')), words(...nfd.split(' '), 'a\u0300'))).toEqual([
      'dev:1: 4 tokens (3 words) differ from training only by Unicode normalisation: ' +
        '"Zoe\\u0301" for "Zo\\u00e9", "a\\u0300" for "\\u00e0", "Ba\\u0306neasa" for "B\\u0103neasa"',
    ]);
  });

  it('is told within a file, of the rarer form', async () => {
    expect(await messages('normalisation', words('a\u0300', '\u00e0', '\u00e0'))).toEqual([
      'train:1: 1 token (1 word) differ from others of the file only by Unicode normalisation: "a\\u0300" for "\\u00e0"',
    ]);
  });

  it('is no matter where a file keeps to one form', async () => {
    expect(await messages('normalisation', words('a\u0300', 'e\u0301'), words('a\u0300', '\u00fc'))).toEqual([]);
  });
});

describe('characters that are not seen', () => {
  it.each([
    ['watched\u200bwas', 'U+200B', 'watchedwas'],
    ['Dubbz\ufeff', 'U+FEFF', 'Dubbz'],
    ['basic\u00adally', 'U+00AD', 'basically'],
    ['10\u00a0000', 'U+00A0', '10000'],
    ['abc\u202e', 'U+202E', 'abc'],
    ['a\u200db', 'U+200D', 'ab'],
    ['x\ufe0f', 'U+FE0F', 'x'],
    ['a\u2060b', 'U+2060', 'ab'],
  ])('%j holds %s', async (word, code, bare) => {
    const [message] = await messages('hidden-character', words(word));
    expect(message).toContain(`1 token (1 word) with ${code} (1x)`);
    expect(message).toContain(`for "${bare}"`);
    expect(message).not.toContain(word);
  });

  it.each([
    ['Persian, with a non-joiner', '\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645'],
    ['Hindi, with a joiner', '\u0915\u094d\u200d\u0937'],
    ['a family', '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}'],
    ['a heart in colour', '\u2764\ufe0f'],
    ['a key cap', '1\ufe0f\u20e3'],
    ['the flag of Scotland', '\u{1f3f4}\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}'],
    ['a variant of a Han character', '\u845b\u{e0100}'],
    ['Braille with an empty cell', '\u2801\u2800\u2803'],
    ['an Arabic number sign', '\u0600\u0661'],
    ['accents', 'Zo\u00e9e\u0301'],
  ])('%s needs them', async (_, word) => {
    expect(await messages('hidden-character', words(word))).toEqual([]);
    expect(await messages('invisible-word', words(word))).toEqual([]);
  });

  it('says how many words would be known without them', async () => {
    const [message] = await messages('hidden-character', words('cat'), words('c\u200bat', 'd\u200bog'));
    expect(message).toMatch(/^dev:1: 2 tokens \(2 words\).*; without it 1 of the words would be known$/);
  });

  it('may be all there is of a word', async () => {
    expect(await messages('invisible-word', words('x', '\u3000', '\u200b', '\u200b'))).toEqual([
      'train:2: 3 tokens (2 words), such as "\\u3000", "\\u200b"',
    ]);
  });
});

describe('classes that look alike', () => {
  it('are errors where they print alike', async () => {
    expect(await messages('same-looking-class', 'x\tB-\u00d6rtz\ny\tI-\u00d6rtz\n\nx\tB-O\u0308rtz\n')).toEqual([
      'train:4: "\\u00d6rtz" and "O\\u0308rtz" differ only by Unicode normalisation',
    ]);
    expect(await messages('same-looking-class', conll('x|B-PER'), conll('x|B-PER\u200b'))).toEqual([
      'dev:1: "PER" and "PER\\u200b" differ only by characters that are not seen',
    ]);
  });

  it('are told where case, hyphens or underscores part them', () => {
    expect(findSimilarClasses(['PER', 'Per', 'creative-work', 'creative_work', 'LOC'], false)).toEqual([
      { names: ['PER', 'Per'], same: false, by: 'case' },
      { names: ['creative-work', 'creative_work'], same: false, by: 'hyphens, underscores and blanks' },
    ]);
  });

  it('are none where tags of a single character mean different things by case, nor marks', () => {
    expect(findSimilarClasses(['n', 'N', '-', '_', '``', "''", 'PRP', 'PRP$', 'NN', 'NNS'], true)).toEqual([]);
    expect(findSimilarClasses(['__proto__', 'constructor', 'toString'], false)).toEqual([]);
  });
});

describe('labels that join others', () => {
  it('are those whose parts are labels', () => {
    expect(findJoined(['ORG|B-LOC', 'PER|LOC', 'LOC', 'R&D', 'a,b', 'ORG|'], false)).toEqual(['ORG|B-LOC', 'PER|LOC']);
    expect(findJoined(['JJ|NN', 'NN', 'VERB+PRON', 'PRON', '|', ','], true)).toEqual(['JJ|NN']);
  });
});

describe('comments that were read as rows', () => {
  it('are rows of # whose tag stands nowhere else', async () => {
    expect(await messages('comment-row', 'a\tN\n#\tnewdoc\nb\tV\n#\tN\n')).toEqual([
      'train:2: "# newdoc" is read as the token # with the tag newdoc (1 row), which stands beside no other token',
    ]);
  });

  it('are no hashtags and no signs', async () => {
    expect(await messages('comment-row', '#\t#\na\tN\n#x\tHT\n#\tHT\n')).toEqual([]);
  });
});
