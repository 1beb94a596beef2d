/** Every chart of the reports: typed data in, a figure (picture, words, table of numbers) out. */
export { barChart, type BarData, type BarSeries } from './bars';
export { heatMap, type HeatData } from './heat';
export { lineChart, precisionRecallChart, type LineData, type LinePoint, type LineSeries } from './lines';
export { rankDiagram, type RanksData } from './ranks';
export { reliabilityDiagram, type ReliabilityData } from './reliability';
export { stackedShares, type SharesData } from './shares';
export type { ChartText, Unit } from './draw';
