import { join } from 'node:path';
import { devCheck, lookUpOf, metricName, scoreInFull } from './assess';
import type { Config } from '../config';
import {
  type Corpora,
  type CorporaReader,
  lossContext,
  readCorpora,
  samplingOf,
  type Split,
  summarise,
} from './corpora';
import { predictionText } from '../data/write';
import { type OpenEngine, openEngine } from '../engine';
import { sealed } from '../files/json';
import { decodingFor, fitOutsideBias, type Scorers, scorersOf } from './decoding';
import { createOwner } from './disposal';
import { openRunFolder, rehearseRunFolder, type RunFolder } from './folder';
import { type Forecast, forecastRun } from './forecast';
import { beginFrom } from './initFrom';
import { openRunLog } from './log';
import { createSaver } from './saver';
import { savedTraining } from './resume';
import { hashesOf, isRecorded, type Training } from './training';
import { createLoss, isLossFile, type OwnLoss } from '../losses';
import { holdToContract, type Kept, loadLossFile } from '../losses/file';
import type { DecodeSettings, Decoding } from '../heads';
import type { Report } from '../metrics/scores';
import { initialWeights } from '../model/init';
import { weightCount } from '../model/spec';
import { createTagger } from '../model/tagger';
import type { InitFrom, LossFile, RunResult } from './result';
import { createRng, type Rng } from '../rng';
import { checkSize, saveTagger, saveWhole, taggerSpec } from './tagger';
import { isPause, type TrainEvent, untimed } from '../train/events';
import { createGradientMeter } from '../train/gradientShare';
import { patienceOf } from '../train/schedule';
import { type RunState, startState } from '../train/state';
import { train } from '../train/loop';
import { taggerParts } from '../train/parts';
import { type Decoders, decodersOf, tagsOf } from '../train/predict';
import { VERSION } from '../package';
import { scoreWarnings, settingsOf, setupWarnings } from './warnings';
import { type Warning, warning } from '../warnings';
import { type Ended, whyOf } from './why';

/** Who watches a run. */
export interface RunHost {
  /** Raised to stop after the batch in hand. */
  readonly signal: AbortSignal;
  /** Replaces a run that is already in the folder. */
  readonly overwrite: boolean;
  /** The folder of a run to go on with. */
  readonly resume?: string | null;
  /** Files of the run that are in its folder before it begins. */
  readonly keep?: readonly string[];
  /** Reads the corpora where the run is not to do it itself, as for several runs on the same. */
  readonly read?: CorporaReader;
  /** Nothing is to be written, wherever the run is stopped. */
  readonly rehearses?: boolean;
  /** Told once, when everything is read and nothing is trained yet. */
  begin(setup: RunSetup): void;
  listen(event: TrainEvent): void;
  /** Looks at the tagger with its best weights, before the result in its folder says that the run is finished. */
  examine?(best: BestTagger): Promise<void>;
}

/** What a run has in hand at its end. */
export interface BestTagger {
  readonly folder: string;
  readonly corpora: Corpora;
  readonly decoding: Decoding;
  /** Of dev and test. */
  readonly decoders: Pick<Decoders, 'of'>;
  /** By what the fit of a bias has asked for, too. */
  readonly scorers: Scorers;
  readonly result: RunResult;
}

export interface RunSetup {
  readonly config: Config;
  readonly corpora: Corpora;
  readonly engine: OpenEngine;
  readonly folder: string;
  /** Trained numbers in the tagger. */
  readonly weights: number;
  readonly decoding: DecodeSettings;
  /** Where a resumed run goes on; null where it begins. */
  readonly resumed: Pick<Training, 'state' | 'engine'> | null;
  /** The loss of a file, which keeps to the contract; null where it is one of ours. */
  readonly lossFile: (OwnLoss & { readonly contract: Kept }) | null;
  /** What was taken from an earlier tagger; null where everything is new. */
  readonly initFrom: InitFrom | null;
  /** What the loss does to each class at the start; null where the training does not start with it at the class priors. */
  readonly forecast: Forecast | null;
  /** How often an epoch has a sentence of each class, where it does not have each sentence once. */
  readonly draws: ReturnType<typeof samplingOf>['draws'];
  /** What is to be said of the files and the machine, and was said of the training that goes on. */
  readonly warnings: readonly Warning[];
}

/** The folder of a run and what came out; no result when it was stopped before its end. */
export interface RunOutcome {
  readonly folder: string;
  /** Whether anything is in the folder: not when it was stopped before it was worth the run that was there. */
  readonly isThere: boolean;
  readonly result: RunResult | null;
}

/** One run, from files to report. */
export async function run(config: Config, host: RunHost): Promise<RunOutcome> {
  const started = new Date();
  const clock = performance.now();
  const corpora = await (host.read ?? readCorpora)(config.data, config.model);
  const decoding = decodingFor(config.decode, corpora);
  const spec = taggerSpec(config.model, corpora);
  checkSize(spec);
  const { name, ...params } = config.loss;
  const lossFile = isLossFile(name) ? await loadLossFile(name) : null;
  const saved = await savedTraining(host.resume ?? null, corpora, lossFile);
  const context = lossContext(corpora);
  const meter = createGradientMeter(config.analysis.gradientShare, context);
  const loss = await createLoss(name, params, context);
  const warmup = await createLoss('ce', {}, context);
  const { threads } = config.engine;
  const { own, dispose } = createOwner();
  try {
    const engine = own(await openEngine(config.engine.name, threads === null ? {} : { threads }));
    const contract = lossFile && (await holdToContract(name, params, context));
    const rng = createRng(config.seed);
    const { columns } = corpora.features;
    const initial = initialWeights(spec, context.counts, rng.split('init'), columns, config.model.outputBias);
    const { weights, initFrom } = saved ?? (await beginFrom(config.model.initFrom, initial, spec, corpora));
    engine.activate();
    const tagger = own(createTagger(spec, weights));
    const forecast = forecastRun(config, { ...corpora.train, vocab: corpora.vocab }, loss, tagger.head);
    const setup = setupWarnings(corpora, engine, initFrom, forecast, settingsOf(config));
    const check = devCheck(tagger, corpora, decoding, config.train.metric);
    const patience = patienceOf(config.train.schedule, config.train.patience);
    const { weights: drawn, draws } = samplingOf(config.train.sampling, corpora);
    const settings = settingsOf(config);
    const options = { ...config.model, ...config.train, weights: drawn, patience, signal: host.signal, settings };
    const parts = own(taggerParts(meter.watch(tagger), loss, warmup, corpora.train.encoded, check, options, rng));
    const from = saved?.state ?? startState(options);
    const events: TrainEvent[] = [...(saved?.events ?? [])];
    if (saved) {
      parts.load(saved.held, from);
      meter.load(saved.gradients);
    }

    const { overwrite, keep = [], resume = null } = host;
    const goesOn = resume === null ? null : { path: resume, logBytes: saved?.logBytes ?? 0 };
    const openFolder = host.rehearses ? rehearseRunFolder : openRunFolder;
    const log = await openRunLog(config, from.update);
    const folder = await openFolder(config, {
      overwrite,
      keep,
      resume: goesOn,
      now: started,
      records: log?.records ?? null,
    });
    const training = (state: RunState): Training => ({
      state,
      held: parts.save(),
      gradients: meter.save(),
      events: events.filter(isRecorded),
      logBytes: folder.logged(),
      data: hashesOf(corpora, lossFile),
      engine: { name: engine.name, threads: engine.threads },
      initFrom,
    });
    let answering = decoding;
    const decoders = own(decodersOf(tagger)); // asked once the tagger has its best weights
    const scorers = scorersOf(decoders, corpora.vocab.labels);
    const learned = { ...corpora, lossFile };
    const saver = createSaver(
      folder,
      config.train,
      (state) => saveTagger(tagger, learned, answering, state && training(state), parts.weights()),
      () => saveWhole(tagger, learned, answering, parts.weights()),
    );
    try {
      host.begin({
        config,
        corpora,
        engine,
        folder: folder.path,
        weights: weightCount(spec),
        decoding,
        resumed: saved,
        lossFile: lossFile && contract && { ...lossFile, contract },
        initFrom,
        forecast,
        draws,
        warnings: [...setup, ...lostLog(folder), ...events.flatMap(toldWarning)],
      });
      for await (const { event: told, state } of train(parts, options, from)) {
        const event = meter.annotate(told);
        host.listen(event);
        if (!isPause(event)) folder.log(untimed(event));
        folder.record(log?.event(event, state.update) ?? null);
        if (event.kind !== 'step') events.push(event);
        await saver.save(event, state);
      }
      await saver.end();
      const { outsideBias } = config.decode;
      const isFitted = outsideBias === 'dev';
      const fit =
        host.signal.aborted || (outsideBias !== null && !isFitted)
          ? null
          : fitOutsideBias(scorers, corpora, decoding, config.train.metric);
      if (isFitted && fit) answering = { ...decoding, outsideBias: fit.bias };
      const isChanged = saved !== null || isFitted || corpora.features.packed.size > 0;
      if (isChanged && !host.signal.aborted) await saver.saveBest(); // the tagger has its best weights now

      const reports = host.signal.aborted
        ? null
        : await scoreSplits(decoders, corpora, answering, folder, rng.split('intervals'));
      const decode = { method: answering.method, outsideBias: answering.outsideBias, fit };
      const seconds = (performance.now() - clock) / 1000;
      const timing = { started: started.toISOString(), seconds };
      const origins = { lossFile, initFrom };
      const result =
        reports &&
        resultOf(config, corpora, engine, weightCount(spec), origins, decode, folder, setup, events, reports, timing, {
          ...{ corpora, tagger, decoders, decoding: answering, forecast, run: folder.path },
        });
      if (result) folder.record(log?.end(result) ?? null);
      if (result)
        await host.examine?.({ folder: folder.path, corpora, decoding: answering, decoders, scorers, result });
      if (result) await folder.saveResult(sealed(result), config.train.keep);
      return { folder: folder.path, isThere: folder.isThere, result };
    } finally {
      await saver.end().catch(() => undefined); // told above, or less than what is being told
      await folder.close();
    }
  } finally {
    dispose();
  }
}

/** Dev and test with the best weights; the predictions go to the folder. */
async function scoreSplits(
  decoders: Decoders,
  corpora: Corpora,
  decoding: Decoding,
  folder: RunFolder,
  rng: Rng,
): Promise<{ dev: Report; test: Report | null }> {
  const lookUp = lookUpOf(corpora.train.corpus);
  async function scoreSplit(split: Split, name: string): Promise<Report> {
    const predicted = tagsOf(decoders.of(split.encoded).decode(decoding), corpora.vocab.labels, decoding);
    await folder.savePredictions(name, predictionText(split.corpus, predicted));
    return scoreInFull(split.corpus, predicted, decoding, lookUp, rng.split(name));
  }
  return { dev: await scoreSplit(corpora.dev, 'dev'), test: corpora.test && (await scoreSplit(corpora.test, 'test')) };
}

function resultOf(
  config: Config,
  corpora: Corpora,
  engine: OpenEngine,
  weights: number,
  { lossFile, initFrom }: { readonly lossFile: OwnLoss | null; readonly initFrom: InitFrom | null },
  decode: RunResult['decode'],
  folder: RunFolder,
  setup: readonly Warning[],
  events: readonly TrainEvent[],
  reports: { dev: Report; test: Report | null },
  timing: Pick<RunResult['timing'], 'started' | 'seconds'>,
  ended: Ended,
): RunResult {
  const epochs = events.filter((event) => event.kind === 'epoch');
  const end = events.find((event) => event.kind === 'end');
  const { bestEpoch = 0, bestScore = 0 } = end ?? {};
  const { name, why, device, threads, versions } = engine;
  const found: Omit<RunResult, 'warnings' | 'timing'> = {
    version: VERSION,
    config,
    engine: { name, why, device, threads, versions },
    data: {
      train: summarise(corpora.train),
      dev: summarise(corpora.dev),
      test: corpora.test && summarise(corpora.test),
    },
    weights,
    ...(corpora.features.found.lines.length > 0 && { features: corpora.features.found.data }),
    ...(lossFile && { lossFile: describeLoss(lossFile) }),
    ...(initFrom && { initFrom }),
    decode,
    metric: metricName(config.train.metric, corpora.dev.corpus),
    history: epochs.map(({ epoch, trainLoss, devScore, classes, learningRate, gradients }) => ({
      epoch,
      trainLoss,
      devScore,
      ...(classes && { classes }),
      learningRate,
      ...(gradients && { gradients }),
    })),
    best: { epoch: bestEpoch, score: bestScore },
    stopped: end?.reason === 'patience' ? 'patience' : 'epochs',
    learned: bestScore > 0,
    ...reports,
  };
  const reasons = (classes: readonly string[]): string[] => whyOf(ended, found, classes);
  return {
    ...found,
    warnings: [...setup, ...lostLog(folder), ...events.flatMap(toldWarning), ...scoreWarnings(found, reasons)],
    timing: {
      ...timing,
      epochs: epochs.map(({ seconds, tokensPerSecond }) => ({ seconds, tokensPerSecond })),
    },
  };
}

const describeLoss = ({ path, sha256, spec: { name, title, formula } }: OwnLoss): LossFile => ({
  ...{ path, sha256 },
  ...{ name, title, formula },
});

const lostLog = ({ path, lost }: RunFolder): Warning[] =>
  lost > 0 ? [warning('log-cut', { path: join(path, 'log.jsonl'), bytes: lost })] : [];

/** A warning of the training as it stands in the result. */
const toldWarning = (event: TrainEvent): Warning[] => {
  if (event.kind !== 'warning') return [];
  const { code, message, advice } = event;
  return [{ code, message, advice }];
};
