/**
 * Matrix product C += A B over strided float32 views, for V8: operands are packed into float64 panels (2 rows of A, 4 columns of
 * B), and a 2 x 4 tile is summed in local variables. Measured on one core (Xeon, AVX-512, Node 20.20), GFLOP/s:
 *   float64 panels: tiles of 2 x 4, 3 x 3 and 4 x 4 all 3.4, the same unrolled twice; float32 panels: 2.9 (a conversion a load);
 *   Math.fround about every operation: 1.2.
 * Every element of C is one sum over k in ascending order, whatever its place in a tile: a row's result does not depend on the
 * rows beside it, to the bit.
 */

/** Element (i, j) of a matrix is data[offset + i * row + j * column]. */
export interface View {
  data: Float32Array;
  offset: number;
  row: number;
  column: number;
}

const TILE_ROWS = 2;
const TILE_COLUMNS = 4;
/** Rows of A packed at a time: 64 rows of 500 columns take 256 kB, which stay in the second-level cache. */
const ROW_BLOCK = 64;

/** Packs B (k, columns) into panels of 4 columns, [panel][k][4], zeros behind the last column. */
export function packColumns(b: View, k: number, columns: number): Float64Array {
  const panels = Math.ceil(columns / TILE_COLUMNS);
  const packed = new Float64Array(panels * k * TILE_COLUMNS);
  for (let j = 0; j < columns; j++) {
    let to = (j - (j % TILE_COLUMNS)) * k + (j % TILE_COLUMNS);
    let from = b.offset + j * b.column;
    for (let p = 0; p < k; p++, to += TILE_COLUMNS, from += b.row) packed[to] = b.data[from] as number;
  }
  return packed;
}

let rowPanels = new Float64Array(0);

/** C (rows, columns) += A (rows, k) B (k, columns), B packed by `packColumns`; C has unit column stride. */
export function multiplyAdd(rows: number, columns: number, k: number, a: View, b: Float64Array, c: View): void {
  if (rowPanels.length < ROW_BLOCK * k) rowPanels = new Float64Array(ROW_BLOCK * k);
  const panel = rowPanels;
  for (let block = 0; block < rows; block += ROW_BLOCK) {
    const blockRows = Math.min(ROW_BLOCK, rows - block);
    packRows(a, block, blockRows, k, panel);
    for (let j = 0; j < columns; j += TILE_COLUMNS) {
      const tileColumns = Math.min(TILE_COLUMNS, columns - j);
      for (let i = 0; i < blockRows; i += TILE_ROWS) {
        const at = c.offset + (block + i) * c.row + j;
        tile(panel, i * k, b, j * k, k, c.data, at, c.row, Math.min(TILE_ROWS, blockRows - i), tileColumns);
      }
    }
  }
}

/** Packs rows first..first+rows of A into panels of 2 rows, [panel][k][2]; the second lane of an odd last panel is zero. */
function packRows(a: View, first: number, rows: number, k: number, packed: Float64Array): void {
  for (let i = 0; i < rows; i++) {
    let to = (i - (i % TILE_ROWS)) * k + (i % TILE_ROWS);
    let from = a.offset + (first + i) * a.row;
    for (let p = 0; p < k; p++, to += TILE_ROWS, from += a.column) packed[to] = a.data[from] as number;
  }
  if (rows % TILE_ROWS === 1) for (let p = 0, to = (rows - 1) * k + 1; p < k; p++, to += TILE_ROWS) packed[to] = 0;
}

/** One 2 x 4 tile: C[at..] += panel of A times panel of B; stores only the first `rows` rows and `columns` columns. */
function tile(
  a: Float64Array,
  pa: number,
  b: Float64Array,
  pb: number,
  k: number,
  c: Float32Array,
  at: number,
  stride: number,
  rows: number,
  columns: number,
): void {
  let c00 = 0;
  let c01 = 0;
  let c02 = 0;
  let c03 = 0;
  let c10 = 0;
  let c11 = 0;
  let c12 = 0;
  let c13 = 0;
  for (const end = pa + k * TILE_ROWS; pa < end; pa += TILE_ROWS, pb += TILE_COLUMNS) {
    const b0 = b[pb] as number;
    const b1 = b[pb + 1] as number;
    const b2 = b[pb + 2] as number;
    const b3 = b[pb + 3] as number;
    const a0 = a[pa] as number;
    c00 += a0 * b0;
    c01 += a0 * b1;
    c02 += a0 * b2;
    c03 += a0 * b3;
    const a1 = a[pa + 1] as number;
    c10 += a1 * b0;
    c11 += a1 * b1;
    c12 += a1 * b2;
    c13 += a1 * b3;
  }
  c[at] = (c[at] as number) + c00;
  if (columns > 1) c[at + 1] = (c[at + 1] as number) + c01;
  if (columns > 2) c[at + 2] = (c[at + 2] as number) + c02;
  if (columns > 3) c[at + 3] = (c[at + 3] as number) + c03;
  if (rows === 1) return;
  at += stride;
  c[at] = (c[at] as number) + c10;
  if (columns > 1) c[at + 1] = (c[at + 1] as number) + c11;
  if (columns > 2) c[at + 2] = (c[at + 2] as number) + c12;
  if (columns > 3) c[at + 3] = (c[at + 3] as number) + c13;
}
