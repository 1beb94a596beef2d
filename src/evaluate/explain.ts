import { join } from 'node:path';
import { type Config, parseConfig, readConfigFile, withOwnLoss } from '../config';
import { readCorpus, type ReadOptions } from '../data/corpus';
import { encode } from '../data/encode';
import type { FormatName } from '../data/formats';
import type { Sentence } from '../data/types';
import { mistaken, UserError } from '../errors';
import { type Diagnosis, diagnose, isWeak, type Look, measure, type Source } from '../explain';
import { exists } from '../files';
import { readSealed } from '../files/json';
import { createLoss } from '../losses';
import type { Report } from '../metrics/scores';
import { typeTitle } from '../schemes';
import { contextOf, corpusPath } from '../run/corpora';
import { createOwner, type Owner } from '../run/disposal';
import { checkpointOf } from '../run/folder';
import { forecastRun } from '../run/forecast';
import type { CorpusSummary, RunResult } from '../run/result';
import { lendRows } from '../run/saved';
import { type OpenedTagger, openTagger } from '../run/tagger';
import { didYouMean } from '../wording';

/** Why classes of a run are at 0, or weak. Plain data, as `explain --json` prints it. */
export interface Explanation {
  readonly run: string;
  /** What is gone or another by now, and what is answered without it. */
  readonly notes: readonly string[];
  /** Classes of the run that are at 0 or weak, by name; those that are explained are among `classes` where none were asked for. */
  readonly weak: readonly string[];
  readonly classes: readonly Diagnosis[];
}

export interface ExplainOptions {
  /** Names of classes; those at 0 or weak where none are named, the weakest first. */
  readonly classes?: readonly string[];
  /** A name of ENGINES; `auto` by default. */
  readonly engine?: string;
}

/**
 * Measures what a finished run, its tagger and its files say of a class, and ranks the reasons why it is at 0 or weak. Files that are
 * gone or changed are said so, and the rest is answered from what the folder holds.
 * @throws UserError where the folder holds no finished run, or no such class
 * @example
 * ```ts
 * import { explain } from 'dsc-train';
 *
 * const { classes } = await explain('runs/example');
 * for (const { sentence, answers } of classes) console.log(sentence, answers[0]?.command);
 * ```
 */
export async function explain(run: string, { classes, engine = 'auto' }: ExplainOptions = {}): Promise<Explanation> {
  if (typeof run !== 'string') throw mistaken('run', run, 'the path of a run folder');
  const path = join(run, 'result.json');
  if (!(await exists(path)))
    throw new UserError(
      `${run}: holds no result.json`,
      'name the folder of a run that came to its end; an unfinished one goes on with dsc-train --resume',
    );
  const result = (await readSealed(path, 'the result of a run')) as RunResult; // its checksum says it is what was written
  const { weak, asked } = chooseClasses(result, classes);
  const owner = createOwner();
  try {
    const { source, notes } = await openSource(run, result, owner, engine);
    const evidenceOf = measure(source);
    return { run, notes, weak, classes: asked.map((name) => diagnose(evidenceOf(name))) };
  } finally {
    owner.dispose();
  }
}

/** @throws UserError where a class is in neither training nor gold */
function chooseClasses(
  { data, dev, test }: RunResult,
  classes: readonly string[] | undefined,
): { readonly weak: readonly string[]; readonly asked: readonly string[] } {
  const tables = [test, dev].flatMap((report) => (report ? [report] : []));
  const rows = new Map<string, { readonly f1: number; readonly micro: number; readonly support: number }>();
  for (const report of tables) {
    const table = report.entities ?? report.tags;
    for (const { name, f1, support } of table.classes)
      if (support > 0 && !rows.has(name)) rows.set(name, { f1, micro: microOf(report), support });
  }
  const weak = [...rows]
    .filter(([, { f1, micro }]) => isWeak(f1, micro))
    .sort(([, a], [, b]) => a.f1 - b.f1 || b.support - a.support)
    .map(([name]) => name);
  const known = [...new Set([...rows.keys(), ...Object.keys(data.train.classes)])];
  for (const name of classes ?? [])
    if (!known.includes(name))
      throw new UserError(
        `--class ${name}: no such class; ${didYouMean(name, known.map(typeTitle))}`,
        'it stands neither in the training file nor in the gold tags of dev and test',
      );
  return { weak, asked: classes ?? weak };
}

const microOf = ({ entities, accuracy }: Report): number => (entities ? entities.micro.f1 : accuracy);

/** All that is there of a run. */
async function openSource(
  run: string,
  result: RunResult,
  owner: Owner,
  engine: string,
): Promise<{ readonly source: Source; readonly notes: readonly string[] }> {
  const notes: string[] = [];
  const config = await configOf(run, result);
  const saved = await taggerOf(run, owner, engine, notes);
  const { data } = result;
  const train = await readSplit(config, 'train', data.train, data.train, notes);
  const other = async (name: 'dev' | 'test'): Promise<Look | null> => {
    const summary = data[name];
    if (!summary) return null;
    return (
      (await readSplit(config, name, summary, data.train, notes)) ?? readAnswers(run, name, summary, data.train, notes)
    );
  };
  const [dev, test] = [await other('dev'), await other('test')];
  const looks = [train, dev, test].flatMap((look) => (look ? [look] : []));
  const source = { run, facts: result, train, dev, test };
  if (!saved) return { source: { ...source, model: null, forecast: null }, notes };
  const { tagger, vocab, features, decoding } = saved;
  const met = await features.reopen();
  await lendRows(
    tagger,
    met,
    looks.flatMap(({ corpus }) => corpus.sentences),
  ).finally(met.close);
  const encodeWith = (sentences: readonly Sentence[]) => encode({ sentences }, vocab, features.columns);
  return {
    source: {
      ...source,
      model: { tagger, decoding, labels: vocab.labels, encode: encodeWith },
      forecast: train && (await forecastAgain(config, train, saved)),
    },
    notes,
  };
}

/** Its paths as they are seen from here; that of the result where the folder has lost its own. */
async function configOf(run: string, { config }: RunResult): Promise<Config> {
  const path = join(run, 'config.json');
  if (!(await exists(path))) return config;
  const layers = [await readConfigFile(path)];
  try {
    return parseConfig(await withOwnLoss(layers));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return config; // the file of its own loss is gone
  }
}

async function taggerOf(run: string, owner: Owner, engine: string, notes: string[]): Promise<OpenedTagger | null> {
  try {
    return await openTagger(await checkpointOf(run), owner, engine);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    notes.push(
      `${error.message}: nothing is told of probabilities, of other decoding, and of what was learned in training`,
    );
    return null;
  }
}

type Read = Look & { readonly corpus: Awaited<ReturnType<typeof readCorpus>> };

/** A file of the run as it was read there; null where it is gone or another. */
async function readSplit(
  { data }: Config,
  name: 'train' | 'dev' | 'test',
  { sha256, columns, format }: CorpusSummary,
  { path: trainPath, tagging }: CorpusSummary,
  notes: string[],
): Promise<Read | null> {
  const path = data[name] ?? '';
  const options: ReadOptions = {
    format: format as FormatName,
    comment: data.comment,
    tokenColumn: data.tokenColumn ?? columns.token,
    tagColumn: data.tagColumn ?? columns.tag,
    tagsLike: { path: trainPath, tagging },
    doubts: 'keep',
  };
  const without =
    name === 'train'
      ? 'nothing is told of its texts, of what was learned of them, and of the pull of the loss'
      : `answered from ${name}.pred.conll in the folder`;
  let corpus: Read['corpus'];
  try {
    corpus = await readCorpus(corpusPath(path), options);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const [first = ''] = error.message.split('\n');
    notes.push(`the ${name} file cannot be read as it was: ${first}; ${without}`);
    return null;
  }
  if (corpus.sha256 === sha256) return { corpus };
  notes.push(`${path}: is not the ${name} file as it was when the run was trained; ${without}`);
  return null;
}

/** The sentences of dev or test, and what the tagger said, as the run wrote them. */
async function readAnswers(
  run: string,
  name: 'dev' | 'test',
  { tokens, sentences }: CorpusSummary,
  { path: trainPath, tagging }: CorpusSummary,
  notes: string[],
): Promise<Look | null> {
  const path = join(run, `${name}.pred.conll`);
  const lost = (why: string): null => {
    notes.push(`${path}: ${why}; nothing is told of the sentences of ${name}`);
    return null;
  };
  try {
    const options = { tokenColumn: 1, tagsLike: { path: trainPath, tagging }, doubts: 'keep' } as const;
    const corpus = await readCorpus(path, { ...options, tagColumn: 2 });
    const answers = await readCorpus(path, { ...options, tagColumn: 3 });
    if (corpus.tokens !== tokens || corpus.sentences.length !== sentences) return lost('is not what the run wrote');
    return { corpus, predicted: answers.sentences.map(({ tags }) => tags) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return lost('cannot be read');
  }
}

/** The forecast that stood at the start of the run; null where it holds no loss that can be had. */
async function forecastAgain(
  config: Config,
  { corpus }: Read,
  { tagger, vocab, features }: OpenedTagger,
): Promise<Source['forecast']> {
  const { name, ...params } = config.loss;
  try {
    const loss = await createLoss(name, params, contextOf(corpus, vocab));
    tagger.activate();
    return forecastRun(config, { corpus, vocab, encoded: encode(corpus, vocab, features.columns) }, loss, tagger.head);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return null;
  }
}
