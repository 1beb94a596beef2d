import { createRng, type Rng } from '../src/rng';
import { expand, type Word } from './expand';
import { conll, conllu } from './format';
import { GRAMMAR } from './grammar';

/** Every file follows from this number and the tables beside it. */
const SEED = 20_200_425;

/** How a corpus is put together: sentences of each kind in 1 000, the same in every split, and the size of the splits. */
interface Recipe {
  readonly kinds: Readonly<Record<string, number>>;
  readonly splits: Readonly<Record<string, number>>;
  /** Longest sentence, in words. */
  readonly longest: number;
}

const NER: Recipe = {
  kinds: { plain: 368, decoy: 150, per: 150, org: 100, loc: 80, mixed: 30, product: 42, heading: 40, chat: 40 },
  splits: { train: 2000, dev: 400, test: 500 },
  longest: 45,
};

const POS: Recipe = {
  kinds: {
    plain: 260,
    decoy: 140,
    per: 100,
    org: 60,
    loc: 60,
    mixed: 40,
    product: 20,
    heading: 60,
    chat: 240,
    odd: 20,
  },
  splits: { train: 1200, dev: 250, test: 250 },
  longest: 19,
};

/** The committed files of the corpus, by their path under `data/`. */
export function corpusFiles(): Record<string, string> {
  const files: Record<string, string> = {};
  for (const [split, sentences] of generate(NER, 'ner')) files[`ner/${split}.conll`] = conll(sentences);
  for (const [split, sentences] of generate(POS, 'pos'))
    files[`pos/${split}.conllu`] = conllu(sentences, `pos-${split}`);
  return files;
}

/** The splits of one corpus. No two sentences of it are the same, be it by case alone. */
function* generate(recipe: Recipe, task: string): Generator<[split: string, sentences: Word[][]]> {
  const seen = new Set<string>();
  for (const [split, size] of Object.entries(recipe.splits)) {
    const rng = createRng(SEED, `${task}/${split}`);
    const sentences: Word[][] = [];
    for (const [kind, perMille] of Object.entries(recipe.kinds)) {
      for (let n = Math.round((perMille * size) / 1000); n > 0;) {
        const sentence = dress(punctuate(expand(GRAMMAR, kind, rng)), kind, rng);
        const key = sentence.map(({ form }) => form.toLowerCase()).join(' ');
        if (sentence.length < 3 || sentence.length > recipe.longest || seen.has(key)) continue;
        seen.add(key);
        sentences.push(sentence);
        n--;
      }
    }
    yield [split, rng.shuffle(sentences)];
  }
}

/** Drops a comma beside another mark: phrases bring their own. */
function punctuate(words: Word[]): Word[] {
  return words.filter(({ form }, i) => form !== ',' || !/^([.,;:?!)]|undefined)$/.test(String(words.at(i + 1)?.form)));
}

/** Capitals as the register has them, and `an` before a vowel. Case alone must not give a name away. */
function dress(words: Word[], kind: string, rng: Rng): Word[] {
  const x = rng.int(100);
  const titled = (form: string): string => form[0].toUpperCase() + form.slice(1);
  const recase = (form: string, i: number): string => {
    if (kind === 'heading') return x < 45 ? form.toUpperCase() : x < 85 ? titled(form) : form;
    if (kind === 'chat') return x < 75 ? form.toLowerCase() : i === 0 ? titled(form) : form;
    if (x < 4) return form.toLowerCase();
    if (x < 6) return form.toUpperCase();
    return i === 0 ? titled(form) : form;
  };
  return words.map((word, i) => {
    const article = word.form === 'a' && i + 1 < words.length && /^[aeio]/i.test(words[i + 1].form) ? 'an' : word.form;
    const form = article === 'i' && kind !== 'chat' ? 'I' : article;
    return { ...word, form: recase(form, i) };
  });
}
