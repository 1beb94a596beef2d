import { count, percent, someOf, visible, whole } from './wording';

/** What a person should know before believing what comes out. Nothing stops for it, unless a gate says so (`--strict`). */
export interface Warning {
  readonly code: WarningCode;
  /** What is so, and where. */
  readonly message: string;
  /** What would help and was not done yet; empty where there is nothing. */
  readonly advice: string;
}

/** What the user has set already, as far as advice asks; what is not known is left out. */
export interface Settings {
  readonly loss?: string;
  /** The pull of the loss fades with the probability of a class. */
  readonly fades?: boolean;
  /** The loss's `smooth`, and the least that it takes. */
  readonly smooth?: { readonly value: number; readonly least: number };
  readonly warmupEpochs?: number;
  readonly learningRate?: number;
  readonly epochs?: number;
  readonly tagColumn?: string;
}

/** Classes that are named; the tables have all. */
const SHOWN = 20;

/** Where a warning comes from. */
type Source = 'data' | 'machine' | 'training' | 'scores' | 'comparison' | 'gates';

interface Row<Found> {
  readonly of: Source;
  /** One line of the documents. */
  readonly what: string;
  readonly message: (found: Found) => string;
  readonly advice: (found: Found, settings: Settings) => string;
}

function row<Found = object>(
  of: Source,
  what: string,
  message: (found: Found) => string,
  advice: (found: Found, settings: Settings) => string = () => '',
): Row<Found> {
  return { of, what, message, advice };
}

/** Every warning. To add one: its line here, and `warning(code, found, settings)` where it is found. */
export const WARNINGS = {
  'invalid-tag': row<{ what: string; scheme: string; repair: string; more: number }>(
    'data',
    'a tag that may not stand where it stands',
    ({ what, scheme, repair, more }) =>
      `${what} is invalid in ${scheme}; ${repair}${more > 0 ? `; and ${count(more, 'more invalid tag')}` : ''}`,
    ({ more }) => (more > 0 ? 'dsc-train inspect lists them all' : ''),
  ),
  'one-tag': row<{ tag: string }>(
    'data',
    'every tag of a file is the same',
    ({ tag }) => `every tag is ${tag}`,
    column,
  ),
  'no-entities': row<{ consequence: string }>(
    'data',
    'a file to score on holds no entity',
    ({ consequence }) => `no token belongs to an entity: ${consequence}`,
    column,
  ),
  'no-outside': row<{ outside: string }>(
    'data',
    'no token has the outside label that was told',
    ({ outside }) => `no token has the outside label ${outside}`,
  ),
  'long-sentence': row<{ tokens: number }>(
    'data',
    'a sentence so long that blank lines may be missing',
    ({ tokens }) => `a sentence of ${String(tokens)} tokens: are blank lines missing?`,
  ),
  'byte-order-mark': row<{ word: string; more: number }>(
    'data',
    'a byte order mark before the first word of a sentence, as files have that were put together from others',
    ({ word, more }) =>
      `${word} begins with a byte order mark (U+FEFF), so it is another word than the one without${more > 0 ? `; and ${count(more, 'more sentence')}` : ''}`,
    () => 'were files put together? take the marks out of each',
  ),
  'word-numbers': row<{ number: string; due: number; more: number }>(
    'data',
    'word numbers that are not in order',
    ({ number, due, more }) =>
      `word number ${number} where ${String(due)} is due${more > 0 ? `, and ${String(more)} more such rows` : ''}: is a blank line or a row missing?`,
  ),
  'doubtful-tokens': row<{ message: string; note: string }>(
    'data',
    'what was read as tokens does not look like words',
    ({ message }) => message,
    ({ note }) => note,
  ),
  'unseen-labels': row<{ file: string; labels: readonly string[] }>(
    'data',
    'labels that training never saw: no tagger can predict them',
    ({ file, labels }) => `${file}: labels that training never saw, counted as missed: ${someOf(labels, SHOWN)}`,
  ),
  'other-reading': row<{ told: string; trained: string }>(
    'data',
    'a file is read otherwise than the training file of the tagger was',
    ({ told, trained }) => `read with ${told}, as told; the training file of the tagger: ${trained}`,
  ),
  'old-checkpoint': row<{ read: string }>(
    'data',
    'a checkpoint that does not know how its training file was read',
    ({ read }) => `the checkpoint is of an older version, which did not keep how its training file was read: ${read}`,
  ),
  'raw-text': row(
    'data',
    'running text was split into words by the rules of Unicode, which may not be those of the training file',
    () =>
      'running text is split into sentences and words by the rules of Unicode; a tagger that was trained on the tokens of a treebank expects those',
    () => 'where they differ, such as in "don\'t" and "U.S.", give the tokens, one a line, without --raw',
  ),
  'left-out': row<{ path: string; what: readonly string[] }>(
    'data',
    'what `convert` left out, because the other format has no place for it',
    ({ path, what }) => `${path}: left out, for there is no place for it: ${someOf(what, SHOWN)}`,
  ),
  'vectors-gone': row<{ name: string; path: string }>(
    'data',
    'the file of the pretrained vectors of a tagger is not there, or is another one',
    ({ name, path }) =>
      `the vectors that the tagger was trained with (${name}, then ${path}) are not there, or are others: words that it never met are unknown to it`,
    ({ name }) =>
      name.startsWith('npm:') ? `npm install ${name.slice(4)}` : 'bring the file back to one of these places',
  ),
  'vectors-left-out': row<{ path: string }>(
    'data',
    'words outside the table of a tagger with pretrained vectors are unknown to its export, where `tag` looks them up',
    ({ path }) =>
      `what is exported knows the words of the run's files alone; others, which dsc-train tag looks up in ${path}, are unknown to it`,
  ),
  'nothing-in-common': row<{ run: string; what: readonly string[] }>(
    'data',
    'training begins from a tagger (`--init-from`) that knows none of the words, labels or values of a feature',
    ({ run, what }) => `init from ${run}: nothing is taken over for ${what.join(', ')}`,
    ({ what }) => (what.includes('labels') ? 'does it tag the same things?' : 'do widths, language and case agree?'),
  ),
  'absent-class': row<{ name: string; parts: readonly string[]; sentences: number; wanted: number }>(
    'data',
    'a part of `split` lacks a class',
    ({ name, parts, sentences, wanted }) =>
      `no ${name} in ${parts.join(', ')}: it stands in ${count(sentences, 'different sentence')}, ` +
      (sentences < wanted ? `too few for ${wanted} parts` : 'but other classes of theirs were scarcer'),
    ({ sentences, wanted }) => (sentences < wanted ? '' : 'try another --seed'),
  ),
  'fewer-threads': row<{ engine: string; threads: number; asked: number }>(
    'machine',
    'an engine uses fewer threads than were asked for',
    ({ engine, threads, asked }) => `engine ${engine} uses ${count(threads, 'thread')}, not the ${asked} asked for`,
  ),
  'more-threads-than-cores': row<{ threads: number; cores: number }>(
    'machine',
    'more threads than the machine has cores',
    ({ threads, cores }) => `${count(threads, 'thread')} on ${count(cores, 'core')} wait for each other`,
    ({ cores }) => `--threads ${cores} is as fast or faster`,
  ),
  'log-cut': row<{ path: string; bytes: number }>(
    'machine',
    'the log of a resumed run has lost lines since it was saved',
    ({ path, bytes }) =>
      `${path}: ${count(bytes, 'byte')} of the log are gone; the training itself goes on as it was saved`,
  ),
  'starved-classes': row<{
    loss: string;
    classes: readonly { name: string; weaker: number; lowered: number }[];
    sinks: boolean;
  }>(
    'training',
    'classes that the loss hardly pulls on when training begins, so that they may never be predicted: a forecast from counts and gradients',
    ({ loss, classes, sinks }) => {
      const told = classes.map(
        ({ name, weaker, lowered }) =>
          `${name} is pulled ${weaker.toFixed(0)} times less than by ce, and pushed down in ${(100 * lowered).toFixed(0)} % of the batches`,
      );
      return sinks
        ? `${loss} pushes every class down harder than it pulls, and a tagger that predicts O alone may never leave it: ${someOf(told, SHOWN)}`
        : `classes that may never be predicted (the limits are from one corpus, Weibo): ${loss}: ${someOf(told, SHOWN)}`;
    },
    (_, { loss }) =>
      [
        ...(loss === 'ce+log-dice' ? [] : ['--loss ce+log-dice']),
        ...(loss === 'wce' ? [] : ['class weights (--loss wce --set loss.weights=power)']),
      ].join(' and ') + ' pull on rare classes',
  ),
  'only-outside': row<{ epochs: number }>(
    'training',
    'only `O` was predicted on dev for `train.stuckEpochs` epochs',
    ({ epochs }) => `the model has predicted only O on dev for ${count(epochs, 'epoch')}`,
    (_, settings) => waysOffThePlateau(settings),
  ),
  'never-predicted': row<{
    subject: string;
    splits: string;
    classes: readonly string[];
    why?: readonly string[];
  }>(
    'scores',
    'a class of the training file that is in gold and in no prediction, and the likeliest reason',
    ({ subject, splits, classes }) =>
      `${subject}never predicted on ${splits}, though in training: ${someOf(classes, SHOWN)}`,
    ({ why }, { loss = '', fades }) =>
      why
        ? [...why, 'dsc-train explain RUN says what would change it'].join('; ')
        : fades
          ? `where its probability is small, ${loss} hardly pulls on a class, as every Dice-like loss; ce+log-dice and class weights (--loss wce --set loss.weights=power) do`
          : '',
  ),
  'worse-than-look-up': row<{ subject: string; worse: readonly { what: string; scored: number; floor: number }[] }>(
    'scores',
    'a tagger that scores less than looking up what training holds',
    ({ subject, worse }) =>
      `${subject}worse than looking up what training holds: ` +
      worse
        .map(({ what, scored, floor }) => `${percent(scored)} ${what} where the look-up has ${percent(floor)}`)
        .join(', '),
    (_, { epochs, learningRate, loss }) =>
      `more epochs${than(epochs)}, a higher learning rate${than(learningRate)} or another loss${than(loss)} may help`,
  ),
  'learned-nothing': row<{ subject: string; seeds: readonly number[] }>(
    'comparison',
    'runs whose dev score was 0 after every epoch',
    ({ subject, seeds }) => `${subject}learned nothing (dev score 0) with seed ${seeds.join(', ')}`,
    (_, settings) => waysOffThePlateau(settings),
  ),
  'run-failed': row<{ run: string; why: string }>(
    'comparison',
    'a run that broke down',
    ({ run, why }) => `${run}: failed: ${why}`,
  ),
  'run-unfinished': row<{ run: string }>(
    'comparison',
    'a run that did not come to its end',
    ({ run }) => `${run}: not finished`,
    () => 'the same compare command goes on with it',
  ),
  'tuning-learned-nothing': row<{ subject: string; candidates: number }>(
    'comparison',
    'not one candidate of `--tune` learned anything',
    ({ subject, candidates }) => `${subject}none of its ${candidates} tuning candidates learned anything`,
  ),
  'dev-scores': row(
    'comparison',
    'the scores are of dev, which chose the best epoch too',
    () => 'the scores are of dev, which chose the best epoch too: they flatter every loss',
    () => 'give --test',
  ),
  'few-seeds': row<{ seeds: number; fewest: number }>(
    'comparison',
    'too few seeds for a verdict',
    ({ seeds }) => `${count(seeds, 'seed')}: too few to tell losses from luck, so no verdict`,
    ({ fewest }) => `${fewest} or more can (--seeds ${fewest})`,
  ),
  'few-resamples': row<{ questions: number; resamples: number; needed: number }>(
    'comparison',
    'more classes and losses at once than the bootstrap can tell anything of',
    ({ questions, resamples }) =>
      `${whole(questions)} questions of classes at once: with ${count(resamples, 'resample')} none can be shown, however large`,
    ({ needed }) => `--resamples ${needed} can`,
  ),
  'different-engines': row<{ engines: readonly string[] }>(
    'comparison',
    'runs that were made on different engines',
    ({ engines }) => `the runs were made on different engines: ${engines.join('; ')}`,
    () => 'name one with --engine',
  ),
  'other-baseline': row<{ path: string; part: string; theirs: string; here: string }>(
    'gates',
    'a baseline whose scheme or data may not be those that are scored here',
    ({ path, part, theirs, here }) =>
      `${path}: the baseline has ${part}:${theirs}, here it is ${part}:${here}: the scores may not compare`,
  ),
} as const;

export type WarningCode = keyof typeof WARNINGS;

type FoundOf<Code extends WarningCode> = Parameters<(typeof WARNINGS)[Code]['message']>[0];

/**
 * A warning of WARNINGS.
 * @param found    what its words are made of
 * @param settings what the user has done already, which advice leaves out
 */
export function warning<Code extends WarningCode>(
  code: Code,
  found: FoundOf<Code>,
  settings: Settings = {},
): Warning & { readonly code: Code } {
  const { message, advice } = WARNINGS[code] as Row<FoundOf<Code>>;
  return { code, message: message(found), advice: advice(found, settings) };
}

/** The same of one place, such as a file or its line. */
export const placed = (place: string, { code, message, advice }: Warning): Warning => ({
  code,
  message: `${place}: ${message}`,
  advice,
});

/** What is so and what to do, in one line; from data, so nothing of it is escaped. */
export const inOneLine = ({ message, advice }: Omit<Warning, 'code'>): string =>
  advice === '' ? message : `${message}; ${advice}`;

/** As they are printed on standard error, a line each. */
export const warningText = (...warnings: readonly Warning[]): string =>
  warnings.map((one) => `warning: ${visible(inOneLine(one))}\n`).join('');

function column(_: object, { tagColumn }: Settings): string {
  return tagColumn === undefined ? 'is this the right column?' : `is column ${tagColumn} the right one?`;
}

const than = (value: number | string | undefined): string => (value === undefined ? '' : ` than ${value}`);

/** What takes a tagger off the plateau where every token is `O`, of that what was not tried. */
function waysOffThePlateau({ loss, fades, smooth, warmupEpochs = 0, learningRate }: Settings): string {
  const ways = [
    ...(fades && warmupEpochs === 0 ? ['--set train.warmupEpochs=2'] : []),
    ...(fades && warmupEpochs > 0 ? [`more warm-up than train.warmupEpochs=${warmupEpochs}`] : []),
    ...(fades ? ['--loss ce+log-dice'] : []),
    ...(loss === 'wce' ? [] : ['class weights (--loss wce --set loss.weights=power)']),
    `a higher train.learningRate${than(learningRate)}`,
    ...(fades && smooth && smooth.value > smooth.least
      ? [`a smaller loss.smooth than ${smooth.value} (dsc-train losses shows the gradients)`]
      : []),
  ];
  const last = ways.pop() ?? '';
  const tries = ways.length === 0 ? last : `${ways.join(', ')} or ${last}`;
  return `${fades ? 'its gradient on rare classes is too small to leave that plateau; ' : ''}try ${tries}`;
}
