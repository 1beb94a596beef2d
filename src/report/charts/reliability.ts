import type { ReliabilityBin } from '../../metrics/calibration';
import type { Figure } from '../html';
import { seriesColour } from '../palette';
import { figure, format, grid, legend, legendHeight, lineStyle, valueAxis, type ChartText } from './draw';
import { referenceLine, SYMBOLS } from './lines';

export interface ReliabilityData extends ChartText {
  /** What is counted; tokens where it is not said. */
  readonly of?: string;
  /** Bins without one are left out. */
  readonly series: readonly { readonly name: string; readonly bins: readonly ReliabilityBin[] }[];
}

const SIDE = 420;

/** Accuracy over confidence: on the dotted diagonal a model is as often right as it says. */
export function reliabilityDiagram(data: ReliabilityData): Figure {
  const { title, series, of = 'tokens' } = data;
  const names = series.map(({ name }) => name);
  const filled = series.map(({ name, bins }) => ({ name, bins: bins.filter(({ count }) => count > 0) }));
  const top = legendHeight(names) + 22;
  const most = Math.max(1, ...filled.flatMap(({ bins }) => bins.map(({ count }) => count)));
  const option = {
    grid: grid(top),
    legend: legend(names),
    xAxis: valueAxis('confidence', 'share', [0, 1]),
    yAxis: {
      ...valueAxis('accuracy', 'share', [0, 1], false),
      nameTextStyle: { color: 'var(--muted)', align: 'left' },
    },
    series: [
      referenceLine([
        [0, 0],
        [1, 1],
      ]),
      ...filled.map(({ name, bins }, i) => ({
        type: 'line',
        name,
        symbol: SYMBOLS[i % SYMBOLS.length],
        // area by count: a bin of few should not look like evidence
        data: bins.map(({ confidence, accuracy, count }) => ({
          value: [confidence, accuracy],
          symbolSize: 5 + 11 * Math.sqrt(count / most),
        })),
        lineStyle: lineStyle(i),
        itemStyle: { color: seriesColour(i) },
      })),
    ],
  };
  return figure(data, SIDE + top, option, {
    caption: title,
    head: ['series', 'from', 'to', of, 'confidence', 'accuracy'],
    rows: filled.flatMap(({ name, bins }) =>
      bins.map(({ low, high, count, confidence, accuracy }) => [
        name,
        String(low),
        String(high),
        format('count', count),
        format('share', confidence),
        format('share', accuracy),
      ]),
    ),
  });
}
