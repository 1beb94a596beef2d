import type { Config } from '../config';
import { readCorpus } from '../data/corpus';
import { encode, type Encoded } from '../data/encode';
import type { Corpus } from '../data/types';
import { buildVocab, type Vocab } from '../data/vocab';
import { type Head, HEADS } from '../heads';
import { createLoss, type LossFn, type ParamValues } from '../losses';
import { typeTitle } from '../schemes/chunks';
import { tagReaderOf } from '../data/tagging';
import { forecast, type LabelForecast, type Starved, starvedClasses } from '../train/forecast';
import { checkTrain, contextOf, corpusPath, readOptions } from './corpora';

/** What a loss does to each label at the start of a training, and to which classes it has meant that they were never predicted. */
export interface Forecast {
  readonly loss: string;
  /** Labels as the training file writes them. */
  readonly labels: readonly LabelForecast[];
  readonly starved: readonly Starved[];
  /** The loss of a tagger that knows the class priors alone. */
  readonly start: number;
  /** Nothing is drawn up on balance: the tagger may never predict anything but O. */
  readonly sinks: boolean;
}

/** The training split, as far as a forecast looks at it. */
export interface Given {
  readonly corpus: Corpus;
  readonly vocab: Vocab;
  readonly encoded: Encoded;
}

/**
 * The forecast of a run; null where it does not start with this loss at the priors: after a warm-up with cross-entropy, from the
 * weights of another tagger, and from a bias of another kind. An engine must be open.
 */
export function forecastRun(
  { loss: { name }, train, model }: Config,
  given: Given,
  loss: LossFn,
  head: Head,
): Forecast | null {
  if (train.warmupEpochs > 0 || model.initFrom !== null || model.outputBias !== 'priors') return null;
  return forecastOf(name, given, loss, head, train.batchTokens);
}

/** The forecast of losses on the training file of a config, one after the other. An engine must be open. */
export async function forecaster(config: Config): Promise<(loss: string, params: ParamValues) => Promise<Forecast>> {
  const corpus = await readCorpus(corpusPath(config.data.train), readOptions(config.data));
  checkTrain(corpus, config.data);
  const vocab = buildVocab(corpus, config.model);
  const given: Given = { corpus, vocab, encoded: encode(corpus, vocab, []) };
  const context = contextOf(corpus, vocab);
  return async (name, params) => {
    const loss = await createLoss(name, params, context);
    return forecastOf(name, given, loss, HEADS.softmax, config.train.batchTokens);
  };
}

function forecastOf(
  name: string,
  { corpus, vocab, encoded }: Given,
  loss: LossFn,
  head: Head,
  batchTokens: number,
): Forecast {
  const context = contextOf(corpus, vocab);
  const { labels, loss: start } = forecast(head, loss, context, encoded, { batchTokens });
  const { labelText } = tagReaderOf(corpus.tagging);
  const classOf = (label: string): string =>
    corpus.task === 'chunks' ? typeTitle(label.slice(2)) : typeTitle(labelText(label));
  const inner = vocab.labels;
  return { loss: name, labels, start, ...starvedClasses(labels, context.outside, (c) => classOf(inner[c] ?? '')) };
}
