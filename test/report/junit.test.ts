import type { GateResult } from '../../src/gates';
import { escapeXml, junitXml } from '../../src/report/junit';

const GATES: GateResult[] = [
  { subject: 'runs/a/test', metric: 'micro-f1', kind: 'floor', value: 0.9, floor: 0.8, passed: true, message: 'fine' },
  {
    subject: 'a<b> & "c"\u0001',
    metric: "R&D's.f1",
    kind: 'baseline',
    value: 0.1,
    floor: 0.5,
    passed: false,
    message: 'R&D\'s.f1 is 0.1, under "0.5" <the floor>\n]]> \u{1F600}\uD800',
  },
];

interface Node {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Node[];
  text: string;
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescape(text: string): string {
  if (/[<>"]|&(?!(amp|lt|gt|quot|apos|#\d+);)/.test(text)) throw new Error(`not well-formed: ${text}`);
  return text.replace(/&(#?)(\w+);/g, (_, hash: string, name: string) =>
    hash ? String.fromCodePoint(Number(name)) : NAMED[name],
  );
}

/** A strict reader of the XML that has elements, attributes and text, and no more; throws where a tag is left open or misspelled. */
function parseXml(xml: string): Node {
  for (const char of xml) {
    const code = char.codePointAt(0) ?? 0;
    const legal = [9, 10, 13].includes(code) || (code >= 32 && code < 0xd800) || (code >= 0xe000 && code <= 0xfffd);
    if (!legal && code < 0x10000) throw new Error(`illegal character ${code}`);
  }
  const [declaration] = /^<\?xml version="1\.0" encoding="UTF-8"\?>\n/.exec(xml) ?? [];
  if (declaration === undefined) throw new Error('no declaration');
  const root: Node = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  let at = declaration.length;
  const token = /<(\/?)([a-z]+)((?: [a-z]+="[^"<]*")*)(\/?)>|([^<]+)/y;
  while (at < xml.length) {
    token.lastIndex = at;
    const match = token.exec(xml);
    if (!match) throw new Error(`not well-formed at ${xml.slice(at, at + 40)}`);
    at = token.lastIndex;
    const [, closing, name, attributes, empty, text] = match as (string | undefined)[];
    const parent = open[open.length - 1];
    if (text !== undefined) parent.text += unescape(text);
    else if (closing) {
      if (parent.name !== name) throw new Error(`</${name ?? ''}> closes <${parent.name}>`);
      open.pop();
    } else {
      const pairs = [...(attributes ?? '').matchAll(/ ([a-z]+)="([^"]*)"/g)];
      const node: Node = {
        name: name ?? '',
        attributes: Object.fromEntries(pairs.map(([, key, value]) => [key, unescape(value)])),
        children: [],
        text: '',
      };
      parent.children.push(node);
      if (!empty) open.push(node);
    }
  }
  if (open.length !== 1 || root.children.length !== 1) throw new Error('not one root');
  return root.children[0];
}

describe('junitXml', () => {
  const suites = parseXml(junitXml('dsc-train <1>', GATES, 3));
  const [suite] = suites.children;

  it('is one suite that counts its cases and failures', () => {
    expect([suites.name, suite.name]).toEqual(['testsuites', 'testsuite']);
    expect(suite.attributes).toMatchObject({ name: 'dsc-train <1>', tests: '2', failures: '1', errors: '0' });
    expect(suites.attributes).toMatchObject({ tests: '2', failures: '1' });
  });

  it('has a case for each floor, a failure in each that is missed', () => {
    const [passed, missed] = suite.children;
    expect(passed).toMatchObject({
      name: 'testcase',
      attributes: { classname: 'test', name: 'micro-f1 not under the floor', time: '1.500' },
      children: [],
    });
    expect(missed.attributes.name).toBe("R&D's.f1 not under the baseline");
    expect(missed.children).toHaveLength(1);
    expect(missed.children[0].name).toBe('failure');
  });

  it('names a case the same whatever its floor, so that it can be followed over time', () => {
    const names = (floor: number): string[] =>
      parseXml(junitXml('x', [{ ...GATES[0], floor }], 1)).children[0].children.map(
        ({ attributes }) => attributes.name,
      );
    expect(names(0.8)).toEqual(names(0.123456789));
  });

  it('gives names and messages back as they were, but for characters that XML cannot hold', () => {
    const [, missed] = suite.children;
    expect(missed.attributes.classname).toBe('a<b> & "c"\uFFFD');
    const message = GATES[1].message.replace('\uD800', '\uFFFD');
    expect(missed.children[0].text).toBe(message);
    expect(missed.children[0].attributes.message).toBe(message);
  });

  it('is read by a reader that does refuse what is broken', () => {
    expect(() => parseXml(junitXml('x', GATES, 1).replace('</testcase>', ''))).toThrow(/closes/);
    expect(() => parseXml(junitXml('x', GATES, 1).replace('&amp;', '&'))).toThrow(/not well-formed/);
  });
});

describe('escapeXml', () => {
  it.each([
    ['a & b', 'a &amp; b'],
    ['<"\'>', '&lt;&quot;&apos;&gt;'],
    ['a\nb\tc', 'a&#10;b&#9;c'],
    ['\u0000\u001F\uFFFE', '\uFFFD\uFFFD\uFFFD'],
    ['名 é \u{1F600}', '名 é \u{1F600}'],
  ])('%j', (text, escaped) => {
    expect(escapeXml(text)).toBe(escaped);
  });
});
