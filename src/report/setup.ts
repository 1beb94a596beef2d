import type { Split } from '../run/corpora';
import { lossSpec, type ParamValues } from '../losses';
import type { RunSetup } from '../run';
import { count } from '../numbers';
import { visible } from '../visible';

/** What is about to be trained on what, where and why: printed before the first epoch. */
export function setupText({ config, corpora, engine, folder, weights }: RunSetup): string {
  const { name, ...params } = config.loss;
  const { title, formula } = lossSpec(name);
  const versions = Object.entries(engine.versions).map(([library, version]) => `${library} ${version}`);
  const lines = [
    ...[corpora.train, corpora.dev, corpora.test].flatMap((split) => (split ? splitLines(split) : [])),
    `tagger: ${count(weights, 'weight')}, ${count(corpora.vocab.wordCount, 'word')}, ${count(corpora.vocab.labels.length, 'label')}, seed ${config.seed}`,
    `loss ${name}: ${title}, ${formula}`,
    ...parameterLines(params),
    `engine ${engine.name}: ${engine.device}, ${count(engine.threads, 'thread')}, ${versions.join(', ')} (${engine.why})`,
    ...engine.warnings.map((message) => `  warning: ${message}`),
    `run folder ${folder}`,
  ];
  return lines.map((line) => `${visible(line.trimEnd())}\n`).join('');
}

function parameterLines(params: ParamValues): string[] {
  const text = Object.entries(params).map(
    ([key, value]) => `${key} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`,
  );
  return text.length > 0 ? [`  ${text.join(', ')}`] : [];
}

function splitLines({ name, corpus, encoded }: Split): string[] {
  const { sentences, tokens, scheme, format, warnings } = corpus;
  const unseen = encoded.unknownLabels.map(({ label, count: tokensOf }) => `${label} (${tokensOf})`);
  return [
    `${name}: ${count(sentences.length, 'sentence')}, ${count(tokens, 'token')}, ${format.name}, tags ${scheme.name} (${scheme.why})`,
    ...warnings.map(({ line, message }) => `  warning: ${name}:${line}: ${message}`),
    ...(unseen.length > 0
      ? [`  warning: ${name}: labels that training never saw, counted as missed: ${unseen.join(', ')}`]
      : []),
  ];
}
