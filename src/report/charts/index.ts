/** Every chart of the reports: typed data in, a figure (picture, words, numbers) out. None is wider than a telephone. */
export { barChart, type BarData, type BarSeries } from './bars';
export { heatPanels, type HeatData, type HeatPanel } from './heat';
export { type IntervalData, type IntervalGroup, type IntervalRow, intervalScale, intervalTable } from './intervals';
export {
  type LineData,
  type LinePanel,
  linePanels,
  type LinePoint,
  type LineSeries,
  precisionRecallPanels,
  reliabilityPanels,
} from './lines';
export { rankDiagram, type RanksData } from './ranks';
export { stackedShares, type SharesData, type SharesPanel } from './shares';
export type { ChartText, Unit } from './draw';
