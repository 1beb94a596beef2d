import { encode } from '../data/encode';
import { diagnose, type Look, measure } from '../explain';
import type { Decoding } from '../heads';
import type { Tagger } from '../model/tagger';
import { groupBy } from '../order';
import { typeTitle } from '../schemes';
import type { Decoders } from '../train/predict';
import type { Corpora, Split } from './corpora';
import type { Forecast } from './forecast';
import type { RunResult } from './result';

/** What a diagnosis of a run that has just ended looks at. */
export interface Ended {
  readonly corpora: Corpora;
  readonly tagger: Tagger;
  readonly decoders: Pick<Decoders, 'of'>;
  readonly decoding: Decoding;
  readonly forecast: Forecast | null;
  /** Folder of the run. */
  readonly run: string;
}

/** Why classes of a run are where they are, each in one sentence: the first that `dsc-train explain` says of it. */
export function whyOf(
  { corpora, tagger, decoders, decoding, forecast, run }: Ended,
  facts: Pick<RunResult, 'config' | 'data' | 'decode' | 'metric' | 'history' | 'best' | 'stopped' | 'dev' | 'test'>,
  classes: readonly string[],
): string[] {
  const { train, dev, test, vocab, features } = corpora;
  const seen = (split: Split): Look => ({ corpus: split.corpus, decoder: () => decoders.of(split.encoded) });
  const evidenceOf = measure({
    ...{ run, facts, train, dev: seen(dev), test: test && seen(test), forecast },
    model: {
      tagger,
      decoding,
      labels: vocab.labels,
      encode: (sentences) => encode({ sentences }, vocab, features.columns),
    },
  });
  const found = classes.map((name) => diagnose(evidenceOf(name)));
  // of classes with one reason it is told once
  const byReason = groupBy(found, ({ name, answers }) => answers[0]?.because ?? name);
  return [...byReason.values()].map((alike) => {
    const [first, ...others] = alike;
    const names = others.map(({ name }) => typeTitle(name));
    return `${first?.sentence ?? ''}${names.length > 0 ? ` (the same of ${names.join(', ')})` : ''}`;
  });
}
