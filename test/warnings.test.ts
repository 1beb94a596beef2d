import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { placed, type Settings, type WarningCode, warning, WARNINGS, warningText } from '../src/warnings';

const ROOT = join(__dirname, '..');
const stuck = (settings: Settings): string => warning('only-outside', { epochs: 3 }, settings).advice;

describe('advice', () => {
  const dsc: Settings = {
    loss: 'dsc',
    fades: true,
    smooth: { value: 1, least: 1e-8 },
    warmupEpochs: 0,
    learningRate: 0.005,
  };

  it('names every way off the plateau where none was tried', () => {
    expect(stuck(dsc)).toBe(
      'its gradient on rare classes is too small to leave that plateau; try --set train.warmupEpochs=2, --loss ce+log-dice, ' +
        'class weights (--loss wce --set loss.weights=power), a higher train.learningRate than 0.005 or a smaller loss.smooth than 1 ' +
        '(dsc-train losses shows the gradients)',
    );
  });

  it.each<[string, Settings, RegExp]>([
    ['a warm-up to who has one', { ...dsc, warmupEpochs: 2 }, /--set train\.warmupEpochs/],
    ['a smaller smooth where it is the least', { ...dsc, smooth: { value: 1e-8, least: 1e-8 } }, /smooth/],
    ['a smooth to a loss without one', { loss: 'tl', fades: true }, /smooth/],
    ['the mix to who trains with it', { loss: 'ce+log-dice', fades: false }, /log-dice|warmup|gradient/],
    ['cross-entropy first to who trains with it', { loss: 'ce', fades: false, warmupEpochs: 0 }, /warmup|gradient/],
    ['class weights to who has them', { loss: 'wce', fades: false }, /wce/],
  ])('does not tell %s', (_, settings, told) => {
    expect(stuck(settings)).not.toMatch(told);
    expect(stuck(settings)).toMatch(/try .*learningRate/);
  });

  it('asks for another column, or whether the one that was named is right', () => {
    expect(warning('one-tag', { tag: 'O' }).advice).toBe('is this the right column?');
    expect(warning('one-tag', { tag: 'O' }, { tagColumn: '4' }).advice).toBe('is column 4 the right one?');
  });

  it('offers another seed only where one could help', () => {
    const absent = { name: 'PER', parts: ['dev'], wanted: 3 };
    expect(warning('absent-class', { ...absent, sentences: 9 }).advice).toBe('try another --seed');
    expect(warning('absent-class', { ...absent, sentences: 2 })).toEqual({
      code: 'absent-class',
      message: 'no PER in dev: it stands in 2 different sentences, too few for 3 parts',
      advice: '',
    });
  });
});

describe('warningText', () => {
  it('is one line each, whatever the data holds', () => {
    const odd = placed('a\nb', warning('run-failed', { run: 'x\u001b[2J', why: 'one\ntwo' }));
    expect(warningText(odd, warning('dev-scores', {}))).toBe(
      'warning: a\\nb: x\\u001b[2J: failed: one\\ntwo\n' +
        'warning: the scores are of dev, which chose the best epoch too: they flatter every loss; give --test\n',
    );
    expect(warningText()).toBe('');
  });
});

describe('the table', () => {
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith(".ts")); // prettier-ignore
  const texts = new Map(files.map((file) => [file, readFileSync(join(ROOT, 'src', file), 'utf8')]));

  it('has kebab-case codes, each of which is used', () => {
    for (const code of Object.keys(WARNINGS) as WarningCode[]) {
      expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
      const used = files.filter((file) => texts.get(file)?.includes(`warning('${code}'`));
      expect({ code, used: used.length > 0 }).toEqual({ code, used: true });
    }
  });

  it('is the one way to warn: nothing else writes the word', () => {
    expect(files.filter((file) => /[`'"]\s*warning: /.test(texts.get(file) ?? ''))).toEqual(['warnings.ts']);
  });
});
