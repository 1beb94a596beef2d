import { basename } from 'node:path';
import { present } from '../errors';
import type { GateResult } from '../gates';

/**
 * The gates as a JUnit report: each floor is a test case, of the class that was scored. Names hold neither numbers nor folders,
 * so that a CI server can follow a test over time.
 * @param seconds what scoring took; the cases share it evenly, since they come out of one run and times are added up
 */
export function junitXml(suite: string, gates: readonly GateResult[], seconds: number): string {
  const failures = gates.filter(({ passed }) => !passed).length;
  const counts = `tests="${gates.length}" failures="${failures}" errors="0"`;
  const time = (part: number): string => `time="${part.toFixed(3)}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts} ${time(seconds)}>`,
    `  <testsuite name="${escapeXml(suite)}" ${counts} skipped="0" ${time(seconds)}>`,
    ...gates.flatMap((gate) => testCase(gate, time(seconds / gates.length))),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase({ subject, metric, kind, passed, message }: GateResult, time: string): string[] {
  const name = escapeXml(kind === 'strict' ? 'no warnings' : `${metric} not under the ${kind}`);
  const opening = `    <testcase classname="${escapeXml(basename(subject))}" name="${name}" ${time}`;
  if (passed) return [`${opening}/>`];
  const text = escapeXml(message);
  return [`${opening}>`, `      <failure type="${kind}" message="${text}">${text}</failure>`, '    </testcase>'];
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
    .replace(/[&<>"']/g, (char) => present(ENTITIES[char], 'entity'))
    .replace(/[\t\n\r]/g, (char) => `&#${char.charCodeAt(0)};`);
}
