import { present } from '../../errors';
import { type Figure, html, type Html } from '../html';
import type { ChartText } from './draw';

export interface HeatData extends ChartText {
  /** What rows and columns are, such as `gold` and `predicted`. */
  readonly rowName: string;
  readonly columnName: string;
  readonly panels: readonly HeatPanel[];
}

export interface HeatPanel {
  readonly title: string;
  readonly rows: readonly { readonly name: string; readonly note: string }[];
  readonly columns: readonly string[];
  /** Shares of its row, by row and column; null where a cell has no meaning. */
  readonly values: readonly (readonly (number | null)[])[];
}

/** Grids of shares of their rows in whole per cent, the higher the fuller: confusion matrices. They are tables, which anybody can read. */
export function heatPanels({ id, title, description, rowName, columnName, panels }: HeatData): Figure {
  const body = html`<div class="panels wide">${panels.map((panel) => heatTable(panel, rowName, columnName))}</div> `;
  return { id, title, description, body };
}

const heatTable = ({ title, rows, columns, values }: HeatPanel, rowName: string, columnName: string): Html =>
  html`<table class="heat">
    <caption>
      ${title}
    </caption>
    <thead>
      <tr>
        <th scope="col">${rowName} \\ ${columnName}</th>
        ${columns.map((name) => html`<th scope="col">${name}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        ({ name, note }, r) =>
          html`<tr>
            <th scope="row">${name} <span class="note">${note}</span></th>
            ${present(values[r], 'row').map(heatCell)}
          </tr> `,
      )}
    </tbody>
  </table> `;

/** Empty where there is nothing: zeros would hide what there is. */
function heatCell(value: number | null): Html {
  if (value === null || value === 0) return html`<td></td>`;
  const whole = Math.round(100 * value);
  return html`<td style="--v:${whole}">${whole === 0 ? '<1' : whole}</td>`;
}
