/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { existsSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';

/** Debian's browser, or the one that CHROMIUM names. */
export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Skips in sight: the reason stands in the name of the suite. */
export const describeInBrowser = existsSync(CHROMIUM)
  ? (name: string, body: () => void): void => describe(name, body)
  : (name: string, body: () => void): void =>
      describe.skip(`${name} [skipped: no browser at ${CHROMIUM}; install chromium or set CHROMIUM]`, body);

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const THEMES = ['light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, timeout: 30_000, args: FLAGS });
}

export interface Loaded {
  readonly page: Page;
  /** What the page said on its console, threw, or asked of the network. */
  readonly complaints: readonly string[];
}

/** Opens a document and collects everything that a quiet, self-contained page would not do. */
export async function load(browser: Browser, markup: string, theme: Theme, width = 1100): Promise<Loaded> {
  const page = await browser.newPage({ colorScheme: theme, viewport: { width, height: 900 } });
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(`console ${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('request', (request) => {
    if (request.url() !== ADDRESS) complaints.push(`request: ${request.url()}`);
  });
  // A real navigation, so that the page's own policy holds; setContent would run a script of ours in it.
  await page.route('**/*', (route) =>
    route.request().url() === ADDRESS
      ? route.fulfill({ contentType: 'text/html; charset=utf-8', body: markup })
      : route.abort(),
  );
  await page.goto(ADDRESS, { waitUntil: 'load' });
  return { page, complaints };
}

const ADDRESS = 'http://report.test/';

/** What a reader of the page as it stands would stumble over: things cut at the right edge, numbers in two lines, letters too small. */
export function faults(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const seen = [...document.querySelectorAll('body *')].filter((node) => node.checkVisibility());
    const name = (node: Element): string => `${node.tagName} ${node.textContent.trim().slice(0, 40)}`;
    const hasText = (node: Element): boolean =>
      [...node.childNodes].some(({ nodeType, nodeValue }) => nodeType === 3 && (nodeValue ?? '').trim() !== '');
    const cut = seen.filter((node) => node.getBoundingClientRect().right > width + 0.5);
    const scrolled = seen.filter((node) => node.scrollWidth > node.clientWidth + 1 && getComputedStyle(node).overflowX !== 'visible'); // prettier-ignore
    const over = [...document.querySelectorAll('table, figure, .panel')].filter((node) => {
      const parent = node.parentElement;
      return (
        parent &&
        node.checkVisibility() &&
        node.getBoundingClientRect().right > parent.getBoundingClientRect().right + 0.5
      );
    });
    const small = seen.filter((node) => {
      const svg = node.closest('svg');
      const scale = svg ? svg.getBoundingClientRect().width / svg.viewBox.baseVal.width : 1;
      return hasText(node) && scale * parseFloat(getComputedStyle(node).fontSize) < 11.95;
    });
    const broken = [...document.querySelectorAll('td, tbody th')].filter((cell) => {
      if (!cell.checkVisibility() || cell.matches('.prose, .long')) return false;
      const range = document.createRange();
      range.selectNodeContents(cell);
      return cell.textContent.trim().length <= 24 && range.getBoundingClientRect().height > 30;
    });
    const wide = document.documentElement.scrollWidth - width;
    return [
      ...(wide > 0 ? [`the page scrolls sideways by ${wide}`] : []),
      ...cut.map((node) => `cut: ${name(node)}`),
      ...scrolled.map((node) => `scrolls: ${name(node)}`),
      ...over.map((node) => `over its neighbour: ${name(node)}`),
      ...small.map((node) => `small: ${name(node)}`),
      ...broken.map((node) => `broken: ${name(node)}`),
    ];
  });
}
