import { findSimilarClasses } from '../data/alike';
import { findRepeats, findShared, indexSentences, leaksOf } from '../data/duplicates';
import type { Encoded } from '../data/encode';
import { tagReaderOf, type Tagging } from '../data/tagging';
import type { Corpus, Sentence } from '../data/types';
import { fold, tokenCounts } from '../data/vocab';
import { present } from '../errors';
import { type DecodeSettings, type Decoding, decodingOf } from '../heads';
import { pairSpans } from '../metrics/error-analysis';
import { tagSpans } from '../metrics/intervals';
import { createPhrases, forUnlabelled } from '../metrics/phrases';
import { scoreOf } from '../metrics/prf';
import type { Report } from '../metrics/scores';
import { surface } from '../metrics/seen';
import { createTally } from '../metrics/tally';
import type { Tagger } from '../model/tagger';
import { type Chunk, chunksOf, splitTag, type Task, typeTitle } from '../schemes';
import type { LabelForecast } from '../train/forecast';
import type { GradientShares } from '../train/events';
import { createDecoder, type Decoder, predictProbabilities, predictTags, tagsOf } from '../train/predict';
import { nearest } from '../wording';
import type { Conflicts, Evidence, Scored, Way } from './evidence';

interface Summary {
  readonly path: string;
  readonly tokens: number;
  readonly tagging: Tagging;
  readonly classes: Readonly<Record<string, number>>;
  readonly invalidTags: number;
}

/** What a run says of itself: a part of its result. */
export interface Facts {
  readonly config: {
    readonly loss: { readonly name: string };
    readonly model: { readonly vectors: string | null; readonly head: string };
    readonly train: {
      readonly learningRate: number;
      readonly sampling: string;
      readonly epochs: number;
      readonly batchTokens: number;
    };
  };
  readonly data: { readonly train: Summary; readonly dev: Summary; readonly test: Summary | null };
  readonly decode: DecodeSettings;
  readonly metric: string;
  readonly history: readonly {
    readonly trainLoss: number;
    readonly devScore: number;
    readonly learningRate: number;
    readonly gradients?: GradientShares;
    /** F1 of each class on dev. */
    readonly classes?: Readonly<Record<string, number>>;
  }[];
  readonly best: { readonly epoch: number; readonly score: number };
  readonly stopped: 'epochs' | 'patience';
  readonly dev: Report;
  readonly test: Report | null;
}

/** A file of the run, and what its tagger answers where that stands in the folder alone. */
export interface Look {
  readonly corpus: Pick<Corpus, 'sentences' | 'task'>;
  readonly predicted?: readonly (readonly string[])[];
  /** What its tagger saw of it already. */
  readonly decoder?: () => Pick<Decoder, 'decode'>;
}

/** Where evidence comes from: what is not there is null. */
export interface Source {
  /** Folder of the run. */
  readonly run: string;
  readonly facts: Facts;
  readonly train: Look | null;
  readonly dev: Look | null;
  readonly test: Look | null;
  readonly model: {
    readonly tagger: Tagger;
    readonly decoding: Decoding;
    /** Of the vocabulary, by id. (C) */
    readonly labels: readonly string[];
    readonly encode: (sentences: readonly Sentence[]) => Encoded;
  } | null;
  /** Labels in the order of the vocabulary. */
  readonly forecast: {
    readonly labels: readonly LabelForecast[];
    readonly starved: readonly { readonly name: string }[];
    readonly sinks: boolean;
    readonly start: number;
  } | null;
}

/** Sentences with the class that the tagger is asked about, at the most. */
const ASKED = 400;

/** Biases of the outside label that are tried: steps that are worth a flag. */
const BIASES = [-6, -5, -4, -3, -2.5, -2, -1.5, -1, -0.5, 0.5, 1, 1.5, 2, 3] as const;

/** Measures one class after the other. What all of them share is measured once. An engine must be open where there is a model. */
export function measure(source: Source): (name: string) => Evidence {
  const { facts, model } = source;
  const task: Task = facts.dev.entities === null ? 'tags' : 'chunks';
  const read = task === 'chunks' ? chunksOf : tagSpans;
  const answers = new Map<Look, readonly (readonly string[])[]>();
  const answersOf = (look: Look): readonly (readonly string[])[] | null => {
    if (look.predicted) return look.predicted;
    if (!model) return null;
    const { tagger, labels, decoding, encode } = model;
    const found =
      answers.get(look) ??
      (look.decoder
        ? tagsOf(look.decoder().decode(decoding), labels, decoding)
        : predictTags(tagger, encode(look.corpus.sentences), labels, decoding));
    answers.set(look, found);
    return found;
  };
  let waysOf: ((name: string) => Way[]) | null = null;
  const trained = source.train && indexSentences(source.train.corpus.sentences);
  const repeats = source.train
    ? findRepeats(source.train.corpus.sentences).filter(({ otherLabels }) => otherLabels)
    : [];

  return (name) => {
    const of = (report: Report): Scored => {
      const row = (report.entities ?? report.tags).classes.find((one) => one.name === name);
      const { tp, predicted, support, f1 } = row ?? scoreOf({ tp: 0, predicted: 0, support: 0 });
      return { tp, predicted, support, f1 };
    };
    const test = facts.test && of(facts.test);
    const split = test && test.support > 0 ? 'test' : 'dev';
    const scored = source[split];
    const holding = (look: Look | null): Sentence[] => (look ? holdingOf(look, name, read) : []);
    const [inTrain, inSplit] = [holding(source.train), holding(scored)];
    const spans = (sentences: readonly Sentence[]): Mention[] =>
      sentences.flatMap((sentence) => mentionsOf(sentence, name, read));
    const wanted = spans(inSplit);
    if (source.dev && model && waysOf === null) waysOf = tryWays(source.dev, model, task);
    const { config, data, history } = facts;
    const conflicts = source.train && conflictsOf(source.train, name, spans(inTrain), read);
    const last = history.at(-1)?.gradients;
    return {
      name,
      entities: task === 'chunks',
      split,
      dev: of(facts.dev),
      test,
      micro: { dev: microOf(facts.dev), test: facts.test && microOf(facts.test) },
      training: {
        mentions: data.train.classes[name] ?? 0,
        all: Object.values(data.train.classes).reduce((a, b) => a + b, 0),
        tokens: data.train.tokens,
        invalid: data.train.invalidTags,
      },
      near: nearName(name, facts, task),
      unknownLabel: model && unknownLabel(wanted, new Set(model.labels)),
      setting: {
        run: source.run,
        loss: config.loss.name,
        head: config.model.head,
        learningRate: config.train.learningRate,
        sampling: config.train.sampling,
        epochs: config.train.epochs,
        updates: Math.max(1, Math.ceil(data.train.tokens / config.train.batchTokens)),
        metric: facts.metric,
        decode: { method: facts.decode.method, outsideBias: facts.decode.outsideBias },
        vectors: config.model.vectors !== null,
        files: { train: data.train.path, dev: data.dev.path, test: data.test?.path ?? null },
      },
      history: history.map(({ trainLoss, devScore, learningRate, classes }) => ({
        ...{ trainLoss, devScore, learningRate },
        ...(classes && { f1: classes[name] ?? 0 }),
      })),
      best: facts.best,
      stopped: facts.stopped,
      forecast: model && forecastFor(name, source.forecast, model.labels, task),
      gradient: last && model ? gradientOf(name, last, model.labels, data.train.tagging, task) : null,
      learned: model && inTrain.length > 0 ? learnedOf(name, evenly(inTrain), model, read) : null,
      p: model && inSplit.length > 0 ? goldOf(name, evenly(inSplit), model, task) : null,
      ways: waysOf?.(name) ?? null,
      conflicts,
      repeats: repeatsOf(inTrain, repeats),
      otherwise: source.train && otherwiseOf(source.train, name, wanted, read),
      leaks: trained &&
        source.dev && {
          dev: sharedOf(holding(source.dev), trained),
          test: source.test && sharedOf(holding(source.test), trained),
        },
      unseen: source.train && scored && unseenOf(source.train, spans(inTrain), scored, answersOf(scored), name, read),
      errors: scored && errorsOf(name, scored, answersOf(scored), read),
    };
  };
}

type Read = (tags: readonly string[]) => readonly Chunk[];

/** A mention where it stands. */
interface Mention extends Chunk {
  readonly sentence: Sentence;
}

const microOf = ({ entities, tags, accuracy }: Report): number =>
  entities ? entities.micro.f1 : tags.classes.length > 0 ? accuracy : 0;

const mentionsOf = (sentence: Sentence, name: string, read: Read): Mention[] =>
  read(sentence.tags)
    .filter(({ type }) => type === name)
    .map((chunk) => ({ ...chunk, sentence }));

const holdingOf = ({ corpus: { sentences } }: Look, name: string, read: Read): Sentence[] =>
  sentences.filter(({ tags }) => read(tags).some(({ type }) => type === name));

const textOf = ({ sentence, ...chunk }: Mention): string => surface(sentence.tokens, chunk);

/** Some of them, evenly over all. */
const evenly = <T>(items: readonly T[]): T[] =>
  items.length <= ASKED
    ? [...items]
    : Array.from({ length: ASKED }, (_, i) => present(items[Math.floor((i * items.length) / ASKED)], 'item'));

const share = (part: number, all: number): number => (all > 0 ? part / all : 0);

/** The class that a label is of. */
const classOf = (label: string, task: Task): string | null =>
  task === 'tags' ? label : label === 'O' ? null : splitTag(label).type;

function nearName(name: string, { data }: Facts, task: Task): Evidence['near'] {
  const { classes } = data.train;
  const scored = [data.dev, ...(data.test ? [data.test] : [])];
  const all = [...new Set([name, ...[data.train, ...scored].flatMap((split) => Object.keys(split.classes))])];
  const mentions = (one: string): number => classes[one] ?? 0;
  const alike = findSimilarClasses(all, task === 'tags').find(({ names }) => names.includes(name));
  const [twin] = (alike?.names ?? []).filter((one) => one !== name && mentions(one) > 0).sort((a, b) => mentions(b) - mentions(a)); // prettier-ignore
  if (alike && twin !== undefined) return { name: twin, mentions: mentions(twin), by: alike.by };
  if (mentions(name) > 0) return null;
  const alone = Object.keys(classes).filter((one) => scored.every((split) => !Object.hasOwn(split.classes, one)));
  const meant = nearest(name, alone);
  return meant === undefined ? null : { name: meant, mentions: mentions(meant), by: 'spelling' };
}

function unknownLabel(mentions: readonly Mention[], known: ReadonlySet<string>): Evidence['unknownLabel'] {
  const counts = new Map<string, number>();
  let hit = 0;
  for (const { sentence, start, end } of mentions) {
    const lacking = sentence.tags.slice(start, end).find((tag) => !known.has(tag));
    if (lacking === undefined) continue;
    hit++;
    counts.set(lacking, (counts.get(lacking) ?? 0) + 1);
  }
  const [label] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? [];
  return label === undefined ? null : { share: share(hit, mentions.length), label };
}

function forecastFor(
  name: string,
  forecast: Source['forecast'],
  labels: readonly string[],
  task: Task,
): Evidence['forecast'] {
  if (!forecast) return null;
  const own = forecast.labels.filter((_, c) => classOf(labels[c] ?? 'O', task) === name);
  const [best] = own.filter(({ count }) => count > 0).sort((a, b) => b.pull - a.pull);
  if (!best) return null;
  const starved = forecast.starved.some((one) => one.name === typeTitle(name));
  return { pull: best.pull, lowered: best.lowered, starved, sinks: forecast.sinks, start: forecast.start };
}

function gradientOf(
  name: string,
  shares: GradientShares,
  labels: readonly string[],
  tagging: Tagging,
  task: Task,
): Evidence['gradient'] {
  const { labelText } = tagReaderOf(tagging);
  const of = (wanted: string | null): { tokens: number; gradient: number } => {
    const own = labels
      .filter((label) => classOf(label, task) === wanted)
      .map((label) => shares.labels[labelText(label)]);
    const sum = (key: 'tokens' | 'gradient'): number => own.reduce((all, one) => all + (one?.[key] ?? 0), 0);
    return { tokens: sum('tokens'), gradient: sum('gradient') };
  };
  return { ...of(name), outside: of(null).gradient };
}

function learnedOf(
  name: string,
  sentences: readonly Sentence[],
  { tagger, decoding, labels, encode }: NonNullable<Source['model']>,
  read: Read,
): Evidence['learned'] {
  const predicted = predictTags(tagger, encode(sentences), labels, decoding);
  let [right, mentions] = [0, 0];
  sentences.forEach((sentence, s) => {
    const found = read(predicted[s] ?? []);
    for (const { start, end } of mentionsOf(sentence, name, read)) {
      mentions++;
      if (found.some((one) => one.type === name && one.start === start && one.end === end)) right++;
    }
  });
  return { recall: share(right, mentions), mentions };
}

function goldOf(
  name: string,
  sentences: readonly Sentence[],
  { tagger, decoding: { outside }, labels, encode }: NonNullable<Source['model']>,
  task: Task,
): Evidence['p'] {
  const encoded = encode(sentences);
  const all = predictProbabilities(tagger, encoded); // (N, C)
  const C = labels.length;
  const own = labels.map((label) => classOf(label, task) === name); // (C)
  const gold: number[] = [];
  let second = 0;
  encoded.labels.forEach((id, n) => {
    if (id < 0 || !own[id]) return;
    const row = all.subarray(n * C, (n + 1) * C); // (C)
    gold.push(present(row[id], 'probability'));
    let best = -1;
    for (let c = 0; c < C; c++) if (c !== outside && (best < 0 || (row[c] as number) > (row[best] as number))) best = c;
    if (own[best]) second++;
  });
  if (gold.length === 0) return null;
  gold.sort((a, b) => a - b);
  const at = (q: number): number => present(gold[Math.floor(q * (gold.length - 1))], 'probability');
  return { low: at(0.1), median: at(0.5), high: at(0.9), second: second / gold.length };
}

/** Dev decoded in other ways, once for all classes. */
function tryWays(
  { corpus: { sentences }, decoder: seen }: Look,
  { tagger, decoding, labels, encode }: NonNullable<Source['model']>,
  task: Task,
): (name: string) => Way[] {
  const own = (settings: DecodeSettings): boolean =>
    settings.method === decoding.method && settings.outsideBias === decoding.outsideBias;
  const methods: readonly DecodeSettings['method'][] = task === 'chunks' ? ['valid', 'argmax'] : ['argmax'];
  const asked: DecodeSettings[] = [
    ...methods.map((method) => ({ method, outsideBias: 0 })),
    ...(decoding.outside < 0 ? [] : BIASES.map((outsideBias) => ({ method: decoding.method, outsideBias }))),
  ].filter((settings) => !own(settings));
  if (asked.length === 0) return () => [];
  const decoder = seen ? { ...seen(), dispose: () => undefined } : createDecoder(tagger, encode(sentences));
  try {
    const tally = createTally(
      sentences.map(({ tags }) => tags),
      task === 'chunks',
    );
    const tables = asked.map((settings) => {
      const how = decodingOf(settings, labels, task === 'tags' ? 'plain' : innerOf(labels));
      tagsOf(decoder.decode(how), labels, how).forEach((tags, s) => tally.set(s, tags));
      const { entities, tags, accuracy } = tally.tables();
      return { settings, table: entities ?? tags, micro: entities ? entities.micro.f1 : accuracy };
    });
    return (name) =>
      tables.map(({ settings, table, micro }) => {
        const { f1 = 0, tp = 0 } = table.classes.find((one) => one.name === name) ?? {};
        return { ...settings, f1, tp, micro };
      });
  } finally {
    decoder.dispose();
  }
}

/** Files that mark no begin have inside labels alone. */
const innerOf = (labels: readonly string[]): 'iob2' | 'io' =>
  labels.some((label) => splitTag(label).role === 'begin') ? 'iob2' : 'io';

interface Use {
  own: number;
  unlabelled: number;
  readonly others: Map<string, number>;
}

/** What training does with texts, wherever they are a chunk, or stand without a label. */
function usesOf(
  { corpus: { sentences } }: Look,
  name: string,
  texts: readonly Mention[],
  read: Read,
): Map<string, Use> {
  const phrases = createPhrases<Use>();
  const uses = new Map<string, Use>();
  for (const mention of texts) {
    const text = textOf(mention);
    const make = () => ({ own: 0, unlabelled: 0, others: new Map<string, number>() });
    uses.set(text, phrases.of(mention.sentence.tokens, mention.start, mention.end, make));
  }
  for (const { tokens, tags } of sentences) {
    for (const chunk of read(tags)) {
      const use = uses.get(surface(tokens, chunk));
      if (!use) continue;
      if (chunk.type === name) use.own++;
      else use.others.set(chunk.type, (use.others.get(chunk.type) ?? 0) + 1);
    }
    forUnlabelled(phrases, tokens, tags, (use) => use.unlabelled++);
  }
  return uses;
}

function conflictsOf(train: Look, name: string, mentions: readonly Mention[], read: Read): Conflicts {
  const uses = usesOf(train, name, mentions, read);
  const most = new Map<string, number>();
  let [other, unlabelled, all, worst] = [0, 0, 0, 0];
  let example: Conflicts['example'] = null;
  for (const [text, use] of uses) {
    const others = [...use.others.values()].reduce((a, b) => a + b, 0);
    const places = use.own + others + use.unlabelled;
    other += (use.own * others) / places;
    unlabelled += (use.own * use.unlabelled) / places;
    all += use.own;
    for (const [type, n] of use.others) most.set(type, (most.get(type) ?? 0) + n);
    const against = Math.min(use.own, others + use.unlabelled);
    if (against > worst) {
      worst = against;
      example = { text, own: use.own, other: others, unlabelled: use.unlabelled };
    }
  }
  const [first] = [...most].sort((a, b) => b[1] - a[1]);
  return { other: share(other, all), most: first?.[0] ?? null, unlabelled: share(unlabelled, all), example };
}

/** Mentions of the split whose text training has so often otherwise that it speaks against the class. */
function otherwiseOf(train: Look, name: string, mentions: readonly Mention[], read: Read): Evidence['otherwise'] {
  const uses = usesOf(train, name, mentions, read);
  let [hit, worst] = [0, 0];
  let [example, as] = ['', ''];
  for (const mention of mentions) {
    const text = textOf(mention);
    const use = present(uses.get(text), 'text');
    const [type = '', times = 0] = [...use.others].sort((a, b) => b[1] - a[1])[0] ?? [];
    const against = Math.max(times, use.unlabelled);
    if (against < 2 || against <= 2 * use.own) continue;
    hit++;
    if (against <= worst) continue;
    worst = against;
    [example, as] = [text, times >= use.unlabelled ? typeTitle(type) : 'without a label'];
  }
  return hit === 0 ? null : { share: share(hit, mentions.length), example, as };
}

function repeatsOf(
  sentences: readonly Sentence[],
  repeats: readonly { readonly line: number; readonly earlierLine: number }[],
): Evidence['repeats'] {
  const lines = new Set(repeats.flatMap(({ line, earlierLine }) => [line, earlierLine]));
  const hit = sentences.filter(({ line }) => lines.has(line));
  const [first] = hit;
  return first ? { share: hit.length / sentences.length, sentences: sentences.length, line: first.line } : null;
}

const sharedOf = (sentences: readonly Sentence[], trained: ReturnType<typeof indexSentences>): number =>
  share(leaksOf(findShared(sentences, trained)).length, sentences.length);

function unseenOf(
  train: Look,
  known: readonly Mention[],
  { corpus: { sentences } }: Look,
  predicted: readonly (readonly string[])[] | null,
  name: string,
  read: Read,
): Evidence['unseen'] {
  const texts = new Set(known.map(textOf));
  const words = new Set(Array.from(tokenCounts(train.corpus.sentences).keys(), fold));
  const counts = { seen: { right: 0, all: 0 }, unseen: { right: 0, all: 0 } };
  let [unknown, tokens] = [0, 0];
  sentences.forEach((sentence, s) => {
    const found = read(predicted?.[s] ?? []);
    for (const mention of mentionsOf(sentence, name, read)) {
      const side = texts.has(textOf(mention)) ? counts.seen : counts.unseen;
      side.all++;
      if (found.some(({ type, start, end }) => type === name && start === mention.start && end === mention.end))
        side.right++;
      for (const token of sentence.tokens.slice(mention.start, mention.end)) {
        tokens++;
        if (!words.has(fold(token))) unknown++;
      }
    }
  });
  const { seen, unseen } = counts;
  if (seen.all + unseen.all === 0) return null;
  const recall = ({ right, all }: { right: number; all: number }): number | null =>
    predicted && all > 0 ? right / all : null;
  return {
    share: unseen.all / (seen.all + unseen.all),
    recallSeen: recall(seen),
    recallUnseen: recall(unseen),
    words: share(unknown, tokens),
  };
}

function errorsOf(
  name: string,
  { corpus: { sentences } }: Look,
  predicted: readonly (readonly string[])[] | null,
  read: Read,
): Evidence['errors'] {
  if (!predicted) return null;
  const counts = { right: 0, type: 0, boundary: 0, both: 0, missed: 0, spurious: 0 };
  let [longer, shorter] = [0, 0];
  const types = new Map<string, number>();
  sentences.forEach(({ tags }, s) => {
    for (const { kind, gold, predicted: guess } of pairSpans(read(tags), read(present(predicted[s], 'sentence')))) {
      if ((gold ?? guess)?.type !== name) continue;
      counts[kind]++;
      if (kind === 'type' && guess) types.set(guess.type, (types.get(guess.type) ?? 0) + 1);
      if (kind !== 'boundary' || !gold || !guess) continue;
      const more = guess.end - guess.start - (gold.end - gold.start);
      if (more > 0) longer++;
      else if (more < 0) shorter++;
    }
  });
  const [most] = [...types].sort((a, b) => b[1] - a[1]);
  return { ...counts, mostType: most ? { name: most[0], mentions: most[1] } : null, longer, shorter };
}
