import type { Rng } from '../src/rng';
import type { WordClass } from './expand';

const split = (text: string): string[] => text.trim().split(/\s+/);

/** A list in which the word of rank r is drawn with probability proportional to 1 / (r + 4): a long tail, as in text. */
function list(upos: string, text: string): WordClass {
  const words = split(text);
  const cumulative: number[] = [];
  words.reduce((sum, _, rank) => (cumulative[rank] = sum + 1 / (rank + 4)), 0);
  const draw = (rng: Rng): string => {
    const x = rng.float() * cumulative[cumulative.length - 1];
    return words[cumulative.findIndex((c) => x < c)];
  };
  return { upos, draw };
}

/** Compounds: any head with any tail, so that most are rare. */
function compound(upos: string, heads: string, tails: string): WordClass {
  const [h, t] = [split(heads), split(tails)];
  return { upos, draw: (rng) => h[rng.int(h.length)] + t[rng.int(t.length)] };
}

const HEADS = `mill stone rain farm wood boat sea salt hay glass iron wheat lamp rope sheep tide wind paper clay cattle
  river coal fish slate cart barn moor field brick corn`;

/** The open word classes. Many words stand in two of them, or in a list of names too. */
export const WORDS: Readonly<Record<string, WordClass>> = {
  noun: list(
    'NOUN',
    `report plan council road price school bank market harbour bridge vote river season project light work station
    field order meeting page mark ship stone hospital building rose wall hope target union summit visit crew deal
    signal storm garden farm court budget reading hunter mill contract grant bill cook baker valley tower museum
    record strike factory gate engine lantern beacon compass anchor orchard pebble copper sparrow comet ember drift
    survey tunnel library permit theatre village pier ferry rail tram pump reservoir cellar forest path choir prize
    ledger orbit echo breeze horizon quill plum chase frost marsh heath dale cross battle landing haven bishop
    flood tax fee lease roof yard well water spring fall play march ring match draw lead run cut`,
  ),
  thing: list(
    'NOUN',
    `phone kettle bicycle drill camera scooter lamp radio speaker tablet heater stove watch pump mower router printer
    battery toaster helmet tent saddle loom violin keyboard`,
  ),
  compound: compound(
    'NOUN',
    HEADS,
    'house yard line gate works field bank store path market pit shed way bed craft mark',
  ),
  trade: compound('NOUN', HEADS, 'wright keeper man worker seller maker hand master dealer woman'),
  role: list(
    'NOUN',
    `minister goalkeeper judge teacher farmer captain director nurse mayor lawyer coach author surgeon pilot clerk
    engineer painter senator trainer widow poet forward baker hunter cook singer inspector chemist champion biologist
    drummer sergeant bishop professor swimmer editor architect witness defender envoy tailor jockey curator referee
    pianist brewer rector sculptor marshal`,
  ),
  firm: list(
    'NOUN',
    `company group bank club team firm union charity retailer insurer party airline maker publisher agency brewery
    lender choir supplier shipyard builder cooperative operator newspaper foundation broker orchestra exporter`,
  ),
  site: list(
    'NOUN',
    `town city village port valley island district province suburb county region resort capital coast parish hamlet
    peninsula lake river borough hill estuary canyon plain`,
  ),
  mass: list(
    'NOUN',
    'water wheat coal timber grain copper snow fish fuel rent wool salt milk oil rice paper sugar ice clay',
  ),
  unit: list(
    'NOUN',
    'tonne metre litre hectare day week hour year vote page point goal house ticket mile family barrel',
  ),
  verb: list(
    'VERB',
    `report plan visit order close open hold keep sell buy lose grant bill build paint check cut move support repair
    reject mark examine delay light work record leave find stone survey lease ring chase fish page run lead play water
    inspect describe replace abandon praise target signal restore flood cook question expand ignore photograph
    fence park weigh ship tax roof pump anchor`,
  ),
  vi: list(
    'VERB',
    'fall rise wait fail grow return collapse stall drift work end sleep run play march spring arrive linger',
  ),
  // What people do, what organisations do, what either does: the cue may be all there is.
  perverb: list(
    'VERB',
    `smile retire marry cough limp apologise laugh sleep sing shrug sigh joke whisper wink faint resign nod
    graduate dance stumble blush yawn shiver`,
  ),
  orgverb: list(
    'VERB',
    `acquire merge list expand recruit restructure downsize diversify rebrand insure franchise export hire invest
    outsource refinance underwrite float publish`,
  ),
  techverb: list(
    'VERB',
    'crash reboot overheat charge scan beep vibrate restart flicker hum recharge rattle rust leak',
  ),
  saying: list('VERB', 'say report announce claim warn add insist predict confirm deny admit concede hint argue'),
  thinking: list('VERB', 'say hope think claim doubt suspect know believe deny'),
  adj: list(
    'ADJ',
    `new old local long small late young light public open green strong early cold closed quiet heavy rich rising dry
    planned narrow steep frank modest leading red empty busy deep missing broken grand bright former northern wooden
    national joint second remote costly stern brown swift plain gentle sharp noble hardy last`,
  ),
  adv: list(
    'ADV',
    'quickly again quietly often now later slowly there already briefly early still rarely nearly sharply late well',
  ),
  prep: list('ADP', 'in near by behind for with under from at on beside against across beyond without like during'),
  side: list('NOUN', 'north south east west'),
  weekday: list('PROPN', 'Monday Friday Sunday Tuesday Thursday Saturday Wednesday'),
  month: list('PROPN', 'May March June April October August January July December'),
  num: list(
    'NUM',
    'two three four six ten 12 five 40 15 seven 200 300 eight 75 30 18 nine 450 2,000 64 1,200 9 5,500 37 810',
  ),
  year: list('NUM', '1998 2004 2011 1987 2016 1974 2009 1962 2019 1955 2001 1949'),
  decimal: list('NUM', '2.5 1.4 0.3 3.8 12.6 7.1 0.9 5.2 18.4 4.7 0.05'),
  age: list('NUM', '43 29 61 37 52 19 74 34 48 26 67 81 23'),
  // Scores tell sports apart: goals are for clubs, sets for players.
  goals: list('NUM', '2-1 1-0 3-1 0-0 2-2 4-1 3-0 1-1 5-2 4-3'),
  set: list('NUM', '6-3 6-4 7-5 6-2 6-1 7-6 6-0 4-6 3-6'),
  acronym: list('PROPN', 'GDP VAT DNA TV LED GPS ISBN MRI FAQ DIY'),
  title: list('PROPN', 'Dr Mr Mrs Sir Judge Captain Professor Senator Ms Lord Sergeant'),
  prize: list('PROPN', 'Silver Golden Winter Harbour Grand Young Stone Rose May Copper River'),
  prizehead: list('PROPN', 'Quill Cup Act Prize Trophy Treaty Medal Week Shield Ball'),
  interj: list('INTJ', 'well oh yeah hey thanks ok wow hmm please sorry yes no ugh haha bye'),
  face: list('SYM', ':) :( ;) :D :/ <3 =)'),
  handle: compound('X', '@mill @tide @frank @old @lamp @rose @grey @salt', '_fan 77 _dale official 4u news rider x'),
  link: compound(
    'X',
    'www.mill www.tide www.lamp www.moor www.slate',
    'news.example shop.example club.example post.example',
  ),
};

/** Words that the rules spell out, by their only or usual tag. */
export const CLOSED: ReadonlyMap<string, string> = new Map(
  Object.entries({
    DET: 'the a this no each every some any all several most both another',
    ADP: 'of in on at by for from with near to after before since until over under between off into through about as than behind along beyond upon against despite during like',
    PRON: 'its his her their our my your it he she they who which we i you him them me us nobody everyone what himself herself itself something whom one',
    AUX: 'was were is are be been had has have will would may can could should did does do am must might being',
    CCONJ: 'and but or nor',
    SCONJ: 'because while if that when although whether where how once unless',
    PART: "not n't 's",
    ADV: 'there here so again yesterday today tomorrow now then also only too later just away home together never even very up out down back more soon ago',
    PUNCT: '. , ; : ? ! " ( ) - ... --',
    SYM: '% $ = / *',
  }).flatMap(([upos, words]) => words.split(' ').map((word): [string, string] => [word, upos])),
);
