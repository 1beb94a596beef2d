import { join } from 'node:path';
import { FIGURES } from './figures';

const BUILT = join(__dirname, '../../dist/program/echarts.cjs');

describe('what is built in of ECharts', () => {
  it.each(Object.keys(FIGURES))('draws %s as the whole package does', (kind) => {
    let built: string | undefined;
    let init: unknown;
    jest.isolateModules(() => {
      jest.doMock('echarts', () => (init = jest.requireActual<object>(BUILT)));
      built = (require('./figures') as typeof import('./figures')).FIGURES[kind]().svg; // eslint-disable-line @typescript-eslint/no-require-imports
    });
    expect(Object.keys(init as object)).toEqual(['init']);
    expect(built).toBe(FIGURES[kind]().svg);
  });
});
