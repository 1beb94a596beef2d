/** Names that corpora give to what is no entity, beside `O`. */
export const OUTSIDE_NAMES: ReadonlySet<string> = new Set(
  'O o 0 _ - * OTHER Other other OUT Out out OUTSIDE Outside outside NONE None none NULL Null null NIL nil N/A NA'.split(
    ' ',
  ),
);

/**
 * Tags of the usual part-of-speech tag sets that are longer than a character: Universal Dependencies, Penn Treebank, Penn
 * Chinese Treebank, STTS, Brown and the universal tag set of Petrov et al. 2012.
 */
const POS_TAGS: ReadonlySet<string> = new Set(
  (
    'ADJ ADP ADV AUX CCONJ CONJ DET INTJ NOUN NUM PART PRON PROPN PRT PUNCT SCONJ SYM VERB ' +
    'CC CD DT EX FW IN JJ JJR JJS LS MD NN NNS NNP NNPS PDT POS PRP PRP$ RB RBR RBS RP TO UH VB VBD VBG VBN VBP VBZ WDT WP ' +
    'WP$ WRB HYPH NFP ADD AFX GW XX -LRB- -RRB- -LSB- -RSB- -LCB- -RCB- USR RT HT URL ' +
    'AD AS BA CS DEC DEG DER DEV ETC IJ LB LC MSP NR NT OD ON PN PU SB SP VA VC VE VV ' +
    'ADJA ADJD APPO APPR APPRART APZR ART CARD FM ITJ KOKOM KON KOUI KOUS NE PAV PROAV PDAT PDS PIAT PIDAT PIS PPER PPOSAT ' +
    'PPOSS PRELAT PRELS PRF PTKA PTKANT PTKNEG PTKVZ PTKZU PWAT PWAV PWS TRUNC VAFIN VAIMP VAINF VAPP VMFIN VMINF VMPP ' +
    'VVFIN VVIMP VVINF VVIZU VVPP AT AP BE BED BEDZ BEG BEN BER BEZ CS DO DOD DOZ DTI DTS DTX HV HVD HVG HVN HVZ NPS PPS PPSS ' +
    'PPO QL'
  ).split(' '),
);

/** The name of a part of speech that is longer than a character. */
export const isPosName = (tag: string): boolean => POS_TAGS.has(tag.toUpperCase());

/** The name of a part of speech, a single character, or punctuation alone. */
export function isPosLike(tag: string): boolean {
  return isPosName(tag) || Array.from(tag).length === 1 || !/[\p{L}\p{N}]/u.test(tag);
}
