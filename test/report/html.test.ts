import { breakable, escapeText, figureHtml, flagged, html, pageHtml, tableHtml } from '../../src/report/html';
import { DARK, LIGHT, themeVariables } from '../../src/report/palette';

/** Blanks between tags mean nothing. */
const squeeze = (markup: string): string =>
  markup
    .replace(/\s+/g, ' ')
    .replace(/> </g, '><')
    .replace(/ ?([<>]) ?/g, '$1');

describe('html', () => {
  it('escapes every value but markup', () => {
    expect(html`<p title="${'"\''}">${'<b>&'}${html`<i>${'<'}</i>`}${undefined}${[1, '>']}</p>`.markup).toBe(
      '<p title="&quot;&#39;">&lt;b&gt;&amp;<i>&lt;</i>1&gt;</p>',
    );
  });

  it('shows what a document may not hold, and what cannot be seen, as an escape', () => {
    expect(escapeText('a\u0000b\u001bc\u0085d\te\n')).toBe('a\\u0000b\\u001bc\\u0085d\\te\n');
  });

  it('names the rows and columns of a table, and lines numbers up', () => {
    const markup = squeeze(
      tableHtml({
        caption: 'C<',
        head: ['class', 'n', 'why'],
        rows: [
          ['PER', '1,234', 'x'],
          ['LOC', '-', '7'],
        ],
      }).markup,
    );
    expect(markup).toContain('<caption>C&lt;</caption>');
    expect(markup).toContain(
      '<th scope="col" class="t">class</th><th scope="col">n</th><th scope="col" class="t">why</th>',
    );
    expect(markup).toContain('<th scope="row" class="t">PER</th><td>1,234</td><td class="t">x</td>');
  });

  it('breaks a name where its parts meet, and no flag behind its hyphens', () => {
    const parts = (name: string): string[] => breakable(name).markup.split(/<wbr ?\/>/);
    expect(parts('dl@learningRate=1e-9')).toEqual(['dl@', 'learning', 'Rate=', '1e-9']);
    expect(parts('ce+log-dice')).toEqual(['ce+', 'log-dice']);
    expect(flagged('try --loss wce <b>').markup).toBe('try <span class="flag">--loss</span> wce &lt;b&gt;');
  });

  it('stacks the cells of rows that do not fit a telephone, with the names of their columns, and of those that fit no screen', () => {
    const wide = (columns: number): string =>
      tableHtml({
        caption: 'C',
        head: Array.from({ length: columns }, (_, c) => `head ${c}`),
        rows: [Array.from({ length: columns }, () => '12.34 ± 5.67')],
      }).markup;
    expect(wide(3)).toContain('<table>');
    expect(wide(3)).not.toContain('data-l');
    expect(wide(8)).toContain('<table class="stack">');
    expect(wide(8)).toContain('data-l="head 7">12.34 ± 5.67');
    expect(wide(20)).toContain('<table class="stack tall">');
  });

  it('keeps the blanks of a value, and leaves out those of the source', () => {
    const text = 'a\n    b';
    expect(
      html`<pre>${text}</pre>
        <p></p>`.markup,
    ).toBe(`<pre>${text}</pre>\n<p></p>`);
  });

  it('gives a figure a name, a description and its numbers', () => {
    const table = { caption: 'T', head: ['a'], rows: [['b']] };
    const body = html`<svg></svg>`;
    const markup = squeeze(figureHtml({ id: 'f', title: 'Title', description: 'Words', body, table }).markup);
    expect(markup).toContain('<figure id="f" aria-labelledby="f-title" aria-describedby="f-text">');
    expect(markup).toContain('<figcaption id="f-title">Title</figcaption>');
    expect(markup).toMatch(/<details>[^]*<caption>T<\/caption>[^]*<\/details>/);
  });

  it('makes a page with landmarks, contents and a policy against requests', () => {
    const page = squeeze(
      pageHtml({
        title: '<T>',
        lead: 'L',
        sections: [{ id: 's', title: 'S', body: [html`<p>B</p>`] }],
        footer: 'F',
      }),
    );
    expect(page).toContain('<title>&lt;T&gt;</title>');
    expect(page).toContain("default-src 'none'");
    expect(page).toContain('<li><a href="#s">S</a></li>');
    expect(page).toMatch(/<section aria-labelledby="s"><h2 id="s"[^>]*>S<\/h2><p>B<\/p><\/section>/);
    for (const landmark of ['header', 'nav', 'main', 'footer']) expect(page.split(`<${landmark}`)).toHaveLength(2);
    expect(page).not.toContain('<script');
  });
});

/** Relative luminance and contrast: WCAG 2.2. */
function contrast(a: string, b: string): number {
  const luminance = (colour: string): number => {
    const channels = [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16) / 255);
    const [r, g, bl] = channels.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * bl;
  };
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

describe.each([
  ['light', LIGHT],
  ['dark', DARK],
])('%s theme', (_, theme) => {
  it('has readable text', () => {
    const { paper, panel, ink, muted, link, error, warning, better, worse, heat } = theme;
    for (const colour of [ink, muted, link, error, warning, better, worse])
      expect(contrast(colour, paper)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(ink, panel)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(ink, heat)).toBeGreaterThanOrEqual(4.5);
  });

  it('has series that stand out from the paper and differ', () => {
    for (const colour of theme.series) expect(contrast(colour, theme.paper)).toBeGreaterThanOrEqual(3);
    expect(new Set(theme.series).size).toBe(LIGHT.series.length);
  });

  it('is CSS variables', () => {
    expect(themeVariables(theme)).toContain(`--ink:${theme.ink};`);
    expect(themeVariables(theme)).toContain(`--s7:${theme.series[7]}`);
  });
});
