/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import type { Browser } from 'playwright-core';
import { inspect, nameFiles } from '../../src/inspect';
import { DARK, LIGHT } from '../../src/report/palette';
import { inspectionHtml } from '../../src/report/inspectHtml';
import { DEV, tempFiles, TRAIN } from '../inspect/corpora';
import { demoPage, FIGURES } from '../report/figures';
import { describeInBrowser, faults, launch, load, THEMES } from './browser';

const files = tempFiles();

describeInBrowser('pages in a browser', () => {
  let browser: Browser;
  let pages: Record<string, string>;

  beforeAll(async () => {
    const inspection = await inspect(nameFiles({}, [files.write('train', TRAIN), files.write('dev', DEV)]));
    pages = { charts: demoPage(), inspect: inspectionHtml(inspection, 'a test') };
    browser = await launch();
  });
  afterAll(() => (browser as Browser | undefined)?.close());

  const cases = THEMES.flatMap((theme) => ['charts', 'inspect'].map((name) => [name, theme] as const));

  it.each(cases)('%s in %s: no complaint, no request, the colours of the theme', async (name, theme) => {
    const { page, complaints } = await load(browser, pages[name], theme);
    const seen = await page.evaluate(() => ({
      paper: getComputedStyle(document.body).backgroundColor,
      ink: getComputedStyle(document.body).color,
      texts: [...document.querySelectorAll('svg text')].map((node) => getComputedStyle(node).fill),
      ids: [...document.querySelectorAll('[id]')].map((node) => node.id),
      references: [...document.querySelectorAll('[aria-labelledby],[aria-describedby]')].flatMap((node) =>
        ['aria-labelledby', 'aria-describedby'].flatMap((key) => node.getAttribute(key)?.split(' ') ?? []),
      ),
      links: [...document.querySelectorAll('a')].map((node) => node.getAttribute('href')?.slice(1)),
      charts: [...document.querySelectorAll('figure')].map((node) => node.getBoundingClientRect().height),
      wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    }));
    const colours = theme === 'light' ? LIGHT : DARK;
    expect(complaints).toEqual([]);
    expect([seen.paper, seen.ink]).toEqual([rgb(colours.paper), rgb(colours.ink)]);
    if (name === 'charts') expect(new Set(seen.texts)).toEqual(new Set([rgb(colours.ink), rgb(colours.muted)]));
    expect(new Set(seen.ids).size).toBe(seen.ids.length);
    for (const target of [...seen.references, ...seen.links]) expect(seen.ids).toContain(target);
    expect(seen.charts).toHaveLength(name === 'charts' ? Object.keys(FIGURES).length : 3);
    for (const height of seen.charts) expect(height).toBeGreaterThan(50);
    expect(seen.wide).toBe(0);
    await page.close();
  });

  it('gives names from a corpus no power, and a chart its name for a screen reader', async () => {
    const { page, complaints } = await load(browser, pages.charts, 'light');
    expect(await page.locator('script').count()).toBe(0);
    expect(await page.getByRole('figure', { name: 'Chart heat' }).count()).toBe(1);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain('<script>alert(1)</script>');
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('can be used by keyboard: skip link first, tables open on Enter', async () => {
    const { page } = await load(browser, pages.inspect, 'light');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.className)).toBe('skip');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
    const open = (): Promise<number> => page.locator('details[open]').count();
    const before = await open();
    await page.locator('summary').first().focus();
    await page.keyboard.press('Enter');
    expect(Math.abs((await open()) - before)).toBe(1);
    await page.close();
  });

  it.each(['charts', 'inspect'])(
    '%s fits a telephone: nothing scrolls sideways, is cut, broken or too small',
    async (name) => {
      const { page } = await load(browser, pages[name], 'dark', 400);
      expect(await faults(page)).toEqual([]);
      await page.close();
    },
  );
});

const rgb = (hex: string): string => `rgb(${[1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)).join(', ')})`;
