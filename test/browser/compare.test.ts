/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import type { Browser } from 'playwright-core';
import { comparisonHtml } from '../../src/report/compareHtml';
import { madeUpComparison, wideComparison } from '../report/comparison';
import { describeInBrowser, faults, launch, load, THEMES } from './browser';

describeInBrowser('the page of a comparison in a browser', () => {
  let browser: Browser;
  const pages = { few: comparisonHtml(madeUpComparison()), many: comparisonHtml(wideComparison()) };
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => (browser as Browser | undefined)?.close());

  const cases = (['few', 'many'] as const).flatMap((name) => THEMES.map((theme) => [name, theme] as const));

  it.each(cases)('%s, %s: no complaint, no request, every figure drawn and named', async (name, theme) => {
    const { page, complaints } = await load(browser, pages[name], theme);
    const seen = await page.evaluate(() => {
      document.querySelectorAll('details').forEach((node) => (node.open = true));
      return {
        figures: [...document.querySelectorAll('figure')].map((node) => node.getBoundingClientRect().height),
        empty: [...document.querySelectorAll('.panel svg')].filter((svg) => !svg.querySelector('.l, .p')).length,
        ids: [...document.querySelectorAll('[id]')].map((node) => node.id),
      };
    });
    expect(complaints).toEqual([]);
    expect(seen.figures).toHaveLength(8);
    for (const height of seen.figures) expect(height).toBeGreaterThan(80);
    expect(seen.empty).toBe(0);
    expect(new Set(seen.ids).size).toBe(seen.ids.length);
    expect(await page.getByRole('figure', { name: 'Reliability of entities' }).count()).toBe(1);
    await page.close();
  });

  const looks = [['few', 'dark'], ['many', 'light']] as const; // prettier-ignore
  it.each(looks)(
    '%s, %s: nothing is cut, broken, too small or scrolls sideways, open or folded',
    async (name, theme) => {
      for (const width of [1280, 400]) {
        const { page } = await load(browser, pages[name], theme, width);
        expect(await faults(page)).toEqual([]);
        await page.evaluate(() => document.querySelectorAll('details').forEach((node) => (node.open = true)));
        expect(await faults(page)).toEqual([]);
        await page.close();
      }
    },
  );

  it('is short and light with seven losses and nine classes: answer, ranking and averages on the first screen', async () => {
    const { page } = await load(browser, pages.many, 'light', 1280);
    const seen = await page.evaluate(() => ({
      height: document.documentElement.scrollHeight,
      elements: document.querySelectorAll('*').length,
      first: [...document.querySelectorAll('header p, .beside table')].map(
        (node) => node.getBoundingClientRect().bottom,
      ),
    }));
    expect(Buffer.byteLength(pages.many)).toBeLessThan(600_000);
    expect(seen.height).toBeLessThan(8 * 800);
    expect(seen.elements).toBeLessThan(8_000);
    for (const bottom of seen.first) expect(bottom).toBeLessThan(800);
    await page.close();
  });

  it('can be walked by keyboard: every fold once, and what is in it when it is open', async () => {
    const { page } = await load(browser, pages.few, 'light');
    const reached = new Set<string>();
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press('Tab');
      const place = await page.evaluate(() => document.activeElement?.outerHTML.slice(0, 90) ?? '');
      if (!place.startsWith('<body')) reached.add(place);
    }
    const folds = await page.locator('details > summary:visible').count();
    expect([...reached].filter((place) => place.startsWith('<summary')).length).toBe(folds);
    expect(folds).toBeGreaterThan(10);
    await page.close();
  });
});
