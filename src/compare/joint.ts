import { join } from 'node:path';
import { readCorpus } from '../data/corpus';
import { tagReaderOf } from '../data/tagging';
import { present, UserError } from '../errors';
import { methodOf } from '../heads/decoding';
import { bayesianSignedRank, type Ranking, rankSystems, type SignedRank, spearman } from '../metrics/ranks';
import { seenUnseen, surface, surfacesOf } from '../metrics/seen';
import { holm } from '../metrics/significance';
import { VERSION } from '../package';
import { createRng } from '../rng';
import { corpusPath, readOptions } from '../run/corpora';
import { chunksOf } from '../schemes';
import type { Comparison, LossResult } from './comparison';
import { readPredictions } from './predictions';
import { intervalOf, mean, type PairedTest, type Verdict } from './statistics';

/** What several comparisons of the same losses say together: which loss, on which kind of corpus. Scores are fractions of 1. */
export interface Joint {
  readonly version: string;
  readonly reference: string;
  /** Compared on every corpus. */
  readonly labels: readonly string[];
  /** Corpora on which no run of the reference finished, and losses of which none did on some other corpus. */
  readonly leftOut: { readonly corpora: readonly string[]; readonly losses: readonly string[] };
  /** The most imbalanced first; plain tags last. */
  readonly corpora: readonly JointCorpus[];
  readonly decodings: readonly JointDecoding[];
  /** The decoding of these that the config names. */
  readonly decodes: string;
}

/** What a corpus is like. */
export interface CorpusFacts {
  /** Outside tokens to one of an entity in training; null for plain tags. */
  readonly outsideRatio: number | null;
  /** Entities in training; null for plain tags, whose every token would be one. */
  readonly mentions: number | null;
  readonly sentences: number;
  /** Share of the entities of the scored split whose text is no entity of training; null for plain tags. */
  readonly unseen: number | null;
  readonly classes: number;
  /** Items of the rarest class in training. */
  readonly rarest: number;
}

/** Facts that a gain may go with, and how they are named. */
export const FACTS: Readonly<Record<keyof CorpusFacts, string>> = {
  outsideRatio: 'O : entity',
  mentions: 'mentions',
  sentences: 'sentences',
  unseen: 'unseen',
  classes: 'classes',
  rarest: 'rarest class',
};

export interface JointCorpus {
  readonly name: string;
  readonly split: 'test' | 'dev';
  readonly seeds: number;
  readonly task: Comparison['task'];
  readonly metric: string;
  readonly facts: CorpusFacts;
  readonly behaviour: readonly Behaviour[];
}

/** How the taggers of a loss find what they find, as their config decodes: means over seeds. */
export interface Behaviour {
  readonly label: string;
  /** Of entities, over all classes; null for plain tags, where both are the accuracy. */
  readonly precision: number | null;
  readonly recall: number | null;
  /** Of entities whose text training has as an entity, and of the others; null for plain tags, and where there are none. */
  readonly seenRecall: number | null;
  readonly unseenRecall: number | null;
  /** The epoch with the best dev score. */
  readonly bestEpoch: number;
  /** First epoch whose dev score reaches 90 % of the best: how fast it learns. */
  readonly reaches: number;
  readonly ece: number | null;
}

/** One loss on one corpus. */
export interface JointCell {
  readonly mean: number;
  readonly sd: number;
  /** Against the reference; null at the reference itself. */
  readonly test: {
    readonly difference: number;
    readonly low: number;
    readonly high: number;
    readonly verdict: Verdict;
  } | null;
}

/** All corpora by one way of decoding and one average. */
export interface JointDecoding {
  readonly name: string;
  /** `micro-F1` (`accuracy` where all tags are plain), or `macro-F1`, which is there where some corpus has more than one class. */
  readonly metric: string;
  /** By corpus, then by label. */
  readonly cells: Readonly<Record<string, Readonly<Record<string, JointCell>>>>;
  /** Corpora on which no loss gets anything right: they rank none. */
  readonly silent: readonly string[];
  /** Over the others; null for one corpus. */
  readonly ranking: Ranking | null;
  /** Against the reference, by label, over the corpora on which one of the two gets anything right; of one alone it is left out. */
  readonly signedRank: Readonly<Record<string, SignedRank>>;
  /** Whether a gain goes with a fact about corpora of one kind, the strongest first. */
  readonly links: readonly Link[];
}

export interface Link {
  readonly label: string;
  readonly fact: keyof CorpusFacts;
  /** Of the corpora: entities and plain tags are counted, and scored, otherwise. */
  readonly task: JointCorpus['task'];
  readonly corpora: number;
  /** Spearman's correlation of the gain with the fact over corpora, its p over orders, and after Holm's correction over all. */
  readonly rho: number;
  readonly p: number;
  readonly pHolm: number;
}

export interface NamedComparison {
  readonly name: string;
  readonly comparison: Comparison;
}

/** Half the width of the region within which a difference does not matter: one point. */
export const ROPE = 0.01;

/** Fewer corpora of one kind say nothing of what a gain goes with. */
export const FEWEST_CORPORA = 4;

/**
 * @param all at least one; corpora without the reference are left out, and of the others losses that are not compared on each
 * @throws UserError where the reference is compared on none
 */
export async function joinComparisons(all: readonly NamedComparison[]): Promise<Joint> {
  const { reference, losses } = present(all[0], 'comparison').comparison;
  const named = all.filter(({ comparison }) => hasScores(comparison, reference));
  if (named.length === 0) {
    throw new UserError(
      `${reference}: no run of the reference finished on any corpus`,
      'the same command tries again what failed; --reference names another loss',
    );
  }
  const everywhere = ({ label }: LossResult): boolean => named.every((one) => hasScores(one.comparison, label));
  const labels = losses.filter(everywhere).map(({ label }) => label);
  const corpora: JointCorpus[] = [];
  for (const { name, comparison } of named) corpora.push(await jointCorpus(name, comparison, labels));
  corpora.sort((a, b) => (b.facts.outsideRatio ?? 0) - (a.facts.outsideRatio ?? 0));
  const names = [...new Set(named.flatMap(({ comparison }) => comparison.decodings.map((one) => one.name)))];
  const averages = corpora.some(({ facts }) => facts.classes > 1) ? ([0, 1] as const) : ([0] as const);
  const sorted = corpora.map(({ name }) =>
    present(
      named.find((one) => one.name === name),
      name,
    ),
  );
  return {
    version: VERSION,
    reference,
    labels,
    leftOut: {
      corpora: all.filter((one) => !named.includes(one)).map(({ name }) => name),
      losses: losses.filter((loss) => !everywhere(loss)).map(({ label }) => label),
    },
    corpora,
    decodes: decodingOfConfig(named, names),
    decodings: names.flatMap((name) =>
      averages.map((at) => jointDecoding(name, at, sorted, corpora, labels, reference)),
    ),
  };
}

/** Of the ways that every run was scored by, the one of the config: where there are entities, of their corpora. */
function decodingOfConfig(named: readonly NamedComparison[], names: readonly string[]): string {
  const all = named.map(({ comparison }) => comparison);
  const { losses, reference, data } = present(all.find((one) => one.task === 'chunks') ?? all[0], 'comparison');
  const loss = losses.find(({ label }) => label === reference) ?? present(losses[0], 'loss');
  const { method, outsideBias } = loss.config.decode;
  const own = methodOf(method, tagReaderOf(data.train.tagging).inner);
  return names.find((name) => name === (outsideBias === 'dev' ? `${own}+bias` : own)) ?? present(names[0], 'decoding');
}

const hasScores = ({ losses }: Comparison, label: string): boolean =>
  losses.some((one) => one.label === label && Object.keys(one.scores).length > 0);

/** @param at 0 for the first average, 1 for the second. */
function jointDecoding(
  name: string,
  at: 0 | 1,
  named: readonly NamedComparison[],
  corpora: readonly JointCorpus[],
  labels: readonly string[],
  reference: string,
): JointDecoding {
  const rng = createRng(0).split('joint');
  const cells = Object.fromEntries(
    named.map(({ name: corpus, comparison }) => [
      corpus,
      Object.fromEntries(labels.map((label) => [label, cellOf(comparison, name, at, label)])),
    ]),
  );
  const cell = (corpus: string, label: string): JointCell => present(cells[corpus]?.[label], label);
  const isSilent = (corpus: string): boolean => labels.every((label) => cell(corpus, label).mean === 0);
  const silent = named.flatMap((one) => (isSilent(one.name) ? [one.name] : []));
  const scores = named
    .filter((one) => !silent.includes(one.name))
    .map((one) => labels.map((label) => cell(one.name, label).mean)); // (corpora, losses)
  const others = labels.filter((label) => label !== reference);
  const gains = (label: string, of = corpora): Gain[] =>
    of.flatMap((corpus) => {
      const { test } = cell(corpus.name, label);
      return test && test.verdict !== 'nothing' ? [{ corpus, gain: test.difference }] : [];
    });
  const several = scores.length > 1 && labels.length > 1;
  const titles = [...new Set(named.map(({ comparison }) => present(comparison.metrics[at], 'metric').title))];
  return {
    name,
    metric: titles.join(' or '),
    cells,
    silent,
    ranking: several ? rankSystems(scores, labels.indexOf(reference)) : null,
    signedRank: several
      ? Object.fromEntries(
          others.flatMap((label) => {
            const own = gains(label).map(({ gain }) => gain);
            return own.length > 1 ? [[label, bayesianSignedRank(own, ROPE, rng.split(label))] as const] : [];
          }),
        )
      : {},
    links: linksOf(others, gains, corpora),
  };
}

/** By the decoding of that name; plain tags, which have argmax alone, by that. */
function cellOf({ decodings, metrics }: Comparison, name: string, at: 0 | 1, label: string): JointCell {
  const metric = present(metrics[at], 'metric').name;
  const by = present(decodings.find((one) => one.name === name) ?? decodings.at(-1), 'decoding');
  const summary = present(by.scores[label]?.[metric], metric);
  const test = by.tests.find((one) => one.label === label && one.metric === metric);
  return {
    mean: summary.mean,
    sd: summary.sd,
    test: test ? testCell(test) : null,
  };
}

function testCell(test: PairedTest): JointCell['test'] {
  const { low, high } = intervalOf(test);
  return { difference: test.difference, low, high, verdict: test.verdict };
}

/** What a loss has above the reference on a corpus where there is something to compare. */
interface Gain {
  readonly corpus: JointCorpus;
  readonly gain: number;
}

/**
 * Within corpora of one kind alone: a rarest class of so many tokens is none of as many mentions, a tag set of seventeen no such number of
 * types, and a point of accuracy no point of F1.
 */
function linksOf(
  labels: readonly string[],
  gains: (label: string, of: readonly JointCorpus[]) => readonly Gain[],
  corpora: readonly JointCorpus[],
): Link[] {
  const rng = createRng(0).split('links');
  const tasks = [...new Set(corpora.map(({ task }) => task))];
  const found = tasks.flatMap((task) => {
    const own = corpora.filter((corpus) => corpus.task === task);
    return labels.flatMap((label) =>
      (Object.keys(FACTS) as (keyof CorpusFacts)[]).flatMap((fact) => {
        const pairs = gains(label, own).flatMap(({ corpus: { facts }, gain }) => {
          const value = facts[fact];
          return value === null ? [] : [{ value, gain }];
        });
        if (pairs.length < FEWEST_CORPORA) return [];
        const { rho, p } = spearman(
          pairs.map(({ gain }) => gain),
          pairs.map(({ value }) => value),
          rng.split(`${label}/${fact}`),
        );
        return Number.isNaN(rho) ? [] : [{ label, fact, task, corpora: pairs.length, rho, p }]; // a fact in which the corpora do not differ
      }),
    );
  });
  const pHolm = holm(found.map(({ p }) => p));
  return found
    .map((link, i) => ({ ...link, pHolm: present(pHolm[i], 'p') }))
    .sort((a, b) => a.p - b.p || Math.abs(b.rho) - Math.abs(a.rho));
}

async function jointCorpus(name: string, comparison: Comparison, labels: readonly string[]): Promise<JointCorpus> {
  const { data, split, losses, seeds, metrics, task } = comparison;
  const own = labels.map((label) =>
    present(
      losses.find((one) => one.label === label),
      label,
    ),
  );
  const { train } = data;
  const config = present(own[0], 'loss').config;
  const corpus = await readCorpus(corpusPath(config.data.train), readOptions(config.data));
  const trained = surfacesOf(
    corpus.sentences.map(({ tokens }) => tokens),
    corpus.sentences.map(({ tags }) => tags),
  );
  const { toInner } = tagReaderOf((data[split] ?? data.dev).tagging);
  const behaviour: Behaviour[] = [];
  let unseen: number | null = null;
  for (const loss of own) {
    const found = await Promise.all(
      loss.runs
        .filter(({ status }) => status === 'done')
        .map(async ({ folder }) => {
          const { tokens, gold, predicted } = await readPredictions(join(folder, `${split}.pred.conll`));
          const [right, guessed] = [gold.map(toInner), predicted.map(toInner)];
          if (task === 'chunks') unseen ??= unseenShare(tokens, right, trained);
          return task === 'chunks' ? seenUnseen(tokens, right, guessed, trained) : null;
        }),
    );
    behaviour.push(behaviourOf(loss, found, split));
  }
  const counts = Object.values(train.classes);
  const outside = Object.hasOwn(train.labels, train.tagging.outside) ? train.labels[train.tagging.outside] : undefined;
  const tokens = Object.values(train.labels).reduce((sum, n) => sum + n, 0);
  return {
    name,
    split,
    seeds: seeds.length,
    task,
    metric: present(metrics[0], 'metric').title,
    facts: {
      outsideRatio: task === 'chunks' && outside !== undefined ? outside / (tokens - outside) : null,
      mentions: task === 'chunks' ? counts.reduce((sum, n) => sum + n, 0) : null,
      sentences: train.sentences,
      unseen,
      classes: counts.length,
      rarest: Math.min(...counts),
    },
    behaviour,
  };
}

/** Share of the gold entities whose text is not among those of training. */
function unseenShare(
  tokens: readonly (readonly string[])[],
  gold: readonly (readonly string[])[],
  trained: ReadonlySet<string>,
): number | null {
  const texts = gold.flatMap((tags, s) =>
    chunksOf(tags).map((chunk) => surface(present(tokens[s], 'sentence'), chunk)),
  );
  return texts.length > 0 ? texts.filter((text) => !trained.has(text)).length / texts.length : null;
}

function behaviourOf(
  { label, runs, calibration }: LossResult,
  tables: readonly (ReturnType<typeof seenUnseen> | null)[],
  split: 'test' | 'dev',
): Behaviour {
  const done = runs.filter(({ status }) => status === 'done');
  const found = tables.flatMap((table) => (table ? [table] : []));
  const recallOf = (side: string): number | null => {
    const recalls = found.flatMap(({ classes }) =>
      classes.filter(({ name, support }) => name === side && support > 0).map(({ recall }) => recall),
    );
    return recalls.length > 0 ? mean(recalls) : null;
  };
  return {
    label,
    precision: found.length > 0 ? mean(found.map(({ micro }) => micro.precision)) : null,
    recall: found.length > 0 ? mean(found.map(({ micro }) => micro.recall)) : null,
    seenRecall: recallOf('seen'),
    unseenRecall: recallOf('unseen'),
    bestEpoch: mean(done.map(({ bestEpoch }) => bestEpoch)),
    reaches: mean(
      done.map(({ history, bestDev }) => history.find(({ devScore }) => devScore >= 0.9 * bestDev)?.epoch ?? 0),
    ),
    ece: calibration[split]?.ece ?? null,
  };
}
