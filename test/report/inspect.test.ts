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
  expect(text).toContain('findings: 1 error, 8 warnings, 2 infos');
  expect(text).toContain(`  ${files.path('dev')}:16: PROD does not occur in train`);
  expect(text).toContain(`  ${files.path('dev')}:1: stands in train (${files.path('train')}:1) with other labels`);
});

it('text says how many findings it leaves out', () => {
  const [one] = found.findings;
  const text = inspectionText({ ...found, findings: Array.from({ length: 7 }, () => one) });
  expect(text.split(`:16: PROD`)).toHaveLength(1 + 5);
  expect(text).toContain('and 2 more; --json lists them all');
});

it('says so when there is nothing to find', () => {
  expect(inspectionText({ ...found, findings: [] })).toMatch(/\nno findings\n$/);
  expect(summary([])).toBe('findings: 0 errors, 0 warnings, 0 infos');
});

it('JSON is the card, every number finite', () => {
  expect(JSON.parse(toJson(found))).toEqual(found);
});

it('the page holds the same figures and ends with how it was made', () => {
  const page = inspectionHtml(found, 'made <so>');
  expect(page).toContain('made &lt;so&gt;');
  expect(page).toContain('findings: 1 error, 8 warnings, 2 infos');
  expect(page).toMatch(/<th scope="row" ?>dev<\/th><td>train<\/td>(<td class="number">\d<\/td>){5}/);
  for (const id of ['class-shares', 'label-counts', 'unseen']) expect(page).toContain(`<figure id="${id}"`);
});
