import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { unsealed } from '../../src/files/json';
import { cardMarkdown } from '../../src/report/card';
import type { RunResult } from '../../src/run/result';
import { percent } from '../../src/wording';
import { trainedRun } from '../export/trained';

/** What could end a text, a line or a header of YAML, or mean something to Markdown. */
const HOSTILE = `a"b'c: #d\n---\n- e\u0085\u2028\u007f\ufeff|*x*\\ é😀 \`\`\`\``;

type Yaml = string | number | Yaml[] | { [key: string]: Yaml };

/** Reads block maps and lists of double-quoted texts and numbers by YAML's own rules, and refuses all else. */
function readYaml(text: string): Yaml {
  const lines = text.split('\n').filter((line) => !line.startsWith('#'));
  let at = 0;
  const indentOf = (line = ''): number => line.search(/[^ ]/);
  const scalar = (value: string): Yaml => {
    if (/^-?\d+(\.\d+)?(e-?\d+)?$/.test(value)) return Number(value);
    // printable characters alone, and of its escapes those that JSON has too
    if (!/^"([^"\\\p{Cc}\p{Cs}\u2028\u2029\ufeff]|\\["\\/bfnrt]|\\u[0-9a-f]{4})*"$/u.test(value))
      throw new Error(`not a value: ${value}`);
    return JSON.parse(value) as string;
  };
  function block(indent: number): Yaml {
    const list: Yaml[] = [];
    const map: Record<string, Yaml> = {};
    for (let line = lines[at]; at < lines.length && indentOf(line) === indent; line = lines[at]) {
      const item = /^ *- (.*)$/.exec(line);
      const entry: readonly (string | undefined)[] | null = /^ *([a-z_0-9-]+):(?: (.*))?$/.exec(line);
      const [, key, value] = entry ?? [];
      if (item && !/^[a-z_0-9-]+:/.test(item[1])) {
        list.push(scalar(item[1]));
        at++;
      } else if (item) {
        lines[at] = `${' '.repeat(indent + 2)}${item[1]}`;
        list.push(block(indent + 2));
      } else if (key !== undefined && !(key in map)) {
        at++;
        map[key] = value === undefined ? block(indentOf(lines[at])) : scalar(value);
      } else throw new Error(`not YAML: ${line}`);
    }
    return list.length > 0 ? list : map;
  }
  const value = block(0);
  if (at < lines.length) throw new Error(`not YAML: ${lines[at]}`);
  return value;
}

function headerOf(card: string): string {
  const [, header = ''] = /^---\n([^]*?)\n---\n/.exec(card) ?? [];
  return header;
}

let result: RunResult;
beforeAll(async () => {
  const run = await trainedRun({ 'analysis.gradientShare': false });
  result = unsealed(JSON.parse(readFileSync(join(run, 'result.json'), 'utf8'))) as RunResult;
});

const hostile = (): RunResult => ({
  ...result,
  test: result.dev,
  data: { ...result.data, train: { ...result.data.train, path: `/home/me/${HOSTILE}` }, test: { ...result.data.dev, path: HOSTILE } },
  warnings: [{ code: 'dev-scores', message: HOSTILE, advice: '' }],
}); // prettier-ignore

describe('a model card', () => {
  it('has a header of YAML, whatever names hold, with the scores of test and dev', () => {
    const card = cardMarkdown({ name: HOSTILE, sha256: 'f00', result: hostile() });
    const header = readYaml(headerOf(card)) as Record<string, Yaml>;
    const { micro, macro } = result.dev.entities ?? result.dev.tags;
    const values = [
      micro.precision,
      macro.precision,
      micro.recall,
      macro.recall,
      micro.f1,
      macro.f1,
      result.dev.accuracy,
    ];
    const [index] = header['model-index'] as { name: string; results: { dataset: Record<string, Yaml>; metrics: { value: number }[] }[] }[]; // prettier-ignore
    expect([header.library_name, header.pipeline_tag, index.name]).toEqual(['dsc-train', 'token-classification', HOSTILE]); // prettier-ignore
    expect(index.results.map(({ dataset }) => dataset.split)).toEqual(['test', 'dev']);
    expect(index.results[0].dataset).toMatchObject({ name: HOSTILE, args: { sha256: result.data.dev.sha256 } });
    for (const { metrics } of index.results) expect(metrics.map(({ value }) => value)).toEqual(values);
    expect(Object.keys(header).filter((key) => /licen[cs]e|language/.test(key))).toEqual([]); // never made up
  });

  const hasYaml = spawnSync('python3', ['-c', 'import yaml']).status === 0;
  (hasYaml ? it : it.skip)('has a header that PyYAML reads alike (skipped where Python has none)', () => {
    const header = headerOf(cardMarkdown({ name: HOSTILE, sha256: 'f00', result: hostile() }));
    const code = 'import sys, json, yaml; json.dump(yaml.safe_load(sys.stdin.buffer.read().decode()), sys.stdout)';
    const { stdout, stderr } = spawnSync('python3', ['-c', code], { input: header, encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual(readYaml(header));
  });

  it('tells scores per class with intervals, data with hashes, imbalance, training and warnings', () => {
    const card = cardMarkdown({ name: 'mine', sha256: 'f00', result });
    for (const { name, f1, support } of result.dev.entities?.classes ?? [])
      expect(card).toMatch(new RegExp(`^\\| ${name} \\|.* ${percent(f1)} .* to .* ${support} \\|$`, 'm'));
    for (const { sha256 } of [result.data.train, result.data.dev]) expect(card).toContain(`\`${sha256}\``);
    for (const [name, n] of Object.entries(result.data.train.classes)) expect(card).toMatch(new RegExp(`^\\| ${name} \\| ${n} \\|`, 'm')); // prettier-ignore
    const { O: outside } = result.data.train.labels;
    const inside = result.data.train.tokens - outside;
    expect(card).toContain(`${inside} belong to an entity, ${outside.toLocaleString('en-US')} to none: ${(outside / inside).toFixed(1)} to 1`); // prettier-ignore
    expect(card).toContain(`Scored as \`${result.dev.signature}\``);
    expect(card).toContain('There was no test file');
    for (const { code } of result.warnings) expect(card).toContain(`- \`${code}\`: `);
    expect(card).toContain(`- **seed**: ${result.config.seed}\n`);
    expect(card).toContain(`- **engine**: ${result.engine.name}: `);
  });

  it("is made without the file of a loss of one's own", () => {
    const own = { ...result, config: { ...result.config, loss: { name: './mine.mjs' } } } as RunResult;
    const file = { path: './mine.mjs', sha256: 'f00', name: 'mine', title: 'my own', formula: '1 - p_t' };
    const card = cardMarkdown({ name: 'mine', sha256: 'f00', result: { ...own, lossFile: file } });
    expect(card).toContain('(my own)');
    expect(card).toContain('1 - p');
    expect(cardMarkdown({ name: 'mine', sha256: 'f00', result: own })).toContain('mine.mjs');
  });

  it('says nothing of where files lay on the machine', () => {
    const { out, data, model } = result.config;
    const card = cardMarkdown({ name: 'mine', sha256: 'f00', result });
    for (const path of [out, data.train, data.dev, model.lexicon]) {
      expect(path).toMatch(/^\//);
      expect(card).not.toContain(path);
    }
    expect(card).toContain('"lexicon": "lexicon.txt"');
  });

  it('shows the config in a block that none of its texts ends', () => {
    const odd = { ...result, config: { ...result.config, data: { ...result.config.data, comment: HOSTILE } } };
    const card = cardMarkdown({ name: 'mine', sha256: 'f00', result: odd });
    const [, block = ''] = /\n`{5}json\n([^]*?)\n`{5}\n/.exec(card) ?? [];
    expect((JSON.parse(block) as RunResult['config']).data.comment).toBe(HOSTILE);
  });
});
