/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { parseCorpus } from '../../src/data/corpus';
import { exportRun } from '../../src/export/write';
import { loadTagger, type LoadedTagger, type TaggedSentence } from '../../src/library';
import { cutOf, trainedRun } from '../export/trained';
import { describeInBrowser, launch, load, THEMES } from './browser';

const MODULE = join(__dirname, '../../dist/browser/index.mjs');
const TEXTS = parseCorpus(readFileSync(join(__dirname, '../../data/ner/test.conll')), 'test').sentences.map(
  ({ tokens }) => [...tokens],
);

/** What the module gives. */
interface Module {
  loadTagger(bytes: Uint8Array): Promise<LoadedTagger>;
  UserError: new () => Error;
}

const PAGE = `<!doctype html><title>test</title><script type="module">
import * as tagging from './tagger.mjs';
window.tagging = tagging;
</script>`;

const runs = new Map<string, Promise<string>>();

/** All features of a string are on. */
function trained(head: string): Promise<string> {
  const run =
    runs.get(head) ??
    trainedRun({
      'model.head': head,
      'data.train': cutOf('ner/train.conll', 400),
      'train.learningRate': 0.02,
      'train.epochs': 6,
      'engine.name': 'auto',
    });
  runs.set(head, run);
  return run;
}

const answersOf = ({ tokens, entities }: TaggedSentence): unknown => [
  tokens.map(({ token, tag }) => [token, tag]),
  entities.map(({ start, end, type }) => [start, end, type]),
];
const probabilitiesOf = ({ tokens, entities }: TaggedSentence): number[] =>
  [...tokens, ...entities].map(({ probability }) => probability);

it('is small: without weights under 150 kB, packed', () => {
  expect(existsSync(MODULE)).toBe(true);
  expect(gzipSync(readFileSync(MODULE)).length).toBeLessThan(150_000);
  expect(readFileSync(MODULE, 'utf8')).not.toMatch(/\bimport\s*[{*"'(]|\brequire\(/);
});

describeInBrowser('the tagger in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => (browser as Browser | undefined)?.close());

  it.each(['softmax', 'crf'])('%s: answers as on Node, on every sentence of the test file', async (head) => {
    const run = await trained(head);
    const page = await browser.newPage();
    const files: Readonly<Record<string, () => { contentType: string; body: Buffer | string }>> = {
      '/': () => ({ contentType: 'text/html', body: PAGE }),
      '/tagger.mjs': () => ({ contentType: 'text/javascript', body: readFileSync(MODULE) }),
      '/best.ckpt': () => ({ contentType: 'application/octet-stream', body: readFileSync(join(run, 'best.ckpt')) }),
      '/broken.ckpt': () => {
        const body = readFileSync(join(run, 'best.ckpt'));
        body[body.length - 100] ^= 1; // within the weights
        return { contentType: 'application/octet-stream', body };
      },
    };
    await page.route('**/*', (route) => {
      const file = files[new URL(route.request().url()).pathname];
      return (file as typeof file | undefined) ? route.fulfill(file()) : route.abort();
    });
    await page.goto('http://tagger.test/');
    const there = await page.evaluate(async (texts) => {
      const module = (window as unknown as { tagging: Module }).tagging;
      const load = async (path: string): Promise<LoadedTagger> =>
        module.loadTagger(new Uint8Array(await (await fetch(path)).arrayBuffer()));
      const refused = await load('/broken.ckpt').catch((error: unknown) => error);
      const tagger = await load('/best.ckpt');
      const { engine, labels, types, warnings } = tagger;
      const none = await tagger.tag([[], ['Anna']]);
      const empty = await tagger.tag([['']]).catch((error: unknown) => String(error));
      const tagged: TaggedSentence[] = await tagger.tag(texts);
      tagger.dispose();
      const isUsers = refused instanceof module.UserError;
      return { engine, labels, types, warnings, none, empty, tagged, refused: String(refused), isUsers };
    }, TEXTS);
    await page.close();

    const here = await loadTagger(run, { engine: 'js' });
    const tagged = await here.tag(TEXTS);
    expect(there.tagged.map(answersOf)).toEqual(tagged.map(answersOf));
    const [theirs, ours] = [there.tagged.flatMap(probabilitiesOf), tagged.flatMap(probabilitiesOf)];
    const off = ours.map((p, i) => Math.abs(p - theirs[i])).reduce((a, b) => Math.max(a, b), 0);
    expect(off).toBeLessThan(1e-6); // exp and log are the platform's
    const { labels, types, warnings } = here;
    here.dispose();
    expect(there).toMatchObject({ labels, types, warnings, engine: { name: 'js' } });
    expect(types).toEqual(['LOC', 'ORG', 'PER', 'PRODUCT']);
    expect(tagged.flatMap(({ entities }) => entities).length).toBeGreaterThan(20);
    expect(there.none.map(({ tokens }) => tokens.length)).toEqual([0, 1]);
    expect(there.empty).toContain('token 1 of sentence 1 is empty, expected a text');
    expect(there.refused).toContain('checkpoint: was changed after it was written');
    expect(there.isUsers).toBe(true);
  });

  it.each(THEMES)('%s: the page tags what is typed as Node does, and fits a telephone', async (theme) => {
    const run = await trained('crf');
    const file = join(mkdtempSync(join(tmpdir(), 'dsc-page-')), 'page.html');
    await exportRun(run, 'web', file, { overwrite: false, decoding: {} });
    const { page, complaints } = await load(browser, readFileSync(file, 'utf8'), theme, 400);
    await page.waitForSelector('#text:enabled');
    await page.locator('input[value=blanks]').check();
    await page.locator('#text').fill(TEXTS.slice(0, 60).map((tokens) => tokens.join(' ')).join('\n')); // prettier-ignore
    await page.waitForSelector('#tagged p:nth-child(60)');
    await page.locator('details summary').click();
    const seen = await page.evaluate(() => {
      const texts = [...document.querySelectorAll<HTMLElement>('body *')].filter(
        (node) => node.offsetParent !== null && [...node.childNodes].some(({ nodeType }) => nodeType === 3),
      );
      return {
        tags: [...document.querySelectorAll('#tokens tr')].map((row) => row.children[2].textContent),
        types: [...document.querySelectorAll('#tagged mark .type')].map((node) => node.textContent),
        lines: [...document.querySelectorAll('#tagged p')].map((node) => node.textContent),
        wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
        smallest: Math.min(...texts.map((node) => parseFloat(getComputedStyle(node).fontSize))),
        legend: [...document.querySelectorAll('#legend li')].map((node) => node.textContent.trim().split(' ')[0]),
      };
    });
    const here = await loadTagger(run, { engine: 'js' });
    const tagged = await here.tag(TEXTS.slice(0, 60));
    expect(seen.tags).toEqual(tagged.flatMap(({ tokens }) => tokens.map(({ tag }) => tag)));
    expect(seen.types).toEqual(tagged.flatMap(({ entities }) => entities.map(({ type }) => type)));
    expect(seen.types.length).toBeGreaterThan(3);
    expect(seen.legend).toEqual(here.types);
    here.dispose();
    expect(seen.wide).toBe(0);
    expect(seen.smallest).toBeGreaterThanOrEqual(12);

    // by keyboard: from the text on to the first entity, by arrow to the next
    const marks = page.locator('#tagged mark');
    await page.locator('#splitting').evaluate((node) => {
      node.tabIndex = -1;
      node.focus();
    });
    await page.keyboard.press('Tab');
    const isAt = (i: number): Promise<boolean> => marks.nth(i).evaluate((node) => node === document.activeElement);
    expect(await isAt(0)).toBe(true);
    await page.keyboard.press('ArrowRight');
    expect(await isAt(1)).toBe(true);
    expect(await marks.nth(1).getAttribute('aria-describedby')).toBe('hint');
    const second = tagged.flatMap(({ entities }) => entities)[1];
    expect(await page.locator('#hint').textContent()).toContain(
      `${second.type} ${(100 * second.probability).toFixed(1)} %`,
    );
    await page.keyboard.press('Escape');
    expect(await page.locator('#hint').isVisible()).toBe(false);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('splits running text, shows markup as text, and forgets what was typed before', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'dsc-page-')), 'page.html');
    await exportRun(await trained('crf'), 'web', file, { overwrite: false, decoding: {} });
    const { page, complaints } = await load(browser, readFileSync(file, 'utf8'), 'light');
    await page.waitForSelector('#text:enabled');
    await page.locator('#text').fill('Anna met <b>Karl</b> in Oslo. Nobody saw them!\n\n  A third one');
    await page.waitForSelector('#tagged p:nth-child(3)');
    expect(await page.locator('#tagged b').count()).toBe(0);
    const tokens = await page.locator('#tokens th').allTextContents();
    expect(tokens.join(' ')).toBe('Anna met < b > Karl < / b > in Oslo . Nobody saw them ! A third one');
    expect(await page.locator('#state').textContent()).toMatch(/, 20 tokens, 3 sentences; [\d.]+ ms$/);
    await page.locator('#text').fill('');
    await page.locator('#state', { hasText: 'Nothing to tag yet.' }).waitFor();
    expect(await page.locator('#tagged p').count()).toBe(0);
    expect(complaints).toEqual([]);
    await page.close();
  });
});
