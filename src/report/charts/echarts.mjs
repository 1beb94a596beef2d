/**
 * Of ECharts what the pages draw with: what bin/bundle.mjs builds in for `import ... from 'echarts'`. A chart of another kind, or a part
 * such as a title, takes its place here.
 */
import { BarChart, CustomChart, LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent, LegendPlainComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

use([BarChart, CustomChart, LineChart, ScatterChart, GridComponent, LegendPlainComponent, SVGRenderer]);

export { init };
