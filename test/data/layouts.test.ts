import { parseCorpus, type ReadOptions } from '../../src/data/corpus';
import { UserError } from '../../src/errors';

/** A file as a table shows it: `@` for a tab, `¶` for a line end. */
const file = (text: string): string => `${text.replaceAll('@', '\t').replaceAll('¶', '\n')}\n`;

interface Read {
  readonly text: string;
  readonly options?: ReadOptions;
  /** `token|tag` of each sentence. */
  readonly sentences: readonly string[];
  readonly format: string;
  /** What the reason must say. */
  readonly why?: string;
  /** token, separator, comment, docstart, range, empty node */
  readonly lines?: readonly number[];
  readonly warnings?: readonly string[];
}

const COUNTS = 'column 1 counts 1, 2, 3, … and starts again with each sentence, so the token is column 2';

const READ: Record<string, Read> = {
  'MultiCoNER: # id … domain=… before each sentence': {
    text: '# id 1-2@domain=xx¶the _ _ O¶red _ _ B-MusicalGRP¶herons _ _ I-MusicalGRP¶¶# id 1-3@domain=xx¶anna _ _ B-OtherPER',
    sentences: ['the|O red|B-MusicalGRP herons|I-MusicalGRP', 'anna|B-OtherPER'],
    format: 'conll2003',
    lines: [4, 1, 2],
  },
  'GermEval: # <TAB> address before each sentence': {
    text: '#@http://example.org/X@[2009-10-17]¶1@Im@O@O¶2@Hansa@B-ORG@O¶3@Rostock@I-ORG@B-LOC¶¶#@http://example.org/Y@[2010-01-02]¶1@Anna@B-PER@O¶2@kam@O@O',
    sentences: ['Im|O Hansa|B-ORG Rostock|I-ORG', 'Anna|B-PER kam|O'],
    format: 'germeval',
    why: 'the outer one, NER (column 3), is read, not INNER (column 4)',
    lines: [5, 1, 2],
  },
  'GermEval: the header has as many columns as the rows, one of them empty': {
    text: '#@http://example.org/X@[2009-10-17]@¶1@Im@O@O¶2@Hansa@B-ORG@O¶3@Rostock@I-ORG@B-LOC',
    sentences: ['Im|O Hansa|B-ORG Rostock|I-ORG'],
    format: 'germeval',
    why: 'lines such as "#\\thttp://example.org/X\\t[2009-10-17]\\t" are comments',
    lines: [3, 0, 1],
  },
  'GermEval without headers, the inner layer as told': {
    text: '1@Im@O@O¶2@Hansa@B-ORG@O¶3@Rostock@I-ORG@B-LOC¶¶1@Anna@B-PER@O¶2@kam@O@O',
    options: { tagColumn: 'inner' },
    sentences: ['Im|O Hansa|O Rostock|B-LOC', 'Anna|O kam|O'],
    format: 'germeval',
  },
  'GermEval with its columns named': {
    text: '#@http://example.org/X@[2009-10-17]¶1@Im@O@O¶2@Hansa@B-ORG@O¶3@Rostock@I-ORG@B-LOC',
    options: { tokenColumn: 2, tagColumn: 3 },
    sentences: ['Im|O Hansa|B-ORG Rostock|I-ORG'],
    format: 'germeval',
  },
  'NorNE: a key of MISC': {
    text: '# sent_id = 1¶1@Odd@_@PROPN@_@_@1@flat@_@name=B-PER¶2@sa@_@VERB@_@_@0@root@_@SpaceAfter=No|name=O¶3@.@_@PUNCT@_@_@1@p@_@name=O|x=y',
    options: { tagColumn: 'MISC:name' },
    sentences: ['Odd|B-PER sa|O .|O'],
    format: 'conllu',
  },
  'a key of a column by number, in any file': {
    text: 'Odd X=1|ner=B-PER¶sa ner=O¶Bo ner=B-PER',
    options: { tagColumn: '2:ner' },
    sentences: ['Odd|B-PER sa|O Bo|B-PER'],
    format: 'tsv',
  },
  'Label Studio: -DOCSTART- without a blank line after it': {
    text: '-DOCSTART- -X- O¶FE -X- _ O¶Pink -X- _ B-Drug¶¶MDMA -X- _ B-Drug',
    sentences: ['FE|O Pink|B-Drug', 'MDMA|B-Drug'],
    format: 'conll2003',
    lines: [3, 1, 0, 1],
  },
  'WNUT: lines of a tab between sentences': {
    text: 'red@B-product¶shoe@I-product¶@¶the@O¶@¶@¶end@O',
    sentences: ['red|B-product shoe|I-product', 'the|O', 'end|O'],
    format: 'tsv',
    lines: [4, 3],
  },
  'byte order mark and CRLF': {
    text: '\ufeffEU@B-ORG\r¶rejects@O\r¶\r¶Bo@B-PER\r',
    sentences: ['EU|B-ORG rejects|O', 'Bo|B-PER'],
    format: 'tsv',
  },
  'odd blanks of Unicode are no separators': {
    text: 'a\u00a0b B-X¶\u3000 O¶\u200b O¶\u0085x O¶\u2028y O¶z\u2029 O¶\ufeff O¶\f O',
    sentences: ['a\u00a0b|B-X \u3000|O \u200b|O \u0085x|O \u2028y|O z\u2029|O \ufeff|O \f|O'],
    format: 'tsv',
  },
  'NeuroNLP2: word numbers before the word': {
    text: '1 EU NNP I-NP I-ORG¶2 rejects VBZ I-VP O¶3 call NN I-NP O¶¶1 Anna NNP I-NP I-PER¶2 Brook NNP I-NP I-PER',
    sentences: ['EU|B-ORG rejects|O call|O', 'Anna|B-PER Brook|I-PER'],
    format: 'columns',
    why: COUNTS,
  },
  'word numbers before three columns are no CoNLL-2003': {
    text: '1@EU@NNP@B-ORG¶2@rejects@VBZ@O¶3@call@NN@O',
    sentences: ['EU|B-ORG rejects|O call|O'],
    format: 'columns',
    why: COUNTS,
  },
  'word numbers before token and tag': {
    text: '0 EU B-ORG¶1 rejects O¶2 call O¶¶0 Bo B-PER¶1 is O',
    sentences: ['EU|B-ORG rejects|O call|O', 'Bo|B-PER is|O'],
    format: 'columns',
    why: 'column 1 counts 0, 1, 2, … and starts again with each sentence',
  },
  'row numbers that go on from sentence to sentence': {
    text: '17 EU B-ORG¶18 rejects O¶19 call O¶¶20 Bo B-PER¶21 is O¶¶22 x O¶23 y O',
    sentences: ['EU|B-ORG rejects|O call|O', 'Bo|B-PER is|O', 'x|O y|O'],
    format: 'columns',
    why: 'column 1 counts the rows',
    warnings: ['1: word number "17" where 1 is due: is a blank line or a row missing?'],
  },
  'a damaged word number and one that is missing are warned of': {
    text: '1 a NN x O¶2 b NN x O¶x c NN x B-X¶4 d NN x O¶¶1 e NN x O¶2 f NN x O¶3 g NN x O¶5 h NN x O¶6 i NN x O',
    sentences: ['a|O b|O c|B-X d|O', 'e|O f|O g|O h|O i|O'],
    format: 'columns',
    warnings: ['3: word number "x" where 3 is due, and 1 more such rows: is a blank line or a row missing?'],
  },
  'CoNLL-X by blanks': {
    text: '1 A a DT DT _ 2 det _ _¶2 dog dog NN NN _ 3 subj _ _¶3 ran run VB VB _ 0 root _ _',
    sentences: ['A|DT dog|NN ran|VB'],
    format: 'conllx',
  },
  'CoNLL-U by blanks, with a range and an empty node': {
    text: '# sent_id = 1¶1-2 du _ _ _ _ _ _ _ _¶1 de de ADP x _ 3 a _ _¶2 le le DET x _ 3 b _ _¶2.1 e e X x _ _ _ 0:x _¶3 mot mot NOUN x _ 0 root _ _',
    options: { tagColumn: 'UPOS' },
    sentences: ['de|ADP le|DET mot|NOUN'],
    format: 'conllx',
    lines: [3, 0, 1, 0, 1, 1],
  },
  'CoNLL-U with an eleventh column': {
    text: '# text = x¶1@A@a@DET@x@_@2@det@_@_@more¶2@dog@dog@NOUN@x@_@3@subj@_@_@more¶3@ran@run@VERB@x@_@0@root@_@_@more',
    sentences: ['A|DET dog|NOUN ran|VERB'],
    format: 'conllx',
  },
  'CoNLL-X: the names of its tags': {
    text: '1@A@a@D@DT@_@2@det¶2@dog@dog@N@NN@_@3@subj¶3@ran@run@V@VB@_@0@root',
    options: { tagColumn: 'postag' },
    sentences: ['A|DT dog|NN ran|VB'],
    format: 'conllx',
  },
  'CoNLL-2009: as many columns as predicates': {
    text: '1@A@a@a@DT@DT@_@_@2@2@x@x@_@_@_¶2@dog@d@d@NN@NN@_@_@3@3@x@x@_@_@A0¶3@ran@r@r@VB@VB@_@_@0@0@x@x@Y@r.01@_¶¶1@No@n@n@UH@UH@_@_@0@0@x@x@_@_¶2@.@.@.@P@P@_@_@1@1@x@x@_@_',
    sentences: ['A|DT dog|NN ran|VB', 'No|UH .|P'],
    format: 'conll2009',
  },
  'CoNLL-2012: begin, end and columns for each predicate': {
    text: '#begin document (bc|x); part 000¶bc|x   0   0   In   IN   (TOP(S*   -   -   -   s1   *   (A*)   -¶bc|x   0   1   Rome   NNP   *   -   -   -   s1   (GPE)   *   (3)¶bc|x   0   2   rain   NN   *   -   -   -   s1   *   *   -¶¶bc|x   0   0   Yes   UH   (TOP*)   -   -   -   s1   *   -¶¶#end document',
    options: { scheme: 'plain' },
    sentences: ['In|* Rome|(GPE) rain|*', 'Yes|*'],
    format: 'conll2012',
    why: 'column 3 counts 0, 1, 2, … and starts again with each sentence, so the token is column 4',
    lines: [4, 2, 2],
  },
  'a document name before the word numbers': {
    text: 'doc1 1 A DT O¶doc1 2 b NN B-X¶doc1 3 c NN O¶¶doc2 1 D NN O¶doc2 2 e NN O',
    sentences: ['A|O b|B-X c|O', 'D|O e|O'],
    format: 'columns',
    why: 'column 2 counts 1, 2, 3, … and starts again with each sentence, so the token is column 3',
  },
  'Universal NER: entities between word and annotator': {
    text: '# sent_id = 1¶# text = Where is Rome¶1@Where@O@-@ann¶2@is@O@-@ann¶3@Rome@B-LOC@-@ann',
    sentences: ['Where|O is|O Rome|B-LOC'],
    format: 'uner',
    lines: [3, 0, 2],
  },
  'CoNLL-U Plus: PARSEME': {
    text: '# global.columns = ID FORM LEMMA UPOS XPOS FEATS HEAD DEPREL DEPS MISC PARSEME:MWE¶# source_sent_id = . . 1¶1-2@du@_@_@_@_@_@_@_@_@*¶1@He@he@PRON@_@_@2@x@_@_@*¶2@gave@give@VERB@_@_@0@root@_@_@1:VPC¶3@up@up@ADP@_@_@2@x@_@_@1',
    options: { scheme: 'plain' },
    sentences: ['He|* gave|1:VPC up|1'],
    format: 'conlluplus',
    why: '11 columns separated by tabs, named by # global.columns',
    lines: [3, 0, 2, 0, 1],
  },
  'CoNLL-U Plus: a column by its name': {
    text: '# global.columns = ID FORM UPOS PARSEME:MWE¶1@He@PRON@*¶2@gave@VERB@1:VPC¶2.1@x@X@*¶3@up@ADP@1',
    options: { tagColumn: 'upos', tokenColumn: 'form' },
    sentences: ['He|PRON gave|VERB up|ADP'],
    format: 'conlluplus',
    lines: [3, 0, 1, 0, 0, 1],
  },
  'CoNLL-U Plus: like a file with the same columns in another order': {
    text: '# global.columns = NE FORM UPOS¶B-PER@Ann@X¶O@saw@X',
    options: {
      like: {
        format: { name: 'conlluplus', why: '' },
        columns: { token: 1, tag: 2, count: 2, names: ['FORM', 'NE'] },
        numbers: undefined,
      },
    },
    sentences: ['Ann|B-PER saw|O'],
    format: 'conlluplus',
  },
  'CoNLL-U Plus: a name with a colon': {
    text: '# global.columns = FORM PARSEME:MWE UPOS¶He@*@PRON¶gave@1:VPC@VERB',
    options: { tagColumn: 'PARSEME:MWE', scheme: 'plain' },
    sentences: ['He|* gave|1:VPC'],
    format: 'conlluplus',
  },
  'JNLPBA: ###MEDLINE before each abstract': {
    text: '###MEDLINE:95369245¶¶IL-2@B-DNA¶gene@I-DNA¶.@O¶¶###MEDLINE:95333264¶¶the@O¶cell@O',
    sentences: ['IL-2|B-DNA gene|I-DNA .|O', 'the|O cell|O'],
    format: 'tsv',
    lines: [5, 3, 2],
  },
  '#<TAB>id= before rows without word numbers': {
    text: '#@id=3@x¶IL-2@B-DNA¶gene@I-DNA¶¶#@id=4@x¶.@O¶#@O',
    sentences: ['IL-2|B-DNA gene|I-DNA', '.|O #|O'],
    format: 'tsv',
    why: 'lines such as "#\\tid=3\\tx" are comments',
    lines: [4, 1, 2],
  },
  'comments as told, wherever they stand': {
    text: '%% one¶a@O¶%%two@O¶b@B-X¶¶# c@O¶d@O',
    options: { comment: '%%' },
    sentences: ['a|O b|B-X', '# c|O d|O'],
    format: 'tsv',
    lines: [4, 1, 2],
  },
  'WikiANN: the language before the word': {
    text: 'en:Rome@B-LOC¶en:is@O¶¶en:Bo@B-PER',
    sentences: ['en:Rome|B-LOC en:is|O', 'en:Bo|B-PER'],
    format: 'tsv',
  },
  'numbers that are words': {
    text: '10 O¶20 O¶30 B-X¶¶1 O¶2 O¶5 O¶¶2012 O¶2013 O¶elections O',
    sentences: ['10|O 20|O 30|B-X', '1|O 2|O 5|O', '2012|O 2013|O elections|O'],
    format: 'tsv',
  },
  'word numbers that are meant as tokens': {
    text: '1 A DT O¶2 b NN B-X¶3 c NN O',
    options: { tokenColumn: 1 },
    sentences: ['1|O 2|B-X 3|O'],
    format: 'columns',
  },
  'blanks after the last column': {
    text: 'EU NNP B-NP B-ORG ¶rejects VBZ B-VP O ¶¶Anna NNP B-NP B-PER ',
    sentences: ['EU|B-ORG rejects|O', 'Anna|B-PER'],
    format: 'conll2003',
  },
  'a blank as token between tabs': {
    text: 'George@B-NAME¶ @O¶Washington@B-CITY',
    sentences: ['George|B-NAME  |O Washington|B-CITY'],
    format: 'tsv',
  },
  'a word that is called as a column is, with a tag that is not': {
    text: 'Word@NOUN¶count@NOUN¶stops@VERB',
    sentences: ['Word|NOUN count|NOUN stops|VERB'],
    format: 'tsv',
  },
  'byte order marks of files that were put together, before words': {
    text: 'EU@B-ORG¶said@O¶¶\uFEFFPeter@B-PER¶¶\uFEFFBonn@B-LOC¶no@O',
    sentences: ['EU|B-ORG said|O', '\uFEFFPeter|B-PER', '\uFEFFBonn|B-LOC no|O'],
    format: 'tsv',
    warnings: [
      '4: "\uFEFFPeter" begins with a byte order mark (U+FEFF), so it is another word than the one without; and 1 more sentence',
    ],
  },
  'the same names of columns twice, as of files that were put together': {
    text: '# global.columns = ID FORM NER¶1@a@O¶2@b@B-X¶¶# global.columns = ID FORM NER¶1@c@O',
    sentences: ['a|O b|B-X', 'c|O'],
    format: 'conlluplus',
  },
  'a tag of a letter beside parts of speech': {
    text: 'a@NN¶b@B-X¶c@VB¶d@DT¶e@NN',
    sentences: ['a|NN b|B-X c|VB d|DT e|NN'],
    format: 'tsv',
  },
  'two sentences of one word each are too little to count': {
    text: '1 A B-X¶¶1 b O',
    sentences: ['1|B-X', '1|O'],
    format: 'conll2000',
  },
};

const REFUSED: Record<string, { text: string; options?: ReadOptions; message: string; note?: RegExp }> = {
  'word numbers and one column more': {
    text: '1@B-X¶2@O¶3@O¶¶1@O',
    message: '1:1: the tokens, column 1, count 1, 2, 3, … and start again: word numbers, not words',
    note: /^name the column of the words: --token-column <column> .*to take column 1 all the same, name that$/,
  },
  'word numbers in a format as told': {
    text: '1 EU NNP B-ORG¶2 rejects VBZ O¶3 call NN O',
    options: { format: 'conll2003' },
    message: '1:1: the tokens, column 1, count 1, 2, 3, …: word numbers, not words',
    note: /--token-column 2 \(data\.tokenColumn\)/,
  },
  'word numbers with a full stop': {
    text: '1.@EU@B-ORG¶2.@rejects@O¶3.@call@O',
    message: '1:1: the tokens, column 1, count 1., 2., 3., …: word numbers, not words',
    note: /--token-column 2 /,
  },
  'word numbers behind those of sentences': {
    text: '1-1@0-2@EU@B-ORG¶1-2@3-7@rejects@O¶1-3@8-9@call@O¶¶2-1@9-10@no@O',
    message: '1:1: the tokens, column 1, count 1-1, 1-2, 1-3, … and start again: word numbers, not words',
  },
  'the tag first': {
    text: 'B-ORG@EU¶O@rejects¶B-MISC@German¶O@call¶¶O@so',
    message: '1:1: the tokens, column 1, are all tags such as "B-ORG"',
    note: /--token-column 2 --tag-column 1 /,
  },
  'lemmas in the last column': {
    text: 'EU@B-ORG@eu¶rejects@O@reject¶German@B-MISC@german¶call@O@call¶to@O@to¶boycott@O@boycott¶British@O@british',
    message: '1:1: the tags, column 3, repeat the words ("eu" for "EU"): a column of lemmas, or of words',
    note: /^name the column of the tags: --tag-column <column>/,
  },
  'one token throughout': {
    text: '_ a O¶_ b O¶¶_ c B-X¶_ d O¶_ e O¶_ f O',
    message: '1:1: the tokens, column 1, are all "_", 6 times',
  },
  'a document name as token': {
    text: '# x = 1¶d1 a O¶d1 b O¶¶d2 c B-X¶d2 d O¶¶d3 e O¶d3 f O',
    message:
      '2:1: the tokens, column 1, are the same through each sentence ("d1" in the first): names of sentences or documents, not words',
  },
  'a row without the key': {
    text: 'a x=y|name=O¶b x=y¶c name=O|name=B-X',
    options: { tagColumn: '2:name' },
    message: '2:3: no name= in "x=y"\n3:3: two name= in "name=O|name=B-X"',
    note: /every row needs one name=TAG/,
  },
  'a key without a value': {
    text: 'a name=O¶b name=',
    options: { tagColumn: '2:name' },
    message: '2:3: the tag is empty',
  },
  'CoNLL-U Plus with a word number that is missing': {
    text: '# global.columns = UPOS ID FORM¶PRON@1@He¶VERB@3@gave',
    options: { tagColumn: 'UPOS' },
    message: '3:6: word number 3 where 2 is due',
  },
  'CoNLL-U Plus with a row that its header does not fit': {
    text: '# global.columns = ID FORM UPOS¶1@He@PRON¶2@gave@VERB@x',
    message: '3:13: row has 4 columns, expected 3: "2\\tgave\\tVERB\\tx"',
  },
  'CoNLL-U Plus as told without its header': {
    text: '1@He@PRON',
    options: { format: 'conlluplus' },
    message: '1:1: no line # global.columns before the first row',
  },
  'CoNLL-2012 with rows of two widths in a sentence': {
    text: 'd 0 0 In IN (S* - - - s * * -¶d 0 1 Rome NNP * - - - s (GPE) * (3)¶d 0 2 rain NN * - - - s * -',
    options: { scheme: 'plain' },
    message: '3:28: row has 12 columns, expected 13: "d 0 2 rain NN * - - - s * -"',
  },
  'CoNLL-U with an eleventh column in one row': {
    text: '1@A@a@DET@x@_@2@det@_@_¶2@dog@dog@NOUN@x@_@3@subj@_@_@more¶3@ran@run@VERB@x@_@0@root@_@_',
    message: '2:31: row has 11 columns, expected 10: "2\\tdog\\tdog\\tNOUN\\tx\\t_\\t3\\tsubj\\t_\\t_\\tmore"',
  },
  'a # <TAB> header inside a sentence': {
    text: '1@Im@O@O¶2@Hansa@B-ORG@O¶#@http://example.org/Y¶3@Rostock@I-ORG@B-LOC',
    message: '3:23: row has 2 columns, expected 4: "#\\thttp://example.org/Y"',
    note: /--comment '#' \(data\.comment\)/,
  },
  'blanks as a token between blanks': {
    text: 'George B-NAME¶ @ O¶Bo B-CITY',
    message: '2:5: row has 1 column, expected 2: "   O"',
  },
  'a tab after the last column': {
    text: 'EU@NNP@B-ORG@¶rejects@VBZ@O@',
    message: '1:14: the tag is empty\n2:15: the tag is empty',
  },
  'a header row of entities': {
    text: 'Word@Tag¶Anna@B-PER¶came@O¶Bo@B-PER¶is@O¶a@O¶b@O¶c@O¶d@O',
    message: '1:1: the first row names the columns ("Word", "Tag"): it is no token and its tag',
    note: /take this line out/,
  },
  'a header row of parts of speech': {
    text: 'token@upos_tag¶Anna@PROPN¶came@VERB¶Bo@PROPN',
    message: '1:1: the first row names the columns ("token", "upos_tag"): it is no token and its tag',
  },
  'a header row above four columns': {
    text: 'FORM POS CHUNK NER¶EU NNP B-NP B-ORG¶said VBD B-VP O¶Bonn NNP B-NP B-LOC¶yes UH O O¶no UH O O',
    message: '1:1: the first row names the columns ("FORM", "NER"): it is no token and its tag',
  },
  'a document start behind a byte order mark': {
    text: '-DOCSTART-@O¶¶EU@B-ORG¶¶\uFEFF-DOCSTART-@O¶¶Peter@B-PER',
    message: '5:1: a byte order mark stands before -DOCSTART-',
  },
  'columns that are named again, and otherwise': {
    text: '# global.columns = ID FORM NER¶1@a@O¶2@b@B-X¶¶# global.columns = ID NER FORM¶1@O@c¶2@B-X@d',
    message: '5:1: the columns are named again, and otherwise',
    note: /columns are named once.*ID FORM NER/,
    options: { scheme: 'plain' },
  },
  'two columns of one name': {
    text: '# global.columns = ID FORM NER NER¶1@a@O@O¶2@b@B-X@O',
    message: "1:1: two columns are called 'NER' in # global.columns",
  },
  'lines of JSON': {
    text: '{"tokens": ["EU"], "tags": ["B-ORG"]}¶{"tokens": ["no"], "tags": ["O"]}',
    message: '1:1: this is JSON, not rows',
    note: /dsc-train convert/,
  },
  'JSON over several lines': {
    text: '¶[¶  {"text": "EU said", "label": []}¶]',
    message: '2:1: this is JSON, not rows',
  },
  'commas between columns': {
    text: 'Sentence #,Word,POS,Tag¶1,Anna,NNP,B-per¶,came,VBD,O¶,to,TO,O¶,Bonn,NNP,B-geo¶2,Bo,NNP,B-per¶,and,CC,O',
    message: '1:1: columns seem to be separated by commas, as in CSV',
    note: /write tabs in their place/,
  },
  'vertical bars between columns': {
    text: 'EU|B-ORG¶said|O¶no|O',
    message: '1:1: columns seem to be separated by vertical bars',
  },
  'standoff annotation': {
    text: 'T1@PER 0 4@Anna¶T2@LOC 10 14;16 20@Bonn then',
    message: '1:1: this is standoff annotation of brat',
  },
  'a comment of two words, read as a row': {
    text: '# intro¶EU B-ORG¶said O¶¶Bo B-PER¶no O¶yes O',
    message: '1:3: "intro" is not a tag of iob2, once in the file; did you mean "I-tro"?',
    note: /where lines that start with # are comments, say so: --comment '#'/,
  },
  'lines that end with CR alone': { text: 'EU@B-ORG\rrejects@O\r', message: '1:9: carriage return inside a row' },
};

describe('layouts that files have', () => {
  it.each(Object.keys(READ))('%s', (name) => {
    const { text, options, sentences, format, why = '', lines, warnings = [] } = READ[name];
    const corpus = parseCorpus(file(text), 'x', options);
    expect(corpus.sentences.map((s) => s.tokens.map((token, i) => `${token}|${s.tags[i]}`).join(' '))).toEqual(
      sentences,
    );
    expect(corpus.format.name).toBe(format);
    expect(corpus.format.why).toContain(why);
    const { token, separator, comment, docstart, range, emptyNode } = corpus.lines;
    const counts = [token, separator, comment, docstart, range, emptyNode];
    if (lines) expect(counts).toEqual([...lines, 0, 0, 0, 0, 0].slice(0, 6));
    expect(counts.reduce((a, b) => a + b)).toBe(corpus.lines.lines);
    const own = corpus.warnings.filter(({ message }) => /^word number|byte order mark/.test(message));
    expect(own.map(({ line, message }) => `${line}: ${message}`)).toEqual(warnings);
  });

  it.each(Object.keys(REFUSED))('refused: %s', (name) => {
    const { text, options, message, note = /./ } = REFUSED[name];
    let error: unknown;
    try {
      parseCorpus(file(text), 'x', options);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(UserError);
    const { message: found, note: hint, exitCode } = error as UserError;
    expect(found).toBe(message.replace(/^/gm, 'x:'));
    expect(hint).toMatch(note);
    expect(exitCode).toBe(1);
  });

  it('keeps what speaks against the columns for who asks for it', () => {
    const corpus = parseCorpus(file('1@B-X¶2@O¶3@O'), 'x', { doubts: 'keep' });
    expect(corpus.doubts).toMatchObject([
      { line: 1, column: 1, message: expect.stringContaining('word numbers') as unknown },
    ]);
    expect(corpus.tokens).toBe(3);
  });

  it('reads a small file as the one before it, where it has as many columns', () => {
    const train = parseCorpus(file('1 EU NNP B-NP B-ORG¶2 rejects VBZ B-VP O¶3 call NN B-NP O'), 'train');
    const dev = parseCorpus(file('1 Bo NNP B-NP B-PER'), 'dev', { like: train });
    expect(dev.sentences[0]).toMatchObject({ tokens: ['Bo'], tags: ['B-PER'] });
    expect(dev.format.why).toContain('so the token is column 2');
    const norne = parseCorpus(file('a x name=O¶b y name=B-X'), 'train', { tagColumn: '3:name' });
    expect(parseCorpus(file('c z name=B-X'), 'dev', { like: norne }).sentences[0].tags).toEqual(['B-X']);
    const other = parseCorpus(file('Bo@B-PER'), 'dev', { like: train });
    expect(other.format.name).toBe('tsv');
  });
});
