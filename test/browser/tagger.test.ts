/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { parseCorpus } from '../../src/data/corpus';
import { loadTagger, type LoadedTagger, type TaggedSentence } from '../../src/library';
import { cutOf, trainedRun } from '../export/trained';
import { describeInBrowser, launch } from './browser';

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

/** All features of a string are on. */
const trained = (head: string): Promise<string> =>
  trainedRun({
    'model.head': head,
    'data.train': cutOf('ner/train.conll', 400),
    'train.learningRate': 0.02,
    'train.epochs': 6,
    'engine.name': 'auto',
  });

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
});
