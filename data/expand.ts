import type { Rng } from '../src/rng';
import { inflect } from './inflect';

/** One word of a generated sentence. */
export interface Word {
  readonly form: string;
  readonly upos: string;
  /** IOB2 tag of the entity layer. */
  readonly ner: string;
  /** Written without a space after the word before it, as one orthographic word: the `n't` of `don't`. */
  readonly clitic: boolean;
  /** Understood but not written: an empty node of CoNLL-U, absent from the NER files. */
  readonly elided: boolean;
}

/** A word class: its tag, and a draw of one of its words. */
export interface WordClass {
  readonly upos: string;
  draw(rng: Rng): string;
}

/** What templates are expanded with. A slot is looked up in `rules`, then in `classes`; a plain word in `closed`. */
export interface Grammar {
  readonly rules: Readonly<Record<string, readonly string[]>>;
  readonly classes: Readonly<Record<string, WordClass>>;
  /** Words that templates spell out, with their only or usual tag; `word/TAG` in a template says another. */
  readonly closed: ReadonlyMap<string, string>;
}

/**
 * Expands the rule `start` into words. A template is a list of items separated by spaces:
 *
 *     3* at the front          the alternative is three times as likely
 *     <noun>  <verb.ed>        one word or phrase of that class or rule, inflected if it ends in .s .ed .en or .ing
 *     ?<pp>                    the same, half of the time
 *     [PER <given> <family>]   the words inside are one entity of that type
 *     the  that/PRON           the word itself; its tag from `closed` unless given
 *     +n't/PART                the word itself, joined to the one before
 *     {left/VERB}              the word is understood, not written
 *
 * @throws Error on an unknown slot or on a plain word without a tag: a mistake in the grammar, not in its use
 */
export function expand(grammar: Grammar, start: string, rng: Rng): Word[] {
  const words: Word[] = [];
  let entity = '';
  let first = false;

  function push(form: string, upos: string, clitic: boolean, elided: boolean): void {
    words.push({ form, upos, ner: entity === '' ? 'O' : `${first ? 'B' : 'I'}-${entity}`, clitic, elided });
    first = false;
  }

  function slot(name: string): void {
    const rule = grammar.rules[name] as readonly string[] | undefined;
    if (rule !== undefined) {
      template(weightedChoice(rule, rng));
      return;
    }
    const [base, form = ''] = name.split('.');
    const wordClass = grammar.classes[base] as WordClass | undefined;
    if (wordClass === undefined) throw new Error(`the grammar has no slot <${name}>`);
    push(inflect(wordClass.draw(rng), form), wordClass.upos, false, false);
  }

  function literal(item: string): void {
    const [, open, body, upos] = /^([+{]?)(.+?)(?:\/([A-Z]+))?\}?$/.exec(item) ?? [];
    const tag = (upos as string | undefined) ?? grammar.closed.get(body);
    if (tag === undefined) throw new Error(`the grammar has no tag for the word "${body}"`);
    push(body, tag, open === '+', open === '{');
  }

  function template(text: string): void {
    for (let item of text.split(' ').filter(Boolean)) {
      if (/^\[[A-Z]+$/.test(item)) {
        entity = item.slice(1);
        first = true;
        continue;
      }
      const closes = item.endsWith(']');
      if (closes) item = item.slice(0, -1);
      const name = /^\??<(.+)>$/.exec(item)?.[1];
      if (name === undefined) literal(item);
      else if (!item.startsWith('?') || rng.int(2) === 0) slot(name);
      if (closes) entity = '';
    }
  }

  slot(start);
  return words;
}

function weightedChoice(templates: readonly string[], rng: Rng): string {
  const parsed = templates.map((text) => {
    const match = /^(\d+)\* /.exec(text);
    return match ? { weight: Number(match[1]), text: text.slice(match[0].length) } : { weight: 1, text };
  });
  let ticket = rng.int(parsed.reduce((sum, { weight }) => sum + weight, 0));
  for (const { weight, text } of parsed) {
    if (ticket < weight) return text;
    ticket -= weight;
  }
  throw new Error('a rule has no alternatives');
}
