// The one matrix product: a register tile of up to MR rows by one packed panel of NR columns, sum over k in ascending order.
// An element's bits depend on k's order alone, never on the tile that holds it, so any split of rows or panels over threads
// gives the same result.
//
// Panel layout, used for every wide intermediate: a (rows, columns) matrix is stored as ceil(columns / NR) panels, each
// (rows, NR) contiguous. A panel is at once a B operand without packing, and rows of it are an A operand with a fixed stride.
#pragma once
#include "simd.h"

namespace dsc {
namespace DSC_ISA {

// How the A operand is walked.
enum class A {
  panel,       // panel layout: rows NR apart, columns adjacent, `panelStride` from panel to panel
  rows,        // row-major: rows `stride` apart
  transposed,  // A^T of a row-major matrix: rows adjacent, columns `stride` apart
};

struct Tile {
  const float* a;
  int64_t stride;       // rows, transposed: leading dimension
  int64_t panelStride;  // panel: floats from panel to panel
  const float* b;       // (k, NV * VL) packed
  int64_t k;
  const float* bias;  // NV * VL floats that the sums start from, or null
  bool accumulate;    // start from c
  float* c[2];        // where each vector of columns of row 0 goes
  int lanes[2];       // how many of its columns exist
  int64_t cStride;
};

template <A walk, int rows, int NV>
static void tile(const Tile& t) {
  vf sum[rows][NV];
  for (int v = 0; v < NV; v++) {
    const vf start = t.bias ? load(t.bias + v * VL) : splat(0);
    for (int i = 0; i < rows; i++) sum[i][v] = start;
  }
  if (t.accumulate) {
    for (int v = 0; v < NV; v++) {
      for (int i = 0; i < rows; i++) sum[i][v] += loadEdge(t.c[v] + i * t.cStride, t.lanes[v]);
    }
  }
  const int64_t rowStride = walk == A::panel ? NR : walk == A::rows ? t.stride : 1;
  const int64_t columnStride = walk == A::transposed ? t.stride : 1;
  const int64_t run = walk == A::panel ? NR : t.k;
  const float* b = t.b;
  for (int64_t k0 = 0; k0 < t.k; k0 += run) {
    const float* a = t.a + (walk == A::panel ? k0 / NR * t.panelStride : 0);
    const int64_t end = least(run, t.k - k0);
    for (int64_t k = 0; k < end; k++) {
      vf bk[NV];
      for (int v = 0; v < NV; v++) bk[v] = load(b + v * VL);
      for (int i = 0; i < rows; i++) {
        const vf ak = splat(a[i * rowStride]);
        for (int v = 0; v < NV; v++) sum[i][v] += ak * bk[v];
      }
      a += columnStride;
      b += NV * VL;
    }
  }
  for (int v = 0; v < NV; v++) {
    for (int i = 0; i < rows; i++) storeEdge(t.c[v] + i * t.cStride, sum[i][v], t.lanes[v]);
  }
}

using TileFn = void (*)(const Tile&);

template <A walk, int NV, int rows>
struct TileTable : TileTable<walk, NV, rows - 1> {
  TileTable() { this->fn[rows] = tile<walk, rows, NV>; }
};
template <A walk, int NV>
struct TileTable<walk, NV, 0> {
  TileFn fn[MR + 1] = {};
};

// All rows of one panel of columns: split into equal tiles of at most MR rows.
template <A walk, int NV = 2>
static void panelProduct(Tile t, int64_t rows) {
  static const TileTable<walk, NV, MR> table;
  const int64_t aStep = walk == A::panel ? NR : walk == A::rows ? t.stride : 1;
  const int64_t tiles = ceilDiv(rows, MR);
  const float* a = t.a;
  float* c[2] = {t.c[0], t.c[1]};
  for (int64_t i = 0; i < tiles; i++) {
    const int64_t from = part(rows, tiles, i);
    const int64_t count = part(rows, tiles, i + 1) - from;
    t.a = a + from * aStep;
    for (int v = 0; v < NV; v++) t.c[v] = c[v] + from * t.cStride;
    table.fn[count](t);
  }
}

// Packs columns [0, columns) of row-major b (k, ld) into one panel (k, width), zero beyond `columns`.
static inline void packPanel(const float* b, int64_t ld, int64_t k, int columns, int width, float* out) {
  for (int64_t i = 0; i < k; i++, b += ld, out += width) {
    for (int v = 0; v < width; v += VL) store(out + v, columns > v ? loadEdge(b + v, columns - v) : splat(0));
  }
}

// The same of b transposed: b is row-major (columns, ld), out[i][j] = b[j][i].
static inline void packPanelTransposed(const float* b, int64_t ld, int64_t k, int columns, int width, float* out) {
  for (int64_t i0 = 0; i0 < k; i0 += 16) {
    const int64_t end = least(i0 + 16, k);
    for (int j = 0; j < columns; j++) {
      for (int64_t i = i0; i < end; i++) out[i * width + j] = b[j * ld + i];
    }
    for (int j = columns; j < width; j++) {
      for (int64_t i = i0; i < end; i++) out[i * width + j] = 0;
    }
  }
}

}  // namespace DSC_ISA
}  // namespace dsc
