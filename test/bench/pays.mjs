/*
 * node test/bench/pays.mjs > .github/where-dice-pays.svg
 *
 * The picture of the README, of data/measured.json: the gain of each overlap loss, fl and ce+log-dice over ce in micro-F1 with valid
 * sequences and its 95 % interval, a column a loss and a row a corpus, the most imbalanced first. A filled mark is a difference
 * that the tests show. Every column has the same axis; intervals that leave it end in an arrow.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const corpora = JSON.parse(readFileSync(join(import.meta.dirname, '../../data/measured.json'), 'utf8'));
const LOSSES = ['dsc', 'dl', 'tl', 'fl', 'ce+log-dice'];
const [NAMES, COLUMN, GAP, TOP, ROW] = [210, 128, 10, 46, 24];
const [LEAST, MOST] = [-10, 6];
const TICKS = [-8, -4, 0, 4];

const width = NAMES + LOSSES.length * (COLUMN + GAP);
const bottom = TOP + ROW * corpora.length;
const height = bottom + 42;
const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const fix = (value) => Number(value.toFixed(1));
const text = (x, y, words, attributes = '') =>
  `<text x="${fix(x)}" y="${fix(y)}" ${attributes}>${escape(words)}</text>`;

/** Of points of F1 in the column of a loss. */
const at = (column, points) =>
  NAMES + column * (COLUMN + GAP) + ((Math.min(MOST, Math.max(LEAST, points)) - LEAST) / (MOST - LEAST)) * COLUMN;

const axes = LOSSES.map((loss, column) => {
  const lines = TICKS.map(
    (tick) =>
      `<line class="${tick === 0 ? 'zero' : 'rule'}" x1="${fix(at(column, tick))}" x2="${fix(at(column, tick))}" y1="${TOP - 6}" y2="${bottom + 2}"/>` +
      text(at(column, tick), bottom + 16, tick > 0 ? `+${tick}` : String(tick), 'class="muted" text-anchor="middle"'),
  );
  return text(at(column, (LEAST + MOST) / 2), TOP - 14, loss, 'class="head" text-anchor="middle"') + lines.join('');
});
const rows = corpora.map(({ name, outsideRatio, mentions, decodings }, i) => {
  const y = TOP + ROW * i + ROW / 2;
  const cells = LOSSES.map((loss, column) => {
    const gain = decodings.valid.gains[loss]?.[0];
    if (!gain) return text(at(column, 0), y + 4, '–', 'class="muted" text-anchor="middle"');
    const [low, mid, high] = [gain.low, gain.difference, gain.high].map((share) => 100 * share);
    const [left, right] = [at(column, low), at(column, high)];
    const arrows =
      (low < LEAST ? `<path d="M${fix(left)} ${y} l6 -4 v8 z"/>` : '') +
      (high > MOST ? `<path d="M${fix(right)} ${y} l-6 -4 v8 z"/>` : '');
    const points = `${gain.difference < 0 ? '' : '+'}${mid.toFixed(1)} (${low.toFixed(1)} to ${high.toFixed(1)})`;
    return `<g class="${gain.verdict}"><title>${escape(`${loss} on ${name}: ${points}, ${gain.verdict === 'none' ? 'no difference shown' : gain.verdict}`)}</title><line x1="${fix(left)}" x2="${fix(right)}" y1="${y}" y2="${y}"/>${arrows}<circle cx="${fix(at(column, mid))}" cy="${y}" r="4.5"/></g>`;
  });
  const about = `${outsideRatio.toFixed(0)} : 1, ${mentions.toLocaleString('en')}`;
  return (
    text(0, y + 4, name, '') +
    text(NAMES - 12, y + 4, about, 'class="muted" text-anchor="end" font-size="11"') +
    cells.join('')
  );
});

console.log(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="12.5" role="img" aria-label="Gain of five losses over cross-entropy on ${corpora.length} corpora">
<style>
text { fill: #24292f } .muted { fill: #57606a } .head { font-weight: 600 }
line { stroke-width: 1 } .rule { stroke: #d8dee4 } .zero { stroke: #57606a; stroke-dasharray: 3 2 }
.none line { stroke: #6e7781; stroke-width: 1.5 } .none circle { fill: #fff; stroke: #6e7781; stroke-width: 1.5 } .none path { fill: #6e7781 }
.better line { stroke: #0969da; stroke-width: 2 } .better circle, .better path { fill: #0969da }
.worse line { stroke: #bc4c00; stroke-width: 2 } .worse circle, .worse path { fill: #bc4c00 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .muted { fill: #9da7b3 } .rule { stroke: #30363d } .zero { stroke: #9da7b3 }
.none line { stroke: #9da7b3 } .none circle { fill: #0d1117; stroke: #9da7b3 } .none path { fill: #9da7b3 }
.better line { stroke: #4493f8 } .better circle, .better path { fill: #4493f8 }
.worse line { stroke: #f0883e } .worse circle, .worse path { fill: #f0883e }
}
</style>
${text(0, TOP - 14, 'corpus', 'class="head"')}${text(NAMES - 12, TOP - 14, 'O : entity, mentions', 'class="muted" text-anchor="end" font-size="11"')}
${axes.join('\n')}
${rows.join('\n')}
${text(0, height - 6, 'Points of micro-F1 over ce, 95 % intervals; filled: a difference that the tests show (blue better, orange worse).', 'class="muted" font-size="11"')}
</svg>`);
