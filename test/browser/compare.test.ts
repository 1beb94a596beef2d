/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import type { Browser } from 'playwright-core';
import { comparisonHtml } from '../../src/report/compareHtml';
import { madeUpComparison } from '../report/comparison';
import { describeInBrowser, launch, load, THEMES } from './browser';

describeInBrowser('the page of a comparison in a browser', () => {
  let browser: Browser;
  const markup = comparisonHtml(madeUpComparison());
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => (browser as Browser | undefined)?.close());

  it.each(THEMES)('%s: no complaint, no request, every chart drawn and named, no scrolling sideways', async (theme) => {
    for (const width of [1100, 390]) {
      const { page, complaints } = await load(browser, markup, theme, width);
      const seen = await page.evaluate(() => ({
        charts: [...document.querySelectorAll('.chart svg')].map((node) => node.getBoundingClientRect().height),
        ids: [...document.querySelectorAll('[id]')].map((node) => node.id),
        wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      }));
      expect(complaints).toEqual([]);
      expect(seen.charts).toHaveLength(13);
      for (const height of seen.charts) expect(height).toBeGreaterThan(80);
      expect(new Set(seen.ids).size).toBe(seen.ids.length);
      expect(seen.wide).toBe(0);
      expect(await page.getByRole('img', { name: 'F1 per class by loss' }).count()).toBe(1);
      await page.close();
    }
  });

  it('can be walked by keyboard: every table that scrolls, every list of numbers, every config', async () => {
    const { page } = await load(browser, markup, 'light');
    const reached = new Set<string>();
    for (let i = 0; i < 120; i++) {
      await page.keyboard.press('Tab');
      const place = await page.evaluate(() => document.activeElement?.outerHTML.slice(0, 90) ?? '');
      if (place.startsWith('<body') || reached.has(place)) continue;
      reached.add(place);
    }
    const places = [...reached];
    expect(places.filter((place) => place.startsWith('<summary')).length).toBe(13);
    expect(places.some((place) => place.startsWith('<pre'))).toBe(true);
    expect(places.some((place) => place.includes('Difference from ce'))).toBe(true);
    await page.close();
  });
});
