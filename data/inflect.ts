/** Past tense and past participle where they are not regular. */
const PAST: Readonly<Record<string, string>> = {
  admit: 'admitted', bring: 'brought', build: 'built', buy: 'bought', cut: 'cut', find: 'found', hold: 'held',
  keep: 'kept', lead: 'led',
  leave: 'left', lose: 'lost', make: 'made', meet: 'met', read: 'read', sell: 'sold', send: 'sent', set: 'set',
  spend: 'spent', teach: 'taught', win: 'won', sleep: 'slept', stand: 'stood', fall: 'fell', rise: 'rose', sing: 'sang',
  grow: 'grew', come: 'came', go: 'went', see: 'saw', draw: 'drew', say: 'said', think: 'thought', beat: 'beat',
  shut: 'shut', run: 'ran',
}; // prettier-ignore
const PARTICIPLE: Readonly<Record<string, string>> = {
  fall: 'fallen', rise: 'risen', sing: 'sung', grow: 'grown', come: 'come', go: 'gone', see: 'seen', draw: 'drawn',
  beat: 'beaten', run: 'run',
}; // prettier-ignore
const PLURAL: Readonly<Record<string, string>> = { child: 'children', man: 'men', woman: 'women', wife: 'wives' };

/** English spelling of one form: `s` (plural or third person), `ed` (past), `en` (past participle), `ing`. */
export function inflect(word: string, form: string): string {
  const eToY = /[^aeiou]y$/.test(word);
  switch (form) {
    case '':
      return word;
    case 's':
      if (word in PLURAL) return PLURAL[word];
      if (word.endsWith('man')) return `${word.slice(0, -2)}en`;
      if (eToY) return `${word.slice(0, -1)}ies`;
      return /(s|x|z|ch|sh)$/.test(word) ? `${word}es` : `${word}s`;
    case 'en':
      return word in PARTICIPLE ? PARTICIPLE[word] : inflect(word, 'ed');
    case 'ed':
      if (word in PAST) return PAST[word];
      if (eToY) return `${word.slice(0, -1)}ied`;
      return word.endsWith('e') ? `${word}d` : `${doubled(word)}ed`;
    case 'ing':
      return /[^e]e$/.test(word) ? `${word.slice(0, -1)}ing` : `${doubled(word)}ing`;
    default:
      throw new Error(`the grammar has no form .${form}`);
  }
}

/** Doubles the last consonant of a short verb: plan, planned. */
function doubled(word: string): string {
  return /^[^aeiou]*[aeiou][bdgmnprt]$/.test(word) ? word + word[word.length - 1] : word;
}
