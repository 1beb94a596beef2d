import { basename, join } from 'node:path';
import { decodeCheckpoint, encodeCheckpoint } from '../checkpoint';
import { PACKED } from '../checkpoint/sections';
import { tagReaderOf, taggingText } from '../data/tagging';
import type { Vocab } from '../data/vocab';
import { UserError } from '../errors';
import { exists, readBytes } from '../files';
import { type DecodeSettings, decodeText } from '../heads';
import { weightCount } from '../model/spec';
import { VERSION } from '../package';
import { html, type Html, pageHtml, type Section, tableHtml } from '../report/html';
import { decodingOfRun } from '../run/decoding';
import type { RunResult } from '../run/result';
import { taggingOf, WEIGHTS } from '../run/saved';
import { splitTag, typeTitle } from '../schemes';
import { TOKENISERS, type TokeniserName } from '../spans/text';
import { warning } from '../warnings';
import { count, percent, someOf, whole } from '../wording';
import type { ExportSettings, Made } from './format';
import type { Source } from './source';

/** What runs in the page, bundled when the program is built. Both src/ and dist/ lie one level below the manifest. */
const SCRIPT = join(__dirname, '../../dist/browser/page.mjs');

/** No browser opens a page much larger in passing. */
const LARGEST = 200e6;

/**
 * One page that tags what is typed, without any network: the tagger, our own kernels as the browser build has them, and what the run
 * says of it.
 */
export async function web(source: Source, { decoding: told }: ExportSettings): Promise<Made> {
  if (!(await exists(SCRIPT)))
    throw new UserError(`${SCRIPT}: the script of the page was not built`, 'in a checkout: npm run build');
  const code = (await readBytes(SCRIPT)).toString('utf8');
  const decoding = decodingOfRun(source.tagger, told);
  const bytes = await carriedBytes(source, decoding);
  if (bytes.length > LARGEST)
    throw new UserError(
      `${source.path}: the tagger takes ${whole(bytes.length / 1e6)} MB, and a page carries ${whole(LARGEST / 1e6)} MB at the most`,
      'train a smaller one, or load the checkpoint with dsc-train/browser in a page of your own',
    );
  const { result, note } = await scoresOf(source);
  const page = pageHtml({
    title: `Tagger ${source.name}`,
    lead: leadOf(source),
    sections: [tryIt(source), ...(result ? [scores(result, decoding)] : []), about(source, result, decoding)],
    footer: `Made by dsc-train ${VERSION} of checkpoint ${source.sha256.slice(0, 12)}. Nothing that is typed leaves this page.`,
    style: STYLE,
    script: { code, carried: { id: 'checkpoint', bytes } },
  });
  const { meta, features } = source.tagger;
  const vectors = meta.packed === undefined ? features.files.find(({ key }) => key === 'model.vectors') : undefined;
  return {
    contents: [page],
    notes: note === null ? [] : [note],
    warnings: vectors ? [warning('vectors-left-out', { path: vectors.path })] : [],
  };
}

/** The checkpoint as it is; or, where it holds a training or is to choose tags otherwise, one of the tagger alone. */
async function carriedBytes({ path, tagger }: Source, { method, outsideBias }: DecodeSettings): Promise<Uint8Array> {
  const bytes = await readBytes(path);
  if (tagger.meta.training === undefined && decodeText(tagger.decoding) === decodeText({ method, outsideBias }))
    return bytes;
  const { sections, meta } = await decodeCheckpoint([bytes], bytes.length, path);
  const rest = { ...(meta as object), training: undefined };
  const own = sections.filter(({ name }) => name.startsWith(WEIGHTS) || name.startsWith(PACKED));
  return Buffer.concat(encodeCheckpoint(own, { ...rest, decoding: { method, outsideBias } }));
}

/** The scores are worth a section, and a tagger without them a page. */
async function scoresOf(source: Source): Promise<{ result: RunResult | null; note: string | null }> {
  try {
    return { result: await source.result(), note: null };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { result: null, note: `${error.message}: the page shows none` };
  }
}

/** Classes that a sentence names; the page lists all. */
const NAMED = 6;

function leadOf({ tagger: { meta, vocab } }: Source): string {
  if (meta.task === 'tags') return `Gives every token one of ${count(vocab.labels.length, 'tag')}.`;
  const types = [...new Set(vocab.labels.map((label) => splitTag(label).type))].filter((type) => type !== '');
  return `Finds ${someOf(types, NAMED)} in text.`;
}

/** Shares of the training tokens from which on a corpus is of one kind. */
const MOSTLY = 0.9;

/** How text is split that the tagger shall know, as far as its training tokens tell. */
function tokenisingOf(vocab: Vocab): { readonly tokeniser: TokeniserName; readonly note: string } {
  const shareOf = (pattern: RegExp): number => {
    let [fit, all] = [0, 0];
    for (const [word, times] of vocab.toJSON().words) {
      all += times;
      if (pattern.test(word)) fit += times;
    }
    return all === 0 ? 0 : fit / all;
  };
  if (shareOf(/^.[0-9]$/su) >= MOSTLY)
    return {
      tokeniser: 'blanks',
      note: 'Its training tokens are a character with a digit behind it, which no text shows: type tokens of that kind, with blanks between.',
    };
  const characters = shareOf(/^.$/su) >= MOSTLY;
  const kind = characters ? 'single characters' : 'words and punctuation marks, as a treebank has them';
  return {
    tokeniser: characters ? 'characters' : 'words',
    note: `Its training tokens are ${kind}: where text is split otherwise, as Unicode's rules may split an abbreviation or a clitic, it answers worse.`,
  };
}

function tryIt({ tagger: { meta, vocab } }: Source): Section {
  const { tokeniser: best, note } = tokenisingOf(vocab);
  const chunks = meta.task === 'chunks';
  const choice = ([name, { title }]: [string, { readonly title: string }]): Html =>
    html`<label
      ><input type="radio" name="tokeniser" value="${name}" ${name === best ? html`checked` : undefined} />
      ${title}</label
    >`;
  return {
    id: 'try',
    title: 'Try it',
    body: [
      html`<noscript><p class="error">The tagger is a script of this page: allow it to run.</p></noscript>
        <p><label for="text">Text</label></p>
        <textarea
          id="text"
          rows="5"
          disabled
          spellcheck="false"
          autocomplete="off"
          aria-describedby="splitting"
        ></textarea>
        <fieldset>
          <legend>Tokens are</legend>
          ${Object.entries(TOKENISERS).map(choice)}
        </fieldset>
        <p id="splitting" class="note">
          ${note} Running text is split into sentences; of tokens between blanks each line is a sentence.
        </p>
        <div id="tagged" role="group" aria-label="${chunks ? 'Tagged text' : 'Text with its tags'}"></div>
        <p id="state" role="status">The tagger is loading …</p>
        <ul id="warnings" class="warning"></ul>
        <h3>${chunks ? 'Entity types' : 'Tags'}</h3>
        <ul id="legend"></ul>
        <p class="note">
          The pointer, or the tab and arrow keys, show how probable
          ${chunks ? 'an entity and its tags are' : 'a tag is'} under the
          model${chunks ? '; an entity of less than 50 % has a dashed line' : ''}.
        </p>
        <details>
          <summary>All tokens</summary>
          <div class="scroll" role="region" aria-label="Tokens with tags and probabilities" tabindex="0">
            <table>
              <caption>
                Tokens
              </caption>
              <thead>
                <tr>
                  <th scope="col">sentence</th>
                  <th scope="col" class="t">token</th>
                  <th scope="col" class="t">tag</th>
                  <th scope="col">probability</th>
                </tr>
              </thead>
              <tbody id="tokens"></tbody>
            </table>
          </div>
        </details>`,
    ],
  };
}

/** Of the test file, or of dev where the run had none. */
function scores({ test, dev, data, decode }: RunResult, decoding: DecodeSettings): Section {
  const report = test ?? dev;
  const { path } = test ? (data.test ?? data.dev) : data.dev;
  const { classes, micro, macro } = report.entities ?? report.tags;
  return {
    id: 'scores',
    title: 'Scores of the run',
    body: [
      html`<p>
        ${test ? 'On the test file' : 'On the development file, which chose the epoch'} <code>${basename(path)}</code>:
        ${count(report.tokens, 'token')} in ${count(report.sentences, 'sentence')}, accuracy ${percent(report.accuracy)}
        %.
      </p>`,
      tableHtml({
        caption: report.entities ? 'Entities by type, in %' : 'Tokens by tag, in %',
        head: [report.entities ? 'type' : 'tag', 'precision', 'recall', 'F1', report.entities ? 'entities' : 'tokens'],
        rows: [
          ...classes.map((c) => [typeTitle(c.name), ...numbers(c), whole(c.support)]),
          ['micro average', ...numbers(micro), whole(micro.support)],
          [`macro average (${macro.classes})`, ...numbers(macro), undefined],
        ],
      }),
      html`<p class="note">Scored as <code>${report.signature}</code></p>`,
      ...(decodeText(decode) === decodeText(decoding)
        ? []
        : [
            html`<p class="note">
              Here tags are chosen by <code>${decodeText(decoding)}</code>, other than when these were scored.
            </p>`,
          ]),
    ],
  };
}

const numbers = ({ precision, recall, f1 }: { precision: number; recall: number; f1: number }): string[] =>
  [precision, recall, f1].map(percent);

function about({ tagger, sha256 }: Source, result: RunResult | null, decoding: DecodeSettings): Section {
  const { meta, features, vocab } = tagger;
  const { spec, trainedOn } = meta;
  const { labelText } = tagReaderOf(taggingOf(meta));
  const rows: [string, string][] = [
    ['trained on', `${trainedOn.path}, sha256 ${trainedOn.sha256}`],
    ...(result
      ? ([
          ['sentences', `${whole(result.data.train.sentences)}, ${count(result.data.train.tokens, 'token')}`],
          ['loss', result.config.loss.name],
          ['epochs', `${result.history.length}, the best ${result.best.epoch}`],
        ] satisfies [string, string][])
      : []),
    ['tags', `${taggingText(taggingOf(meta))}: ${vocab.labels.map(labelText).join(', ')}`],
    ['chosen by', decodeText(decoding)],
    ['head', spec.head],
    ['features', Object.keys(features.toJSON()).join(', ')],
    ['BiLSTM', `${count(spec.layers, 'layer')} of ${whole(spec.hidden)} units each way`],
    ['weights', whole(weightCount(spec))],
    ['checkpoint', `sha256 ${sha256}`],
  ];
  return {
    id: 'about',
    title: 'About the tagger',
    body: [tableHtml({ caption: 'What it is', head: ['property', 'value'], rows })],
  };
}

const STYLE = `
textarea{display:block;width:100%;font:inherit;color:inherit;background:var(--paper);border:1px solid var(--muted);border-radius:.3rem;padding:.5rem .75rem;resize:vertical}
label{font-weight:500}
fieldset{border:0;padding:0;margin:.75rem 0;display:flex;flex-wrap:wrap;gap:.25rem 1.25rem}
fieldset label{font-weight:400}
fieldset legend{padding:0;font-weight:500}
#state{min-height:1.5em;color:var(--muted)}
#state.error{color:var(--error)}
#tagged{line-height:2.1;overflow-wrap:anywhere}
.sentence{margin:.25rem 0;white-space:pre-wrap}
.entity{--own:var(--muted);color:inherit;background:color-mix(in srgb,var(--own) 18%,transparent);border-bottom:3px solid var(--own);border-radius:.2rem;padding:.1rem .25rem;box-decoration-break:clone;-webkit-box-decoration-break:clone}
.guess{border-bottom-style:dashed}
.type{margin-left:.35rem;font-size:.75rem;font-weight:600;letter-spacing:.02em;white-space:nowrap}
.token:hover{background:var(--panel)}
.scroll{overflow-x:auto}
section[aria-labelledby=about] td{overflow-wrap:anywhere}
@media(max-width:30rem){table{font-size:.875rem}th,td{padding:.25rem .35rem}}
#warnings{list-style:none;padding:0;font-weight:400}
#legend{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;list-style:none;padding:0}
.swatch{display:inline-block;width:1em;height:1em;vertical-align:-.12em;border-radius:.2rem;background:color-mix(in srgb,var(--own) 30%,transparent);border-bottom:3px solid var(--own)}
#hint{position:absolute;z-index:2;max-width:calc(100vw - 1rem);padding:.4rem .6rem;background:var(--ink);color:var(--paper);border-radius:.3rem;font-size:.875rem;line-height:1.4;pointer-events:none;overflow-wrap:anywhere}
#hint div:first-child{font-weight:600}
`;
