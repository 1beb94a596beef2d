import { createHash } from 'node:crypto';
import { present } from '../errors';
import { visibleLines } from '../wording';
import { STYLE } from './style';

/** Markup that needs no escaping any more. Made by `html` alone, so that text from a corpus cannot become markup. */
export class Html {
  constructor(readonly markup: string) {}
}

/** What a template takes: text is escaped, markup stands as it is, lists are joined, and nothing is left out for undefined. */
export type Content = string | number | Html | undefined | readonly Content[];

/** A template whose every value is escaped unless it is markup already. */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Html {
  return new Html(unindented(strings).reduce((all, text, i) => all + markupOf(values[i - 1]) + text));
}

const known = new WeakMap<TemplateStringsArray, readonly string[]>();

/** The parts of a template without the indentation that they have in the source: a fifth of a page. */
function unindented(strings: TemplateStringsArray): readonly string[] {
  const found = known.get(strings) ?? strings.map((text) => text.replace(/\n\s*/g, '\n'));
  known.set(strings, found);
  return found;
}

function markupOf(content: Content): string {
  if (content === undefined) return '';
  if (content instanceof Html) return content.markup;
  if (typeof content === 'object') return content.map(markupOf).join('');
  return escapeText(String(content));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For text and attribute values. What cannot be seen, above all what no document may hold, is shown as its escape. */
export function escapeText(text: string): string {
  return visibleLines(text).replace(/[&<>"']/g, (char) => present(ENTITIES[char], 'entity'));
}

export interface Table {
  readonly caption: string;
  readonly head: readonly string[];
  /** The first cell names its row. Numbers stand to the right. */
  readonly rows: readonly (readonly Content[])[];
}

/** A chart as a picture, in words, and as numbers. */
export interface Figure {
  /** Unique in its page: a letter, then letters, digits and hyphens. */
  readonly id: string;
  readonly title: string;
  /** What a person who cannot see it should know. */
  readonly description: string;
  readonly body: Html;
  /** Its numbers, where they do not stand in the picture. */
  readonly table?: Table;
}

export interface Section {
  /** Unique in its page: a letter, then letters, digits and hyphens. */
  readonly id: string;
  readonly title: string;
  readonly body: readonly Html[];
}

export interface Page {
  readonly title: string;
  /** Stands under the title. */
  readonly lead: Content;
  /** Stands under the lead, smaller. */
  readonly note?: Content;
  readonly sections: readonly Section[];
  /** How the page was made. */
  readonly footer: Content;
  /** Beside the style sheet of every page. */
  readonly style?: string;
  /** The one script that the page may run. */
  readonly script?: PageScript;
}

export interface PageScript {
  readonly code: string;
  /** Bytes that it finds, in base64, as the text of the element of this id. */
  readonly carried: { readonly id: string; readonly bytes: Uint8Array };
}

/** A whole document in one file: no script but its own, and a policy that forbids every request. */
export function pageHtml({ title, lead, note, sections, footer, style = '', script }: Page): string {
  const allowed = script ? `; script-src 'sha256-${createHash('sha256').update(script.code).digest('base64')}'` : '';
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'; img-src data:${new Html(allowed)}"
        />
        <link rel="icon" href="data:," />
        <title>${title}</title>
        <style>
          ${new Html(STYLE + style)}
        </style>
      </head>
      <body>
        <a class="skip" href="#main">Skip to the content</a>
        <header>
          <h1>${title}</h1>
          <p>${lead}</p>
          ${note === undefined ? undefined : html`<p class="note">${note}</p>`}
        </header>
        <nav aria-label="Contents">
          <ul>
            ${sections.map((section) => html`<li><a href="#${section.id}">${section.title}</a></li> `)}
          </ul>
        </nav>
        <main id="main" tabindex="-1">${sections.map(sectionHtml)}</main>
        <footer>
          <p>${footer}</p>
        </footer>
        ${script && scriptHtml(script)}
      </body>
    </html> `;
  return `${page.markup.trimEnd()}\n`;
}

/** @throws Error where the code could end its element: a bundler escapes that in texts */
function scriptHtml({ code, carried }: PageScript): Html {
  if (/<\/script|<!--/i.test(code)) throw new Error('page: its script holds what ends a script');
  const base64 = Buffer.from(carried.bytes.buffer, carried.bytes.byteOffset, carried.bytes.byteLength).toString(
    'base64',
  );
  return new Html(
    `<script type="application/octet-stream" id="${carried.id}">${base64}</script>\n<script>${code}</script>`,
  );
}

function sectionHtml({ id, title, body }: Section): Html {
  return html`<section aria-labelledby="${id}">
    <h2 id="${id}" tabindex="-1">${title}</h2>
    ${body}
  </section> `;
}

/** Widths in pixels that a table may have: on a telephone of 400, on a screen of 1280. */
const [NARROW, WIDE] = [352, 1150];
/** Longer cells are prose, which may be broken into lines. */
const PROSE = 30;

/**
 * Nothing scrolls sideways, and no number is broken in two: where the cells of a row do not fit beside each other, they follow one
 * another with the names of their columns, on a telephone (`stack`) or everywhere (`stack tall`).
 */
export function tableHtml({ caption, head, rows }: Table): Html {
  const isNumber = head.map((_, c) => rows.length > 0 && rows.every((row) => looksNumeric(row[c])));
  const letters = head.map((name, c) =>
    Math.max(1.15 * longestWord(name), ...rows.map((row) => Math.min(PROSE, textOf(row[c]).length))),
  );
  const width = (letter: number, padding: number): number =>
    letters.reduce((all, count) => all + count * letter + padding, 0);
  const tall = width(7.6, 18) > WIDE;
  const stack = tall || width(7.2, 14) > NARROW;
  const kind = (c: number, content: Content): Html | undefined => {
    const names = [...(isNumber[c] ? [] : ['t']), ...(textOf(content).length > PROSE ? ['prose'] : [])].join(' ');
    return names === '' ? undefined : html` class="${names}"`;
  };
  const cell = (content: Content, c: number): Html =>
    c === 0
      ? html`<th scope="row" ${kind(c, content)}${stack ? html` data-l="${head[c]}"` : undefined}>${content}</th>`
      : html`<td${kind(c, content)}${stack ? html` data-l="${head[c]}"` : undefined}>${content}</td>`;
  const names = head.map(
    (name, c) => html`<th scope="col" ${isNumber[c] ? undefined : html` class="t"`}>${breakable(name)}</th>`,
  );
  const body = rows.map(
    (row) =>
      html`<tr>
        ${row.map(cell)}
      </tr> `,
  );
  return html`<table${stack ? html` class="stack${tall ? ' tall' : ''}"` : undefined}>
<caption>${caption}</caption>
<thead><tr>${names}</tr></thead>
<tbody>
${body}</tbody>
</table>
`;
}

/** Where a name may be broken: behind what joins its parts, and where camels have humps. */
const JOINTS = /(?<=[:=+,/@])(?=\S)|(?<=[a-z])(?=[A-Z])/;

/** Text with its flags of the command line, none of which is broken behind its hyphens. */
export const flagged = (text: string): Html =>
  html`${text.split(/(--[a-z][\w-]*)/).map((part, i) => (i % 2 === 1 ? html`<span class="flag">${part}</span>` : part))}`;

/** A name that may be broken where its parts meet, and nowhere else. */
export const breakable = (name: string): Html =>
  html`${name.split(JOINTS).map((part, i) => html`${i > 0 ? html`<wbr />` : undefined}${part}`)}`;

const longestWord = (text: string): number =>
  Math.max(...text.split(' ').flatMap((word) => word.split(JOINTS).map((part) => part.length)));

const textOf = (content: Content): string =>
  content instanceof Html ? content.markup.replace(/<[^>]*>/g, '') : markupOf(content);

/** `1,234`, `-0.5`, `93.3 %`, `13.9 : 1`, `80.32 ± 0.88`, `-1.2..3.4`, a dash or nothing: cells that line up at their right side. */
function looksNumeric(content: Content): boolean {
  if (typeof content === 'number' || content === undefined) return true;
  return typeof content === 'string' && /^([-+\u2212]?[\d,.]+( ?%| : 1| ± [\d.]+|\.\.-?[\d.]+)?|-|)$/.test(content);
}

/** A picture, what it says in words, and where they do not stand in it, its numbers as a table that anybody may open. */
export function figureHtml({ id, title, description, body, table }: Figure): Html {
  return html`<figure id="${id}" aria-labelledby="${id}-title" aria-describedby="${id}-text">
    <figcaption id="${id}-title">${title}</figcaption>
    ${body}
    <p id="${id}-text" class="note">${description}</p>
    ${table && foldHtml(`Numbers of \u201c${title}\u201d`, [tableHtml(table)])}
  </figure> `;
}

/** What a reader may open. */
export const foldHtml = (summary: Content, body: Content): Html =>
  html`<details>
    <summary>${summary}</summary>
    ${body}
  </details> `;
