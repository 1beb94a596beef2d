// General row-major matrix product, for dense layers and the rest of the network.
#pragma once
#include "gemm.h"
#include "kernels.h"

namespace dsc {
namespace DSC_ISA {

struct MatmulJob {
  const MatmulShape& s;
  const float *a, *b;
  float* c;
  float* packed;  // panels of b's current range of k
  int64_t panelSize;  // floats from one to the next, the same for every range: units may be in different ones
  float* blocks;  // one a unit: rows of a, in panel layout; null when a is read where it lies
  int units;
};

constexpr int64_t kRange = 256;  // of k at a time: a panel of it stays in the first-level cache
constexpr int64_t kRows = 512;   // of a at a time: a block of them, packed, stays in the second-level cache
constexpr int kWays = 8;         // of a common first-level cache: so many rows, a multiple of a page apart, fit it
constexpr int64_t kBlock = kRange * kRows;

static inline int panelWidth(int64_t columns) { return columns > VL ? NR : VL; }

static inline void matmulPanel(const MatmulJob& job, int64_t k0, int64_t k, int64_t column, int64_t from, int64_t to,
                               const float* block) {
  const MatmulShape& s = job.s;
  const int64_t columns = s.n - column;
  Tile t = {};
  t.stride = s.transposeA ? s.m : s.k;
  t.a = s.transposeA ? job.a + k0 * s.m + from : job.a + from * s.k + k0;
  t.panelStride = (to - from) * NR;
  t.k = k;
  t.b = job.packed + column / NR * job.panelSize;
  t.accumulate = k0 > 0;
  t.cStride = s.n;
  t.c[0] = job.c + from * s.n + column;
  t.c[1] = t.c[0] + VL;
  t.lanes[0] = static_cast<int>(least(VL, columns));
  t.lanes[1] = static_cast<int>(least(VL, columns - VL));
  float bias[NR];
  if (s.bias && k0 == 0) {
    for (int i = 0; i < NR; i++) bias[i] = i < columns ? s.bias[column + i] : 0;
    t.bias = bias;
  }
  const bool wide = panelWidth(columns) == NR;
  if (block) {
    t.a = block;
    (wide ? panelProduct<A::panel, 2> : panelProduct<A::panel, 1>)(t, to - from);
  } else if (s.transposeA) {
    (wide ? panelProduct<A::transposed, 2> : panelProduct<A::transposed, 1>)(t, to - from);
  } else {
    (wide ? panelProduct<A::rows, 2> : panelProduct<A::rows, 1>)(t, to - from);
  }
}

// Rows [from, to) of the product over a range of k. Where many panels share them, rows of a are copied to panel layout first:
// those of a tall tile, or the columns of a^T, may lie a multiple of a page apart and push each other out of the cache.
static inline void matmulRows(const MatmulJob& job, int unit, int64_t k0, int64_t k, int64_t from, int64_t to,
                              int64_t fromPanel, int64_t toPanel) {
  const MatmulShape& s = job.s;
  float* block = job.blocks ? job.blocks + unit * kBlock : nullptr;
  for (int64_t row = from; row < to; row += kRows) {
    const int64_t count = least(kRows, to - row);
    for (int64_t q = 0; q < k && block; q += NR) {
      const int columns = static_cast<int>(least(NR, k - q));
      float* out = block + q * count;
      if (s.transposeA) {
        packPanelTransposed(job.a + (k0 + q) * s.m + row, s.m, count, columns, NR, out);
      } else {
        packPanel(job.a + row * s.k + k0 + q, s.k, count, columns, NR, out);
      }
    }
    for (int64_t p = fromPanel; p < toPanel; p++) matmulPanel(job, k0, k, p * NR, row, row + count, block);
  }
}

static inline void packPanels(const MatmulJob& job, int64_t k0, int64_t k, int64_t fromPanel, int64_t toPanel) {
  const MatmulShape& s = job.s;
  for (int64_t p = fromPanel; p < toPanel; p++) {
    const int64_t columns = s.n - p * NR;
    const int width = panelWidth(columns);
    const int count = static_cast<int>(least(columns, width));
    float* out = job.packed + p * job.panelSize;
    if (s.transposeB) {
      packPanelTransposed(job.b + p * NR * s.k + k0, s.k, k, count, width, out);
    } else {
      packPanel(job.b + k0 * s.n + p * NR, s.n, k, count, width, out);
    }
  }
}

// Tall results are split by rows: for each range of k, one stage packs its panels and one multiplies. Wide ones are split by
// panels, each packed by the unit that needs it, in one stage.
static inline bool byRows(const MatmulShape& s) { return s.m >= s.n; }

static void matmulPart(void* arg, Part part_) {
  const MatmulJob& job = *static_cast<const MatmulJob*>(arg);
  const MatmulShape& s = job.s;
  const int unit = part_.unit;
  const int64_t panels = ceilDiv(s.n, NR);
  const int64_t fromPanel = part(panels, job.units, unit), toPanel = part(panels, job.units, unit + 1);
  if (byRows(s)) {
    const int64_t k0 = part_.stage / 2 * kRange, k = least(kRange, s.k - k0);
    if (part_.stage % 2 == 0) return packPanels(job, k0, k, fromPanel, toPanel);
    return matmulRows(job, unit, k0, k, part(s.m, job.units, unit), part(s.m, job.units, unit + 1), 0, panels);
  }
  for (int64_t k0 = 0; k0 < s.k; k0 += kRange) {
    const int64_t k = least(kRange, s.k - k0);
    packPanels(job, k0, k, fromPanel, toPanel);
    matmulRows(job, unit, k0, k, 0, s.m, fromPanel, toPanel);
  }
}

static bool matmul(Context& context, const MatmulShape& s, const float* a, const float* b, float* c) {
  if (s.m == 0 || s.n == 0) return true;
  if (s.k == 0) {
    for (int64_t i = 0; i < s.m * s.n; i++) c[i] = s.bias ? s.bias[i % s.n] : 0;
    return true;
  }
  context.arena.reset();
  MatmulJob job = {s, a, b, c, nullptr, NR * least(kRange, s.k), nullptr, 1};
  job.packed = context.arena.floats(static_cast<size_t>(ceilDiv(s.n, NR) * job.panelSize));
  if (!job.packed) return false;
  // Waking a second thread can cost 50 microseconds: only for products that take some hundred. One that is awake helps sooner.
  const int64_t rowsOrPanels = byRows(s) ? ceilDiv(s.m, MR) : ceilDiv(s.n, NR);
  const int64_t work = s.m * s.n * s.k;
  if (work >= 500000) job.units = static_cast<int>(least(least(context.pool.threads(), work / 250000), rowsOrPanels));
  if (s.m >= MR && s.n >= 4 * NR && (s.transposeA || MR > kWays)) {
    job.blocks = context.arena.floats(static_cast<size_t>(job.units * kBlock));
    if (!job.blocks) return false;
  }
  const int stages = byRows(s) ? static_cast<int>(2 * ceilDiv(s.k, kRange)) : 1;
  context.pool.run({1, stages, job.units, work >= 4000000}, matmulPart, &job);
  return true;
}

}  // namespace DSC_ISA
}  // namespace dsc
