import { createRng, type Rng } from '../src/rng';
import type { WordClass } from './expand';

const ONSETS = 'B Br C Cl D Dr F G Gl H K L M N P Pr R S St T Tr V W Y'.split(' ');
const NUCLEI = 'a e i o u ae ei au'.split(' ');
const CODAS = 'l n r rn ld nd st m th ss v x'.split(' ');
const ENDINGS = 'ford wick den mar vel ton by ham ska ro na li sen ric ett ow us ane ley os und ard iel eth'.split(' ');

/**
 * An invented root such as `Drauldwick`. People, organisations, places and products all take their names from the same
 * roots, so neither the root nor its ending tells the type.
 */
function root(rng: Rng): string {
  const pick = (parts: readonly string[]): string => parts[rng.int(parts.length)];
  return pick(ONSETS) + pick(NUCLEI) + pick(CODAS) + pick(ENDINGS);
}

/** The roots that come back; every other one is made on the spot and is most likely seen once. */
const KNOWN: readonly string[] = ((rng) => Array.from({ length: 90 }, () => root(rng)))(createRng(1, 'known roots'));

/** Names that are also ordinary words, each list with its own type, many in more than one. */
const GIVEN = 'Mark May Rose Will Grace Hope Frank Bill Dawn Faith Drew Jack Rob Ray Pat Grant Art Sue'.split(' ');
const FAMILY =
  'Banks Fields Rivers Woods Stone Young Baker Hunter Cook Page Long Rose Frost March Wells Brown Marsh Bishop Grant Mills Rich Small'.split(' '); // prettier-ignore
const PLACE = 'Reading Wells Hope Cross Haven Deal Battle Summit Landing Heath Orchard Ferry Dale Mills Stone'.split(
  ' ',
);
const FIRM =
  'Lantern Beacon Compass Plum Anchor Summit Harbour Orchard Horizon Target Signal Copper Union Frost Chase Page Comet'.split(' '); // prettier-ignore
const PRODUCT = 'Lantern Pebble Sparrow Breeze Comet Ember Quill Drift Echo Orbit Plum Compass Swift'.split(' ');

/** Names that recur whole. */
export const PEOPLE = [
  'Grace Fields', 'Ulda Morwick', 'Frank Stone', 'May Tolmar', 'Rob Hunter', 'Elsin Drostby', 'Mark Wells', 'Hope Brellow',
  'Jack Frost', 'Ray Gaulden', 'Dawn Rivers', 'Will Kanston', 'Art Baker', 'Sue Prinow', 'Faith Varney', 'Bill Marsh',
]; // prettier-ignore
export const BODIES = [
  'Beacon Bank', 'Stone and Banks', 'University of Wells', 'Lantern Press', 'North Haven United', 'Drostby Rovers',
  'Reading Water Board', 'Union of Bakers', 'Morwick Foods', 'Bank of Tolmar', 'Compass Group', 'Summit College',
]; // prettier-ignore
export const REGIONS = [
  'Port Brellow', 'North Haven', 'Frost Valley', 'Lake Morwick', 'Isle of Hope', 'Young Street', 'East Tolmar',
]; // prettier-ignore

/**
 * A proper name: one of `words` in `common` of 100 draws, a known root in `known` of 100, else a new root. Known roots
 * are often those at `home`, so that a name has a usual type, and is sometimes another.
 */
function name(words: readonly string[], common: number, known: number, home = 0, suffixes = ['']): WordClass {
  const draw = (rng: Rng): string => {
    const x = rng.int(100);
    if (x < common) return words[Math.min(rng.int(words.length), rng.int(words.length))];
    if (x >= common + known) return root(rng) + suffixes[rng.int(suffixes.length)];
    const at = rng.int(100) < AT_HOME ? home + Math.min(rng.int(HOME_SIZE), rng.int(HOME_SIZE)) : rng.int(KNOWN.length);
    return KNOWN[at] + suffixes[rng.int(suffixes.length)];
  };
  return { upos: 'PROPN', draw };
}

const HOME_SIZE = 15;
const AT_HOME = 80;

export const NAMES: Readonly<Record<string, WordClass>> = {
  given: name(GIVEN, 57, 31, 0),
  family: name(FAMILY, 44, 36, 15),
  place: name(PLACE, 36, 46, 30),
  brand: name(FIRM, 43, 40, 45),
  gadget: name(PRODUCT, 50, 22, 60),
  // Capitalised and made of the same roots, but not entities: languages, and the adjectives of places.
  language: name([], 0, 40, 75, ['ish', 'ian', 'ese']),
  demonym: { ...name([], 0, 40, 75, ['ian', 'ese', 'ish', 'er']), upos: 'ADJ' },
  breed: name([], 0, 50, 75),
  initial: { upos: 'PROPN', draw: (rng) => `${'ABCDEFGHJKLMNPRSTW'[rng.int(18)]}.` },
};
