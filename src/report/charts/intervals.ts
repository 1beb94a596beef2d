import { breakable, type Content, html, type Html } from '../html';
import { extent, fix, type Scale, scaleOf, type Unit } from './draw';

export interface IntervalRow {
  readonly name: string;
  /** Behind the name, smaller. */
  readonly note?: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** Its colour: what a test says of it, which a word says too, or that of its series. */
  readonly kind: 'better' | 'worse' | 'open' | { readonly colour: string };
  readonly cells: readonly Content[];
}

export interface IntervalGroup {
  /** null for a table of one group. */
  readonly title: string | null;
  readonly rows: readonly IntervalRow[];
}

export interface IntervalData {
  readonly caption: string;
  /** Of the names, of what is drawn, and of each further cell; empty over what needs none. */
  readonly head: readonly [name: string, drawn: string, ...cells: string[]];
  /** Places among the further cells of those that a telephone has no room for: another table has them. */
  readonly wide?: readonly number[];
  readonly groups: readonly IntervalGroup[];
  readonly unit: Unit;
  /** Shared with other tables; from the rows where it is not given. */
  readonly scale?: Scale;
  /** A line at 0, which is always on the axis. */
  readonly zero?: true;
}

/** An axis for what all these rows hold, with 0 on it where differences are shown; of shares, none but from 0 to 100 %. */
export function intervalScale(rows: readonly IntervalRow[], unit: Unit, zero = false): Scale {
  const ends = extent([...rows.flatMap(({ low, high, value }) => [low, high, value]), ...(zero ? [0] : [])]);
  const [low, high] = zero || unit !== 'share' ? ends : [Math.max(0, ends[0]), Math.min(1, ends[1])];
  return scaleOf([low, high], unit);
}

/** How far beyond the ends of its axis something may stand: what lies farther is an arrow. */
const BEYOND = 0.04;

/** The strip's own margins, so that the ends of its axis stay within. In per cent of its width. */
const place = (share: number): number => 6 + 88 * Math.min(1 + BEYOND, Math.max(-BEYOND, share));

/** Longer names may be broken, where their parts meet: on a telephone, or everywhere. */
const [LONG, LONGEST] = [14, 24];

/** As many ticks as have room for so many letters, with 0 among them where it is one. */
function labelled({ ticks }: Scale, letters: number): Scale['ticks'] {
  const zero = Math.max(
    0,
    ticks.findIndex(({ text }) => text === '0'),
  );
  for (let every = 1; ; every++) {
    const some = ticks.filter((_, i) => (i - zero) % every === 0);
    if (some.length <= 1 || some.reduce((sum, { text }) => sum + text.length + 1, 0) <= letters) return some;
  }
}

/** Letters along an axis: of one of several tables side by side, and of one by itself, unless cells leave it little room on a telephone. */
const [NARROW, WIDE] = [10, 16];
const MANY_CELLS = 3;

/** Values with their intervals along one axis, a row each: a forest plot that is a table. */
export function intervalTable(data: IntervalData): Html {
  const { caption, head, groups, unit, zero = false, wide = [] } = data;
  const scale =
    data.scale ??
    intervalScale(
      groups.flatMap(({ rows }) => rows),
      unit,
      zero,
    );
  const [name, drawn, ...cells] = head;
  const cell = (i: number): Html | undefined => (wide.includes(i) ? html` class="wide"` : undefined);
  const row = ({ name: of, note, value, low, high, kind, cells: more }: IntervalRow): Html => {
    const [from, to] = [place(scale.at(low)), place(scale.at(high))];
    const at = scale.at(value);
    const beyond = at < -BEYOND ? html` class="under"` : at > 1 + BEYOND ? html` class="over"` : undefined;
    const letters = of.length + (note ?? '').length;
    const long = letters > LONGEST ? ' long longest' : letters > LONG ? ' long' : '';
    const label = long === '' ? of : breakable(of);
    const row =
      typeof kind === 'object'
        ? html` style="--c:${kind.colour}"`
        : kind === 'open'
          ? undefined
          : html` class="${kind}"`;
    return html`<tr${row}><th scope="row" class="t${long}">${label}${note === undefined ? undefined : html` <span class="note">${note}</span>`}</th><td class="s"><i style="--x:${fix(from)};--w:${fix(to - from)}"></i><b${beyond} style="--x:${fix(place(at))}"></b></td>${more.map((content, i) => html`<td${cell(i)}>${content}</td>`)}</tr>
`;
  };
  return html`<table class="draws" ${zero ? html` style="--z:${fix(place(scale.at(0)))}"` : undefined}>
    <caption>
      ${caption}
    </caption>
    <thead>
      <tr>
        <th scope="col" class="t">${name}</th>
        <th scope="col" class="t">${drawn}</th>
        ${cells.map((one, i) => (one === '' ? html`<td></td>` : html`<th scope="col" ${cell(i)}>${one}</th>`))}
      </tr>
    </thead>
    ${groups.map(
      ({ title, rows }) =>
        html`<tbody>
          ${
            title === null
              ? undefined
              : html`<tr class="group">
                  <th scope="rowgroup" colspan="${head.length}">${title}</th>
                </tr>`
          }
          ${rows.map(row)}
        </tbody> `,
    )}
    <tfoot aria-hidden="true">
      <tr class="axis">
        <th></th>
        <td class="s">
          ${labelled(scale, data.scale || cells.length - wide.length >= MANY_CELLS ? NARROW : WIDE).map(({ text, at }) => html`<span style="--x:${fix(place(at))}">${text}</span>`)}
        </td>
        ${cells.map((_, i) => html`<td${cell(i)}></td>`)}
      </tr>
    </tfoot>
  </table> `;
}
