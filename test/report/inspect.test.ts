import { inspect, nameFiles, type Inspection } from '../../src/inspect';
import { inspectionText, summary } from '../../src/report/inspect';
import { inspectionHtml } from '../../src/report/inspectHtml';
import { toJson } from '../../src/report/json';
import { DEV, tempFiles, TRAIN } from '../inspect/corpora';

const files = tempFiles();
let found: Inspection;
beforeAll(async () => {
  found = await inspect(nameFiles({}, [files.write('train', TRAIN), files.write('dev', DEV)]));
});

it('text holds every part of the card', () => {
  const text = inspectionText(found);
  expect(text).toContain('6 sentences, 25 tokens, 14 distinct');
  expect(text).toContain('O : entity tokens 3.2 : 1 (19 : 6); 2 sentences without an entity');
  expect(text).toMatch(/^ {2}PER +2 +40\.00 +3 +1 +1 +0 +0 +0 +1\.50 +2$/m);
  expect(text).toMatch(/^ {2}B-PER +1 +4\.00$/m);
  expect(text).toMatch(/^ {2}dev +13\.33 +15\.38 +33\.33 +PROD +LOC$/m);
  expect(text).toMatch(/^ {2}dev +train +4 +3 +2 +1 +1$/m);
  expect(text).toContain('findings: 1 error, 8 warnings, 3 infos');
  expect(text).toContain(`  ${files.path('dev')}:16: PROD does not occur in train`);
  expect(text).toContain(`  ${files.path('dev')}:1: stands in train, line 1, with other labels`);
});

it('text and page begin with the findings', () => {
  expect(inspectionText(found)).toMatch(/^findings: 1 error/);
  const page = inspectionHtml(found, 'made so');
  expect(page.indexOf('id="findings"')).toBeLessThan(page.indexOf('id="overview"'));
  expect(page).toContain('Imbalance card of train, dev');
  expect(page).not.toContain(files.path(''));
});

it('cuts long lists of classes and says so', async () => {
  const rows = Array.from({ length: 1000 }, (_, i) => `w${i}\tB-T${i}\n${i % 10 === 9 ? '\n' : ''}`);
  const few = files.write('few', 'a\tB-X\nb\tO\n');
  const many = await inspect(nameFiles({}, [files.write('many', rows.join('')), few]));
  const text = inspectionText(many);
  expect(text).toContain('and 940 more types; --json lists them all');
  expect(text).toContain('and 940 more labels; --json lists them all');
  expect(text).toMatch(/^ {2}dev .* X +T0, T1, T10, .* and 990 more$/m);
  expect(text.split('\n').every((line) => line.length < 500)).toBe(true);
  expect(text).toContain('1 sentence, 2 tokens');
  const page = inspectionHtml(many, '');
  expect(page.length).toBeLessThan(400_000);
  expect(page).toContain('(the first 60 of 1,002 labels; --json has all)');
});

it('takes more labels than a call takes arguments', async () => {
  const rows = Array.from({ length: 130_000 }, (_, i) => `w\tT${i}\n`);
  const many = await inspect(nameFiles({}, [files.write('most', rows.join(''))]));
  expect(inspectionText(many)).toContain('and 129,940 more labels; --json lists them all');
}, 60_000);

it('shows what cannot be seen as escapes', async () => {
  const text = inspectionText(await inspect(nameFiles({}, [files.write('esc', 'a\u001b[2J\tB-X\u202e\nb\tO\n')])));
  expect(text).toContain('X\\u202e');
  expect(text).not.toMatch(/[\u001b\u202e]/);
});

it('text says how many findings it leaves out', () => {
  const [one] = found.findings;
  const text = inspectionText({ ...found, findings: Array.from({ length: 7 }, () => one) });
  expect(text.split(`:16: PROD`)).toHaveLength(1 + 5);
  expect(text).toContain('and 2 more; --json lists them all');
});

it('says so when there is nothing to find', () => {
  expect(inspectionText({ ...found, findings: [] })).toMatch(/^no findings\n/);
  expect(summary([])).toBe('findings: 0 errors, 0 warnings, 0 infos');
});

it('JSON is the card, every number finite', () => {
  expect(JSON.parse(toJson(found))).toEqual(found);
});

it('the page holds the same figures and ends with how it was made', () => {
  const page = inspectionHtml(found, 'made <so>');
  expect(page).toContain('made &lt;so&gt;');
  expect(page).toContain('findings: 1 error, 8 warnings, 3 infos');
  expect(page).toMatch(
    /<th scope="row"\s+class="t"\s+data-l="split">dev<\/th><td\s+class="t"\s+data-l="also in">train<\/td>(<td\s+data-l="[^"]*">\d<\/td>){5}/,
  );
  for (const id of ['class-shares', 'label-counts', 'unseen']) expect(page).toContain(`<figure id="${id}"`);
});
