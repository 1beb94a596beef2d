import { typeTitle } from '../schemes';
import { count, percent, quotedForShell, whole } from '../wording';
import type { Evidence, Scored, Way } from './evidence';

/** Numbers that an answer rests on, by what they are. */
export type Numbers = Readonly<Record<string, number | string>>;

/** What a row of CAUSES finds. */
interface Found {
  /** How much of what is missed it accounts for, by these numbers: 0 to 1. */
  readonly share: number;
  /** A sentence without its subject, the class: `stands in no training sentence`. */
  readonly because: string;
  readonly numbers: Numbers;
  /** The command that would change it. */
  readonly command: string;
}

interface Cause {
  /** One line of the documentation. */
  readonly what: string;
  /** How far such numbers point at a cause rather than at a mere companion of a low score: 0 to 1. */
  readonly certainty: number;
  /** It says how the class is missed: whatever else is found explains a part of it. */
  readonly isSymptom?: true;
  readonly find: (evidence: Evidence) => Found | null;
}

/** Learning rates that Adam learns such taggers with, from one tenth to four times the default of `train.learningRate`. */
const [LOW_RATE, HIGH_RATE] = [0.0005, 0.02] as const;
/** The default of `train.learningRate`. */
const USUAL_RATE = 0.005;
/** A weight that cannot have moved further has hardly left the place where it was drawn: initial weights are of this size. */
const NO_WAY = 0.05;
/** The loss of an epoch over that of the class priors, from where on it went up. */
const ROSE = 1.2;
/** A loss that fell by less in the whole run stood still. */
const STOOD_STILL = 0.1;
/** Below such a micro-average no class is well, and what holds for the whole run is looked for. */
const POOR = 0.3;
/** Mentions from where on a class is no longer rare: with as many, half of what it was. */
const RARE = 20;
/** A mention more or less is luck: other ways to choose tags must find at least so many more. */
const MORE_RIGHT = 2;
/** Text that is labelled otherwise in this share of its places is as good as random. */
const RANDOM = 0.6;

const meanOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const shown = (fraction: number): string => `${percent(fraction)} %`;
const round = (value: number): number => Number(value.toPrecision(4));

const scoredOf = ({ split, dev, test }: Evidence): Scored => (split === 'test' ? (test ?? dev) : dev);
const microOf = ({ split, micro }: Evidence): number => (split === 'test' ? (micro.test ?? micro.dev) : micro.dev);
/** A share of all mentions as one of those that were missed, of which they are. */
const ofTheMissed = (evidence: Evidence, share: number): number => {
  const { support, tp } = scoredOf(evidence);
  return Math.min(1, (share * support) / Math.max(1, support - tp));
};
const isPoor = (evidence: Evidence): boolean => evidence.best.score < POOR && microOf(evidence) < POOR;
const filesOf = ({ setting: { files } }: Evidence): string =>
  [files.train, files.dev, files.test]
    .filter((name) => name !== null)
    .map(quotedForShell)
    .join(' ');
const fileOf = ({ setting: { files }, split }: Evidence): string =>
  quotedForShell((split === 'test' ? files.test : null) ?? files.dev);

/** The same training with other settings, in a folder beside it. */
function again({ setting: { run } }: Evidence, ...flags: readonly string[]): string {
  const folder = run.replace(/\/+$/, '');
  return ['dsc-train', '--config', quotedForShell(`${folder}/config.json`), ...flags, '--out', quotedForShell(`${folder}-2`)].join(' '); // prettier-ignore
}

/** How far any weight can have gone: Adam moves it by about the learning rate at each update, not more. */
const reachOf = ({ history, setting: { updates } }: Evidence): number =>
  history.reduce((sum, { learningRate }) => sum + learningRate * updates, 0);

/** Losses that pull on rare classes, but for the one that was trained with. */
const pulling = (evidence: Evidence): string[] =>
  evidence.setting.loss === 'ce+log-dice' ? weighted(evidence) : [...withLoss(evidence, 'ce+log-dice')];

/** Another loss, by the head that takes any. */
const withLoss = ({ setting: { head } }: Evidence, loss: string): string[] => [
  ...['--loss', loss],
  ...(head === 'softmax' ? [] : ['--set', 'model.head=softmax']),
];

/** Class weights. */
const weighted = (evidence: Evidence): string[] => [
  ...(evidence.setting.loss === 'wce' ? [] : withLoss(evidence, 'wce')),
  ...['--set', 'loss.weights=power'],
];

/**
 * What brings a rare class before the loss more often: class weights, or sentences that hold it drawn more often, which any head and loss
 * take. The first of them that the run does not have yet.
 */
function raised(evidence: Evidence): string {
  const { loss, head, sampling } = evidence.setting;
  const sampled = ['--set', 'train.sampling=rare'];
  if (sampling !== 'uniform') return again(evidence, ...weighted(evidence));
  if (loss === 'wce' || head !== 'softmax') return `${again(evidence, ...sampled)}  # ${SAMPLED}`;
  return `${again(evidence, ...weighted(evidence))}  # or ${sampled.join(' ')}: ${SAMPLED}`;
}

/** What is known of it: the table of `train.sampling` in test/bench/README.md. */
const SAMPLED =
  'draws its sentences more often (with ce it was ahead on a thinned class where it was measured, which five seeds do not show)';

const wayText = ({ method, outsideBias }: Way): string =>
  outsideBias === 0 ? `--decode ${method}` : `--decode ${method} --outside-bias ${outsideBias}`;

/** How much of the way from no F1 to this one, of which the first points are luck. */
const wayUp = (from: number, to: number): number => (to <= from ? 0 : ((to - from) / to) * Math.min(1, to / 0.4));

/**
 * Every answer to the question why a class is at 0, or weak, what lies upstream first. To add one: its line here, the numbers that it
 * asks for in `Evidence`, and a planted fault in its test.
 */
export const CAUSES = {
  'not-in-training': {
    what: 'training lacks the class, or writes its name otherwise',
    certainty: 1,
    find(e) {
      if (e.training.mentions > 0) return null;
      const { near } = e;
      const numbers = { 'mentions in training': 0, [`mentions in ${e.split}`]: scoredOf(e).support };
      if (!near)
        return {
          share: 1,
          because: `does not stand in ${e.setting.files.train}: no tagger can learn it (${count(scoredOf(e).support, 'mention')} in ${e.split})`,
          numbers,
          command: `dsc-train inspect ${filesOf(e)}  # then move sentences that hold it to training: dsc-train split draws parts that each hold every class`,
        };
      return {
        share: 1,
        because: `does not stand in ${e.setting.files.train}, ${typeTitle(near.name)} does (${count(near.mentions, 'mention')}): the names differ by ${near.by}`,
        numbers: { ...numbers, [`mentions of ${near.name} in training`]: near.mentions },
        command: `dsc-train convert ${quotedForShell(e.setting.files.train)} --map-types ${quotedForShell(`${near.name}=${e.name}`)} --out train-renamed.conll`,
      };
    },
  },
  'not-in-gold': {
    what: 'nothing to score it on',
    certainty: 1,
    find: (e) =>
      scoredOf(e).support > 0
        ? null
        : {
            share: 1,
            because: `is in no gold mention of ${e.setting.files.test === null ? 'dev' : 'dev and test'}: its F1 is 0 whatever the tagger does (${count(e.training.mentions, 'mention')} in training)`,
            numbers: { 'mentions in training': e.training.mentions, 'mentions in gold': 0 },
            command: `dsc-train inspect ${filesOf(e)}  # then score on sentences that hold it: dsc-train split draws parts that each hold every class`,
          },
  },
  'unknown-label': {
    what: 'mentions that no sequence of known labels gives, such as longer ones than any in training',
    certainty: 1,
    find: ({ unknownLabel, ...e }) =>
      unknownLabel && e.training.mentions > 0
        ? {
            share: ofTheMissed({ unknownLabel, ...e }, unknownLabel.share),
            because: `has the label ${unknownLabel.label} in ${shown(unknownLabel.share)} of its mentions in ${e.split}, and training has no such label: no tagger can give it`,
            numbers: { 'share of mentions with an unknown label': round(unknownLabel.share) },
            command: `dsc-train inspect ${quotedForShell(e.setting.files.train)} ${fileOf({ unknownLabel, ...e })}  # then train on sentences that hold ${unknownLabel.label}`,
          }
        : null,
  },
  diverged: {
    what: 'the loss went up, or stood still at a high learning rate',
    certainty: 0.95,
    find(e) {
      const { learningRate } = e.setting;
      const losses = e.history.map(({ trainLoss }) => trainLoss);
      const [first, last] = [losses.at(0) ?? 0, losses.at(-1) ?? 0];
      const most = Math.max(...losses);
      const start = e.forecast?.start ?? first;
      if (learningRate <= USUAL_RATE || isNaN(most)) return null;
      const rose = most >= ROSE * start;
      const flat = learningRate >= HIGH_RATE && isPoor(e) && Math.min(...losses) > (1 - STOOD_STILL) * start;
      if (!rose && !flat) return null;
      return {
        share: 1,
        because: `is lost with the whole run: at the learning rate ${learningRate} training diverged: a tagger that knows the class priors alone has a loss of ${start.toPrecision(3)}, this one had up to ${most.toPrecision(3)} and ended at ${last.toPrecision(3)}`,
        numbers: { 'learning rate': learningRate, 'loss of the priors': round(start), 'first loss': round(first), 'highest loss': round(most), 'last loss': round(last), 'best dev score': round(e.best.score) }, // prettier-ignore
        command: again(e, '--set', `train.learningRate=${USUAL_RATE}`),
      };
    },
  },
  'never-moved': {
    what: 'a learning rate so low that no weight can have moved far',
    certainty: 0.95,
    find(e) {
      const { learningRate } = e.setting;
      const reach = reachOf(e);
      if (learningRate >= LOW_RATE || reach >= 4 * NO_WAY) return null;
      return {
        share: (isPoor(e) ? 1 : 0.6) * (reach < NO_WAY ? 1 : 0.9),
        because: `had no chance to be learned: at the learning rate ${learningRate} no weight can have moved by much more than ${reach.toPrecision(2)} in the whole run`,
        numbers: { 'learning rate': learningRate, updates: e.setting.updates * e.history.length, 'farthest way of a weight': round(reach), 'best dev score': round(e.best.score) }, // prettier-ignore
        command: again(e, '--set', `train.learningRate=${USUAL_RATE}`),
      };
    },
  },
  'only-outside': {
    what: 'the loss pushes every class down harder than it pulls (`losses --on`)',
    certainty: 0.95,
    find: (e) =>
      e.forecast?.sinks && scoredOf(e).predicted === 0
        ? {
            share: 1 - (e.learned?.recall ?? 0),
            because: `is not pulled out of O: ${e.setting.loss} pushes every class down harder than it pulls when training begins, this one with ${e.forecast.pull.toPrecision(2)} of the pull of ce`,
            numbers: { 'pull at the start, ce = 1': round(e.forecast.pull), 'batches that lower it': round(e.forecast.lowered) }, // prettier-ignore
            command: again(e, ...pulling(e)),
          }
        : null,
  },
  starved: {
    what: 'the loss hardly pulls on the class (`losses --on`)',
    certainty: 0.9,
    find(e) {
      if (!e.forecast?.starved || e.forecast.sinks) return null;
      const { pull, lowered } = e.forecast;
      const p = e.p === null ? '' : `; the median probability of its gold labels is ${e.p.median.toPrecision(2)}`;
      return {
        share: 1 - (e.learned?.recall ?? 0),
        because: `is hardly pulled on by ${e.setting.loss}: with ${pull.toPrecision(2)} of the pull of ce when training begins, and ${shown(lowered)} of the batches lower it${p}`,
        numbers: {
          'pull at the start, ce = 1': round(pull),
          'batches that lower it': round(lowered),
          'mentions in training': e.training.mentions,
          ...(e.p && { 'median p(gold)': round(e.p.median) }),
          ...(e.gradient && { 'its share of the gradient': round(e.gradient.gradient) }),
        },
        command: again(e, ...pulling(e)),
      };
    },
  },
  'split-class': {
    what: 'another class of training has nearly the same name',
    certainty: 0.9,
    find: (e) =>
      e.near && e.training.mentions > 0
        ? {
            share: Math.min(1, (1.5 * e.near.mentions) / (e.near.mentions + e.training.mentions)),
            because: `is two classes in training: ${count(e.training.mentions, 'mention')} as ${typeTitle(e.name)} and ${whole(e.near.mentions)} as ${typeTitle(e.near.name)}, which differ by ${e.near.by}`,
            numbers: { 'mentions in training': e.training.mentions, [`mentions of ${e.near.name}`]: e.near.mentions },
            command: `dsc-train convert ${quotedForShell(e.setting.files.train)} --map-types ${quotedForShell(`${e.near.name}=${e.name}`)} --out train-renamed.conll`,
          }
        : null,
  },
  'outside-bias': {
    what: 'the bias of the outside label that the run decodes with',
    certainty: 0.95,
    find(e) {
      const { decode } = e.setting;
      const { outsideBias } = decode;
      const without = e.ways?.find((way) => way.method === decode.method && way.outsideBias === 0);
      if (outsideBias > 0 && e.best.score === 0)
        return {
          share: 1,
          because: `is kept down by the bias of ${outsideBias} of the outside label: with it nothing scored above 0 on dev after any epoch, so that no epoch could be chosen`,
          numbers: { 'outside bias': outsideBias, 'best dev score': 0 },
          command: again(e, '--outside-bias', '0'),
        };
      if (outsideBias === 0 || !without || without.tp < e.dev.tp + MORE_RIGHT) return null;
      return {
        share: wayUp(e.dev.f1, without.f1),
        because: `is kept down by the bias of ${decode.outsideBias} of the outside label: without it its F1 on dev is ${percent(without.f1)}, not ${percent(e.dev.f1)}`,
        numbers: { 'outside bias': decode.outsideBias, 'F1 on dev': round(e.dev.f1), 'F1 on dev without the bias': round(without.f1) }, // prettier-ignore
        command: `dsc-train evaluate ${quotedForShell(e.setting.run)} ${fileOf(e)} --outside-bias 0`,
      };
    },
  },
  'other-epoch': {
    what: 'the epoch that was kept is not one where the class was well',
    certainty: 0.85,
    find(e) {
      const own = e.history.map(({ f1 }) => f1 ?? 0);
      // of an epoch and its neighbours, as the best of many single ones is mostly luck
      const scores = own.map((_, i) => meanOf(own.slice(Math.max(0, i - 1), i + 2)));
      const [kept, most] = [own[e.best.epoch - 1] ?? 0, Math.max(0, ...scores)];
      const epoch = scores.indexOf(most) + 1;
      if (most < 0.1 || most - kept < 0.05) return null;
      return {
        share: wayUp(kept, most),
        because: `was better in other epochs: F1 ${percent(most)} on dev around epoch ${epoch}, and ${percent(kept)} after epoch ${e.best.epoch}, which ${e.setting.metric} chose`,
        numbers: { 'F1 of the kept epoch': round(kept), 'best F1 on dev': round(most), 'its epoch': epoch },
        command: again(
          e,
          '--set',
          `train.metric=${e.setting.metric === 'macro-f1' ? `${quotedForShell(e.name)}.f1` : 'macro-f1'}`,
        ),
      };
    },
  },
  repeats: {
    what: 'the same training sentences with other labels',
    certainty: 0.9,
    find: (e) =>
      e.repeats && e.repeats.share > 0.1
        ? {
            share: Math.min(1, 1.2 * e.repeats.share),
            because: `is contradicted by training itself: ${shown(e.repeats.share)} of its ${count(e.repeats.sentences, 'training sentence')} also stand there with other labels, one at line ${e.repeats.line}`,
            numbers: { 'share of its sentences that are contradicted': round(e.repeats.share), sentences: e.repeats.sentences }, // prettier-ignore
            command: `dsc-train inspect ${quotedForShell(e.setting.files.train)}  # lists them, as repeat-other-labels`,
          }
        : null,
  },
  'other-type': {
    what: 'training labels the same texts as another class, too',
    certainty: 0.85,
    find(e) {
      const { conflicts } = e;
      if (!conflicts || conflicts.other < 0.15) return null;
      const of = conflicts.example;
      const example =
        of === null ? '' : `, such as "${of.text}": ${whole(of.own)} times so and ${whole(of.other)} times not`;
      return {
        share: Math.min(1, conflicts.other / RANDOM),
        because: `is labelled otherwise where the same text stands, in ${shown(conflicts.other)} of the places in training, mostly as ${typeTitle(conflicts.most ?? '')}${example}`,
        numbers: { 'share labelled otherwise': round(conflicts.other), 'mentions in training': e.training.mentions },
        command: `dsc-train inspect ${quotedForShell(e.setting.files.train)}  # lists them, as ambiguous-entity`,
      };
    },
  },
  unlabelled: {
    what: 'training leaves the same texts unlabelled elsewhere',
    certainty: 0.85,
    find(e) {
      const { conflicts } = e;
      if (!conflicts || conflicts.unlabelled < 0.15) return null;
      const of = conflicts.example;
      const example =
        of === null
          ? ''
          : `, such as "${of.text}": ${whole(of.own)} times labelled and ${whole(of.unlabelled)} times not`;
      return {
        share: Math.min(1, conflicts.unlabelled / RANDOM),
        because: `is without a label in ${shown(conflicts.unlabelled)} of the places in training where its texts stand${example}`,
        numbers: { 'share without a label': round(conflicts.unlabelled), 'mentions in training': e.training.mentions },
        command: `dsc-train inspect ${quotedForShell(e.setting.files.train)}  # lists them, as unlabelled-entity`,
      };
    },
  },
  otherwise: {
    what: 'training labels the texts of the scored file mostly otherwise',
    certainty: 0.85,
    find: (e) =>
      e.otherwise && e.otherwise.share >= 0.15
        ? {
            share: ofTheMissed(e, e.otherwise.share),
            because: `is labelled by another rule in ${e.split}: the text of ${shown(e.otherwise.share)} of its mentions there is mostly ${e.otherwise.as} in training, such as "${e.otherwise.example}"`,
            numbers: { 'share labelled by another rule': round(e.otherwise.share) },
            command: `dsc-train inspect ${filesOf(e)}  # lists ambiguous and unlabelled entities over all files`,
          }
        : null,
  },
  rare: {
    what: 'few mentions in training',
    certainty: 0.85,
    find(e) {
      const { mentions, all } = e.training;
      if (mentions === 0) return null;
      const share = 1 / (1 + mentions / RARE);
      if (share < 0.25) return null;
      return {
        share,
        because: `is rare: ${count(mentions, 'mention')} in training, ${shown(mentions / all)} of all`,
        numbers: { 'mentions in training': mentions, 'of all mentions': round(mentions / all) },
        command: raised(e),
      };
    },
  },
  leaks: {
    what: 'dev shares sentences with training and so hides how weak the class is',
    certainty: 0.85,
    find(e) {
      const { leaks, dev, test } = e;
      if (!leaks || !test || e.split !== 'test' || leaks.dev < 0.1 || dev.f1 - test.f1 < 0.1) return null;
      return {
        share: (Math.min(1, 2 * leaks.dev) * (dev.f1 - test.f1)) / dev.f1,
        because: `only seems to be well on dev: ${shown(leaks.dev)} of the dev sentences that hold it stand in training, too, and F1 is ${percent(dev.f1)} there and ${percent(test.f1)} on test`,
        numbers: { 'share of its dev sentences in training': round(leaks.dev), 'F1 on dev': round(dev.f1), 'F1 on test': round(test.f1) }, // prettier-ignore
        command: `dsc-train inspect ${filesOf(e)}  # lists them, as leak; dsc-train split keeps duplicates together`,
      };
    },
  },
  'too-few-epochs': {
    what: 'dev was still getting better when training ended',
    certainty: 0.85,
    find(e) {
      const { history, best, stopped } = e;
      const last = history.length;
      const reach = reachOf(e);
      const scores = history.map(({ devScore }) => devScore);
      const isNothing = best.score === 0 && reach < 1; // no epoch is better than the first where all are at 0
      if (stopped !== 'epochs' || last === 0 || (best.epoch < last && !isNothing)) return null;
      if (e.setting.learningRate < LOW_RATE && reach < 4 * NO_WAY) return null; // more epochs at that rate change nothing
      const before = Math.max(0, ...scores.slice(0, -1));
      const growth = last === 1 ? 0 : (best.score - before) / Math.max(0.01, best.score);
      const share = isNothing || (last === 1 && reach < 1) ? 1 : last === 1 ? 0.5 : growth < 0.02 ? 0 : Math.min(1, 0.3 + 2 * growth); // prettier-ignore
      if (share === 0) return null;
      const more = Math.max(2 * e.setting.epochs, 10);
      return {
        share,
        because: isNothing
          ? `had too few updates to be learned: ${count(last * e.setting.updates, 'update')} in ${count(last, 'epoch')}, in which no weight can have moved by much more than ${reach.toPrecision(2)}`
          : `was still being learned when training ended: ${e.setting.metric} on dev was ${last === 1 ? percent(best.score) : `${percent(before)}, then ${percent(best.score)}`} after ${count(last, 'epoch')}, all that it had`,
        numbers: { epochs: last, 'dev score': round(best.score), 'best before': round(before), 'farthest way of a weight': round(reach) }, // prettier-ignore
        command: again(e, '--epochs', String(more)),
      };
    },
  },
  'not-in-dev': {
    what: 'dev lacks the class: no epoch is chosen for it',
    certainty: 0.7,
    find: (e) =>
      e.split === 'test' && e.dev.support === 0 && e.training.mentions > 0
        ? {
            share: 1,
            because: `does not stand in ${e.setting.files.dev}: nothing that dev chooses, such as the epoch, looks at it`,
            numbers: { 'mentions in dev': 0, 'mentions in test': scoredOf(e).support },
            command: `dsc-train inspect ${filesOf(e)}  # then choose by sentences that hold it: dsc-train split draws parts that each hold every class`,
          }
        : null,
  },
  decoding: {
    what: 'another way to choose tags, or a bias of the outside label, finds it',
    certainty: 0.85,
    isSymptom: true,
    find(e) {
      const { ways, dev, micro, p, setting } = e;
      const fit = (ways ?? []).filter(({ tp }) => tp >= dev.tp + MORE_RIGHT);
      const free = fit.filter((way) => way.micro >= micro.dev - 0.02);
      const best = [...(free.length > 0 ? free : fit)].sort((a, b) => b.f1 - a.f1)[0];
      if (!best || best.f1 < dev.f1 + 0.05) return null;
      const median = p === null ? '' : `, the median probability of its gold labels is ${p.median.toPrecision(2)}`;
      const rivals = p === null ? {} : { 'median p(gold)': round(p.median), 'likeliest but for O': round(p.second) };
      return {
        share: wayUp(dev.f1, best.f1) * (free.length > 0 ? 1 : 0.6),
        because: `is known and not chosen: with ${wayText(best)} its F1 on dev is ${percent(best.f1)}, not ${percent(dev.f1)} (micro-average ${percent(best.micro)}, not ${percent(micro.dev)})${median}`,
        numbers: { 'F1 on dev': round(dev.f1), 'F1 with other decoding': round(best.f1), 'micro-average with it': round(best.micro), ...rivals }, // prettier-ignore
        command: `dsc-train evaluate ${quotedForShell(setting.run)} ${fileOf(e)} ${wayText(best)}`,
      };
    },
  },
  confused: {
    what: 'taken for one other class; an entity with the right boundaries',
    certainty: 0.8,
    isSymptom: true,
    find(e) {
      const { errors } = e;
      if (!errors?.mostType) return null;
      const { name, mentions } = errors.mostType;
      const { support, tp } = scoredOf(e);
      if (mentions < 2 || mentions < 0.1 * support) return null;
      return {
        share: mentions / Math.max(1, support - tp),
        because: `is taken for ${typeTitle(name)}: ${count(mentions, 'mention')} of ${whole(support)} in ${e.split}${e.entities ? ', with the right boundaries' : ''}`,
        numbers: { [`taken for ${name}`]: mentions, mentions: support, right: tp },
        command: `dsc-train inspect ${filesOf(e)}  # texts of both classes; or make them one: dsc-train convert FILE --map-types ${quotedForShell(`${e.name}=${name}`)}`,
      };
    },
  },
  boundary: {
    what: 'found with other boundaries',
    certainty: 0.8,
    isSymptom: true,
    find(e) {
      const { errors } = e;
      const { support, tp } = scoredOf(e);
      if (!errors || errors.boundary < 2 || errors.boundary < 0.1 * support) return null;
      const { boundary, longer, shorter } = errors;
      const shifted = boundary - longer - shorter;
      const ways = { longer, shorter, 'as long and shifted': shifted };
      const [most, times] = Object.entries(ways).reduce((a, b) => (b[1] > a[1] ? b : a));
      return {
        share: boundary / Math.max(1, support - tp),
        because: `is found with other boundaries: ${whole(boundary)} of ${count(support, 'mention')} in ${e.split} overlap a prediction of the class that is ${most} ${whole(times)} times`,
        numbers: { 'boundary errors': boundary, longer, shorter, shifted, mentions: support, right: tp },
        command: `dsc-train evaluate ${quotedForShell(e.setting.run)} ${fileOf(e)} --wrong 50  # shows the spans; --convention partial scores overlaps`,
      };
    },
  },
  unseen: {
    what: 'texts that no training mention has',
    certainty: 0.75,
    find(e) {
      const { unseen, learned, training, errors } = e;
      if (!unseen || unseen.share < 0.2) return null;
      // what was found, if with another type or other boundaries, is recognised
      const overlooked = errors
        ? errors.missed / Math.max(1, errors.missed + errors.type + errors.boundary + errors.both)
        : 1;
      const seen = unseen.recallSeen ?? learned?.recall ?? null;
      const gap = (seen ?? 0) - (unseen.recallUnseen ?? 0);
      if (seen === null || gap < 0.2) return null;
      return {
        share:
          overlooked * Math.min(1, (unseen.share * gap) / seen) * (training.mentions / (training.mentions + RARE / 2)),
        because: `is not recognised where its text is new: ${shown(unseen.share)} of its mentions in ${e.split} have a text that no training mention has, with a recall of ${percent(unseen.recallUnseen ?? 0)} beside ${percent(seen)} of ${unseen.recallSeen === null ? 'its training mentions' : 'the others'}; ${shown(unseen.words)} of its words are unknown`,
        numbers: { 'share of unseen texts': round(unseen.share), 'recall of unseen': round(unseen.recallUnseen ?? 0), 'recall of seen': round(seen), 'unknown words': round(unseen.words) }, // prettier-ignore
        command: `${again(e, '--set', 'model.charDim=30')}${e.setting.vectors ? '' : '  # and vectors of its language: --set model.vectors=FILE'}`,
      };
    },
  },
  'too-many': {
    what: 'predicted far more often than it stands in gold',
    certainty: 0.75,
    isSymptom: true,
    find(e) {
      const { predicted, support, tp } = scoredOf(e);
      if (predicted < 2 * support || predicted - tp < 3) return null;
      return {
        share: Math.min(1, (predicted - tp) / predicted),
        because: `is predicted too often: ${whole(predicted)} times for ${count(support, 'gold mention')} in ${e.split}, ${whole(tp)} of them right`,
        numbers: { predicted, mentions: support, right: tp },
        command: `dsc-train evaluate ${quotedForShell(e.setting.run)} ${fileOf(e)} --outside-bias 1  # and --wrong 50 shows the spans`,
      };
    },
  },
  'few-in-gold': {
    what: 'so few gold mentions that its F1 says little',
    certainty: 0.5,
    find(e) {
      const { support } = scoredOf(e);
      return support > 0 && support < 10
        ? {
            share: 1 / (1 + support / 4),
            because: `is measured on ${count(support, 'mention')} in ${e.split}: one found more or less changes its F1 by up to ${percent(2 / (1 + support))} points`,
            numbers: { [`mentions in ${e.split}`]: support },
            command: `dsc-train inspect ${filesOf(e)}  # then score on more sentences that hold it: dsc-train split draws parts that each hold every class`,
          }
        : null;
    },
  },
  memorised: {
    what: 'known in training and nowhere else',
    certainty: 0.4,
    isSymptom: true,
    find(e) {
      const { support, tp } = scoredOf(e);
      const recall = support > 0 ? tp / support : 0;
      if (!e.learned || e.learned.recall < 0.8 || e.learned.recall - recall < 0.3) return null;
      return {
        share: e.learned.recall - recall,
        because: `is learned and does not carry over: recall ${percent(e.learned.recall)} on training sentences, ${percent(recall)} on ${e.split}`,
        numbers: { 'recall in training': round(e.learned.recall), [`recall on ${e.split}`]: round(recall) },
        command: again(e, '--set', 'model.dropout=0.6'),
      };
    },
  },
  'not-learned': {
    what: 'not even known in training',
    certainty: 0.4,
    isSymptom: true,
    find(e) {
      if (!e.learned || e.learned.recall > 0.5) return null;
      return {
        share: 1 - e.learned.recall,
        because: `is not learned: recall ${percent(e.learned.recall)} on the training sentences that hold it`,
        numbers: { 'recall in training': round(e.learned.recall), ...(e.p && { 'median p(gold)': round(e.p.median) }) },
        command: again(e, '--epochs', String(2 * e.setting.epochs), '--set', 'train.metric=macro-f1'),
      };
    },
  },
} as const satisfies Record<string, Cause>;

export type CauseName = keyof typeof CAUSES;
