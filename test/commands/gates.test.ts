import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { Context } from '../../src/commands/context';
import { applyGates, type GateOptions, openGates } from '../../src/commands/gates';
import { score } from '../../src/metrics/scores';
import { type Warning, warning } from '../../src/warnings';

const folder = mkdtempSync(join(tmpdir(), 'dsc-strict-'));
const warned = [warning('dev-scores', {}), warning('run-unfinished', { run: 'ce, <seed> 1' })];
const scored = [{ name: 'test', reports: [score([['B-A']], [['B-A']], { scheme: 'iob2', version: '-' })] }];

async function gated(options: GateOptions, warnings: readonly Warning[]) {
  const stderr = new PassThrough();
  const context = { proc: { stderr }, exitCode: 0 } as unknown as Context;
  await applyGates(context, await openGates(options), 'dsc-train x', scored, warnings, options);
  return { code: context.exitCode, text: String(stderr.read() ?? '') };
}

describe('--strict', () => {
  it('makes any warning exit code 2, each named', async () => {
    expect(await gated({ strict: true }, warned)).toEqual({
      code: 2,
      text: '--strict: 2 warnings: dev-scores, run-unfinished\n',
    });
    expect(await gated({ strict: true }, [])).toEqual({ code: 0, text: '' });
    expect(await gated({}, warned)).toEqual({ code: 0, text: '' });
  });

  it('counts what the gates themselves warn of, which is printed once', async () => {
    const baseline = join(folder, 'base.json');
    const [report] = scored[0].reports;
    const interval = { f1: 1, low: 0.5, high: 1 };
    const table = { micro: interval, macro: interval, classes: [] };
    const signature = report.signature.replace('scheme:iob2', 'scheme:io');
    const content = { report: { ...report, signature, intervals: { entities: table, tags: table } } };
    writeFileSync(baseline, JSON.stringify(content));
    const { code, text } = await gated({ strict: true, baseline }, []);
    expect(text).toMatch(/^warning: .*base\.json: the baseline has scheme:io, here it is scheme:iob2: .*\n--strict: 1 warning: other-baseline\n$/); // prettier-ignore
    expect(code).toBe(2);
  });

  it('stands in the JUnit report, and warnings in the summary', async () => {
    const [junit, summary] = [join(folder, 'junit.xml'), join(folder, 'summary.md')];
    await gated({ strict: true, junit, summary }, warned);
    const xml = readFileSync(junit, 'utf8');
    expect(xml).toContain('name="no warnings"');
    expect(xml).toContain('<failure type="strict" message="2 warnings: dev-scores, run-unfinished">');
    expect(readFileSync(summary, 'utf8')).toContain(
      '- **warning**: ce, \\<seed\\> 1: not finished; the same compare command',
    );
  });
});
