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

constexpr int64_t kFetch = 8;  // steps of k by which a panel is fetched ahead

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

// Stores the sums, or adds them to c: at the end, because c, fetched from the start on, has arrived by then.
template <bool whole, int rows, int NV>
static inline void finish(const Tile& t, const vf (&sum)[rows][NV]) {
  DSC_UNROLL for (int v = 0; v < NV; v++) {
    const int n = t.lanes[v];
    float* c = t.c[v];
    if (t.accumulate) {
      DSC_UNROLL for (int i = 0; i < rows; i++) {
        float* at = c + i * t.cStride;
        if (whole) {
          store(at, load(at) + sum[i][v]);
        } else {
          store(at, load(at, n) + sum[i][v], n);
        }
      }
    } else {
      DSC_UNROLL for (int i = 0; i < rows; i++) {
        if (whole) {
          store(c + i * t.cStride, sum[i][v]);
        } else {
          store(c + i * t.cStride, sum[i][v], n);
        }
      }
    }
  }
}

template <A walk, int rows, int NV>
static void tile(const Tile& t) {
  bool whole = true;
  vf sum[rows][NV];
  DSC_UNROLL for (int v = 0; v < NV; v++) {
    whole = whole && t.lanes[v] >= VL;
    const vf start = t.bias ? load(t.bias + v * VL) : splat(0);
    DSC_UNROLL for (int i = 0; i < rows; i++) {
      sum[i][v] = start;
      __builtin_prefetch(t.c[v] + i * t.cStride, 1);
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
      DSC_UNROLL for (int v = 0; v < NV; v++) {
        bk[v] = load(b + v * VL);
        if (v * VL % 16 == 0) __builtin_prefetch(b + kFetch * NV * VL + v * VL);  // once a cache line
      }
      DSC_UNROLL for (int i = 0; i < rows; i++) {
        const vf ak = splat(a[i * rowStride]);
        DSC_UNROLL for (int v = 0; v < NV; v++) sum[i][v] += ak * bk[v];
      }
      a += columnStride;
      b += NV * VL;
    }
  }
  if (whole) {
    finish<true>(t, sum);
  } else {
    finish<false>(t, sum);
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
  for (int64_t i = 0; i < k; i += VL) {
    const int height = static_cast<int>(least(VL, k - i));
    for (int j = 0; j < width; j += VL) {
      vf square[VL];
      DSC_UNROLL for (int v = 0; v < VL; v++) {
        square[v] = j + v < columns ? loadEdge(b + (j + v) * ld + i, height) : splat(0);
      }
      transpose(square);
      DSC_UNROLL for (int v = 0; v < VL; v++) {
        if (v < height) store(out + (i + v) * width + j, square[v]);
      }
    }
  }
}

}  // namespace DSC_ISA
}  // namespace dsc
