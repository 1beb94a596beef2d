/** Every chart of the reports: typed data in, a figure (picture, words, table of numbers) out. */
export { barChart, type BarData, type BarSeries } from './charts/bars';
export { heatMap, type HeatData } from './charts/heat';
export { lineChart, precisionRecallChart, type LineData, type LinePoint, type LineSeries } from './charts/lines';
export { reliabilityDiagram, type ReliabilityData } from './charts/reliability';
export { stackedShares, type SharesData } from './charts/shares';
export type { ChartText, Unit } from './charts/draw';
