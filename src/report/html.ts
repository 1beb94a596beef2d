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
  return new Html(strings.reduce((all, text, i) => all + markupOf(values[i - 1]) + text));
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
  readonly svg: string;
  readonly table: Table;
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
export function pageHtml({ title, lead, sections, footer, style = '', script }: Page): string {
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

/** Scrolls sideways on its own where it is too wide, by keyboard too. */
export function tableHtml({ caption, head, rows }: Table): Html {
  const isNumber = head.map((_, c) => rows.length > 0 && rows.every((row) => looksNumeric(row[c])));
  const kind = (c: number): Html | undefined => (isNumber[c] ? html` class="number"` : undefined);
  const cell = (content: Content, c: number): Html =>
    c === 0 ? html`<th scope="row" ${kind(c)}>${content}</th>` : html`<td${kind(c)}>${content}</td>`;
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0">
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${head.map((name, c) => html`<th scope="col" ${kind(c)}>${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${row.map(cell)}
            </tr> `,
        )}
      </tbody>
    </table>
  </div> `;
}

/** `1,234`, `-0.5`, `93.3 %`, `13.9 : 1`, a dash or nothing: cells that line up at their right side. */
function looksNumeric(content: Content): boolean {
  if (typeof content === 'number' || content === undefined) return true;
  return typeof content === 'string' && /^([-+\u2212]?[\d,.]+( ?%| : 1)?|-|)$/.test(content);
}

/** The picture is one image to a screen reader; its numbers follow as a table that anybody may open. */
export function figureHtml({ id, title, description, svg, table }: Figure): Html {
  return html`<figure id="${id}" aria-labelledby="${id}-title">
    <figcaption id="${id}-title">${title}</figcaption>
    <div class="chart" role="img" aria-labelledby="${id}-title" aria-describedby="${id}-text">${new Html(svg)}</div>
    <p id="${id}-text" class="note">${description}</p>
    <details>
      <summary>Numbers of “${title}”</summary>
      ${tableHtml(table)}
    </details>
  </figure> `;
}
