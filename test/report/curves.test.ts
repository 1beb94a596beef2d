import { drawCharts, ticks } from '../../src/report/curves';

const chart = (points: [number, number][][], title = 'loss'): Parameters<typeof drawCharts>[1][number] => ({
  title,
  xLabel: 'p',
  series: points.map((line, i) => ({ name: `line ${i}`, points: line })),
});

/** Pixel positions of each polyline. */
function lines(svg: string): number[][][] {
  return [...svg.matchAll(/<polyline[^>]* points="([^"]*)"/g)].map(([, points]) =>
    points.split(' ').map((pair) => pair.split(',').map(Number)),
  );
}

describe('ticks', () => {
  it.each([
    [0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [0.001, 0.999, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [-0.7, 0.2, [-0.8, -0.6, -0.4, -0.2, 0, 0.2]],
    [0, 7, [0, 2, 4, 6, 8]],
    [1e-5, 4.2e-5, [1e-5, 2e-5, 3e-5, 4e-5, 5e-5]],
    [-300, 300, [-400, -200, 0, 200, 400]],
  ])('from %f to %f', (low, high, wanted) => expect(ticks(low, high)).toEqual(wanted));
});

describe('drawCharts', () => {
  it('puts the ends of a line that spans the axes on the corners of the plot', () => {
    const [[from, to]] = lines(
      drawCharts('t', [
        chart([
          [
            [0, 0],
            [1, 1],
          ],
        ]),
      ]),
    );
    expect(from).toEqual([62, 254]);
    expect(to).toEqual([406, 34]);
  });

  it('draws every point of every series, names each once, and escapes text', () => {
    const svg = drawCharts('a < b & "c"', [
      chart([
        [
          [0, 3],
          [0.5, -2],
          [1, 1],
        ],
        [
          [0, 1],
          [1, 2],
        ],
      ]),
      chart(
        [
          [
            [0, 5],
            [1, 5],
          ],
          [
            [0, 5],
            [1, 5],
          ],
        ],
        'gradient',
      ),
    ]);
    expect(lines(svg).map((line) => line.length)).toEqual([3, 2, 2, 2]);
    expect(svg.match(/>line 1</g)).toHaveLength(1);
    expect(svg).toContain('<title>a &lt; b &amp; &quot;c&quot;</title>');
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('is well formed and refers to nothing outside itself', () => {
    const svg = drawCharts('t', [chart([[[0, 1]]])]);
    const open: string[] = [];
    for (const [, close, name, , selfClosed] of svg.matchAll(/<(\/?)([a-z]+)((?:[^<>"]|"[^"]*")*?)(\/?)>/gi)) {
      if (close) expect(open.pop()).toBe(name);
      else if (!selfClosed) open.push(name);
    }
    expect(open).toEqual([]);
    expect(svg.match(/href|url\(|<script|@import/g)).toBeNull();
    expect(svg).toContain('prefers-color-scheme:dark');
  });
});
