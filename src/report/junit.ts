import type { GateResult } from '../gates';

/** The gates as a JUnit report: each floor is a test case, of the class that was scored. */
export function junitXml(suite: string, gates: readonly GateResult[]): string {
  const failures = gates.filter(({ passed }) => !passed).length;
  const counts = `tests="${gates.length}" failures="${failures}" errors="0"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="${escapeXml(suite)}" ${counts} skipped="0">`,
    ...gates.flatMap(testCase),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase({ subject, metric, floor, passed, message }: GateResult): string[] {
  const name = escapeXml(`${metric} not under ${floor}`);
  const opening = `    <testcase classname="${escapeXml(subject)}" name="${name}"`;
  if (passed) return [`${opening}/>`];
  const text = escapeXml(message);
  return [`${opening}>`, `      <failure type="floor" message="${text}">${text}</failure>`, '    </testcase>'];
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Text or attribute value; characters that XML 1.0 cannot hold at all become U+FFFD, line breaks in attributes references. */
export function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replace(/[&<>"']/g, (char) => ENTITIES[char])
    .replace(/[\t\n\r]/g, (char) => `&#${char.charCodeAt(0)};`);
}
