import { basename } from 'node:path';
import { tagReaderOf, taggingText } from '../data/tagging';
import { decodeText } from '../heads/decoding';
import type { Report } from '../metrics/scores';
import { type Setting, SETTINGS } from '../features';
import { type CorpusSummary, lossOfResult, type RunResult } from '../run/result';
import { typeTitle } from '../schemes';
import { count, percent, quotedForShell, whole } from '../wording';
import { inOneLine } from '../warnings';
import { cell, reportMarkdown, table } from './summary';

/** What a card is about. */
export interface Card {
  readonly name: string;
  /** Of the checkpoint, in hex. */
  readonly sha256: string;
  readonly result: RunResult;
}

/**
 * A model card in Markdown with the header that Hugging Face reads. Nothing in it is made up: language and licence, which no run
 * knows, are left to whoever publishes the tagger, and said to be.
 * Source: https://huggingface.co/docs/hub/model-cards
 */
export function cardMarkdown({ name, sha256, result }: Card): string {
  const { data, config } = result;
  const isEntities = result.dev.entities !== null;
  const { title } = lossOfResult(result);
  const kind = isEntities ? 'Entities' : 'Tags (each for itself, as parts of speech)';
  const parts = [
    header({ name, sha256, result }),
    `# ${cell(name)}`,
    `${kind} by a BiLSTM tagger that \`dsc-train\` ${cell(result.version)} trained with the loss \`${config.loss.name}\` (${cell(title)}).`,
    '## Scores',
    ...(result.test ? ['### Test', reportMarkdown(result.test)] : []),
    '### Dev',
    'Dev chose the epoch: these scores flatter the tagger.',
    reportMarkdown(result.dev),
    '## Data',
    dataMarkdown(data),
    '### Imbalance',
    imbalanceMarkdown(data.train, isEntities),
    '## Training',
    trainingMarkdown(result),
    '## What to know before believing it',
    result.warnings.length === 0
      ? 'The run had no warning.'
      : result.warnings.map((warning) => `- \`${warning.code}\`: ${cell(inOneLine(warning))}`).join('\n'),
    '## Use',
    fence('sh', `dsc-train tag ${quotedForShell(name)} FILE`),
    `The checkpoint's SHA-256 is \`${sha256}\`. \`dsc-train export\` writes it for other programs.`,
    '## Licence and language',
    'Neither is stated here: a run knows neither. Both depend on the training data; whoever publishes the tagger adds `license:` and `language:` to the header.',
  ];
  return `${parts.join('\n\n')}\n`;
}

/** A value of the header: maps and lists of texts and numbers. */
type Yaml = string | number | readonly Yaml[] | { readonly [key: string]: Yaml };

function header({ name, sha256, result }: Card): string {
  const splits = (['test', 'dev'] as const).flatMap((split) => {
    const [report, summary] = [result[split], result.data[split]];
    return report && summary ? [{ split, report, summary }] : [];
  });
  const results = splits.map(({ split, report, summary }) => ({
    task: { type: 'token-classification', name: report.entities ? 'Named entity recognition' : 'Token tagging' },
    dataset: {
      type: basename(summary.path),
      name: basename(summary.path),
      split,
      args: { sha256: summary.sha256 },
    },
    metrics: metricsOf(report),
  }));
  const yaml = {
    library_name: 'dsc-train',
    pipeline_tag: 'token-classification',
    tags: [...(result.dev.entities ? ['named-entity-recognition'] : []), 'sequence-labelling', 'bilstm', result.config.loss.name],
    'model-index': [{ name, results }],
  }; // prettier-ignore
  const comment = [
    '# license: (not known to the run: it depends on the training data)',
    '# language: (not known to the run)',
    `# checkpoint SHA-256: ${sha256}`,
  ];
  return ['---', ...yamlLines(yaml), ...comment, '---'].join('\n');
}

/** The averages as Hugging Face shows them, as fractions. */
function metricsOf({ entities, tags, accuracy, convention }: Report): Record<string, Yaml>[] {
  const { micro, macro } = entities ?? tags;
  const what = entities ? `entities, ${convention}` : 'tags';
  const averages = (['precision', 'recall', 'f1'] as const).flatMap((key) => [
    { type: key, name: `Micro ${key} (${what})`, value: micro[key] },
    { type: key, name: `Macro ${key} (${what}, ${macro.classes} classes in gold)`, value: macro[key] },
  ]);
  return [...averages, { type: 'accuracy', name: 'Accuracy (tokens)', value: accuracy }];
}

/** Block style; texts are double-quoted, in which every text can stand, and keys are ours. */
function yamlLines(value: Yaml, indent = ''): string[] {
  if (Array.isArray(value)) {
    return (value as readonly Yaml[]).flatMap((item) => {
      const [first = '', ...rest] = yamlLines(item, `${indent}  `);
      return [`${indent}- ${first.slice(indent.length + 2)}`, ...rest];
    });
  }
  if (typeof value !== 'object') return [indent + scalar(value)];
  return Object.entries(value as Readonly<Record<string, Yaml>>).flatMap(([key, item]) =>
    typeof item === 'object' ? [`${indent}${key}:`, ...yamlLines(item, `${indent}  `)] : [`${indent}${key}: ${scalar(item)}`],
  ); // prettier-ignore
}

/** JSON's texts are YAML's, once characters that YAML does not print are escaped as well. */
const scalar = (value: string | number): string =>
  typeof value === 'number'
    ? String(value)
    : JSON.stringify(value).replace(
        /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
        (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
      );

/** What every file was, with the hash by which anybody can tell whether theirs is the same. */
function dataMarkdown({ train, dev, test }: RunResult['data']): string {
  const rows = Object.entries({ train, dev, test }).flatMap(([split, summary]) =>
    summary === null
      ? []
      : [
          [
            split,
            cell(basename(summary.path)),
            whole(summary.sentences),
            whole(summary.tokens),
            split === 'train' ? '' : percent(summary.tokens === 0 ? 0 : summary.unknownWords / summary.tokens),
            `\`${summary.sha256}\``,
          ],
        ],
  );
  const read = `Read as ${cell(train.format)}, tags ${cell(taggingText(train.tagging))}, token column ${train.columns.token}, tag column ${train.columns.tag}.`;
  return [
    table(['split', 'file', 'sentences', 'tokens', 'words not in train (%)', 'SHA-256'], rows),
    '',
    read,
    ...(test === null ? ['', 'There was no test file: no score here is of text that no choice was made with.'] : []),
  ].join('\n');
}

/** Shares of the classes in the training file, the commonest first. */
function imbalanceMarkdown({ classes, labels, tokens, tagging }: CorpusSummary, isEntities: boolean): string {
  const all = Object.values(classes).reduce((sum, n) => sum + n, 0);
  const rows = Object.entries(classes)
    .sort(([, a], [, b]) => b - a)
    .map(([name, n]) => [cell(typeTitle(name)), whole(n), percent(all === 0 ? 0 : n / all)]);
  const tagged = table([isEntities ? 'entities of' : 'tag', 'in train', 'share (%)'], rows);
  if (!isEntities) return tagged;
  const outside = labels[tagReaderOf(tagging).labelText('O')] ?? 0;
  const inside = tokens - outside;
  return [
    `Of ${count(tokens, 'training token')} ${whole(inside)} belong to an entity, ${whole(outside)} to none${inside === 0 ? '' : `: ${(outside / inside).toFixed(1)} to 1`}.`,
    '',
    tagged,
  ].join('\n');
}

function trainingMarkdown({
  config,
  engine,
  history,
  best,
  metric,
  stopped,
  decode,
  weights,
  timing,
  initFrom,
  lossFile,
  version,
}: RunResult): string {
  const { name, ...params } = config.loss;
  const { formula } = lossOfResult({ config, ...(lossFile && { lossFile }) });
  const versions = Object.entries(engine.versions).map(([library, of]) => `${library} ${of}`);
  const rows: [string, string][] = [
    ['loss', `${name}: ${formula}`],
    ['parameters of the loss', Object.entries(params).map(([key, value]) => `${key} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`).join(', ') || 'none'],
    ['tagger', `${count(weights, 'weight')}; ${count(config.model.layers, 'BiLSTM layer')} of ${config.model.hidden} units a direction, head ${config.model.head}`],
    ['decoding', decodeText(decode)],
    ['optimiser', `Adam, learning rate ${config.train.learningRate}, schedule ${config.train.schedule}, ${config.train.batchTokens} tokens in a batch`],
    ['epochs', `${history.length} (${stopped === 'patience' ? 'dev grew no better' : 'all done'}); the best is ${best.epoch}, ${metric} on dev ${percent(best.score)}`],
    ['seed', String(config.seed)],
    ...(initFrom ? [['begun from', `${initFrom.run} (SHA-256 ${initFrom.sha256})`] as [string, string]] : []),
    ['engine', `${engine.name}: ${engine.device}, ${count(engine.threads, 'thread')}`],
    ['versions', [`dsc-train ${version}`, ...versions].join(', ')],
    ['time', `${Math.round(timing.seconds)} s, begun ${timing.started}`],
  ]; // prettier-ignore
  return [
    rows.map(([what, text]) => `- **${what}**: ${cell(text)}`).join('\n'),
    '',
    'The whole config, of files the names alone:',
    '',
    fence('json', JSON.stringify(withoutFolders(config), null, 2)),
  ].join('\n');
}

/** Settings that are paths. */
const PATHS = new Set([
  ...['train', 'dev', 'test', 'initFrom'],
  ...Object.entries<Setting>(SETTINGS).flatMap(([name, { type }]) => (type === 'file' ? [name] : [])),
]);

/** A config without where files lay and the run went: it is published. */
function withoutFolders(config: RunResult['config']): object {
  return JSON.parse(
    JSON.stringify({ ...config, out: undefined }, (key, value: unknown) =>
      PATHS.has(key) && typeof value === 'string' && !/^(npm|bundled):/.test(value) ? basename(value) : value,
    ),
  ) as object;
}

/** A block of code, whatever stands in it. */
function fence(language: string, text: string): string {
  const longest = Math.max(2, ...Array.from(text.matchAll(/`+/g), ([ticks]) => ticks.length));
  const ticks = '`'.repeat(longest + 1);
  return `${ticks}${language}\n${text}\n${ticks}`;
}
