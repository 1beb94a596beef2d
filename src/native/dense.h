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
  int64_t panelSize;  // floats from one to the next, the same for every range: threads may be in different ones
  int threads;
  Barrier barrier;
};

constexpr int64_t kRange = 256;  // of k at a time: a panel of it stays in the first-level cache

static inline int panelWidth(int64_t columns) { return columns > VL ? NR : VL; }

static inline void matmulPanel(const MatmulJob& job, int64_t k0, int64_t k, int64_t column, int64_t from, int64_t to) {
  const MatmulShape& s = job.s;
  const int64_t columns = s.n - column;
  Tile t = {};
  t.stride = s.transposeA ? s.m : s.k;
  t.a = s.transposeA ? job.a + k0 * s.m + from : job.a + from * s.k + k0;
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
  if (s.transposeA) {
    (wide ? panelProduct<A::transposed, 2> : panelProduct<A::transposed, 1>)(t, to - from);
  } else {
    (wide ? panelProduct<A::rows, 2> : panelProduct<A::rows, 1>)(t, to - from);
  }
}

static void matmulThread(void* arg, int thread) {
  MatmulJob& job = *static_cast<MatmulJob*>(arg);
  const MatmulShape& s = job.s;
  const int64_t panels = ceilDiv(s.n, NR);
  const int64_t fromPanel = part(panels, job.threads, thread), toPanel = part(panels, job.threads, thread + 1);
  const bool byRows = s.m >= s.n;
  for (int64_t k0 = 0; k0 < s.k; k0 += kRange) {
    const int64_t k = least(kRange, s.k - k0);
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
    if (byRows) {
      job.barrier.wait();
      const int64_t from = part(s.m, job.threads, thread), to = part(s.m, job.threads, thread + 1);
      for (int64_t p = 0; p < panels; p++) matmulPanel(job, k0, k, p * NR, from, to);
      job.barrier.wait();
    } else {
      for (int64_t p = fromPanel; p < toPanel; p++) matmulPanel(job, k0, k, p * NR, 0, s.m);
    }
  }
}

static bool matmul(Context& context, const MatmulShape& s, const float* a, const float* b, float* c) {
  if (s.m == 0 || s.n == 0) return true;
  if (s.k == 0) {
    for (int64_t i = 0; i < s.m * s.n; i++) c[i] = s.bias ? s.bias[i % s.n] : 0;
    return true;
  }
  context.arena.reset();
  MatmulJob job = {s, a, b, c, nullptr, NR * least(kRange, s.k), 1, {}};
  job.packed = context.arena.floats(static_cast<size_t>(ceilDiv(s.n, NR) * job.panelSize));
  if (!job.packed) return false;
  // Waking a second thread can cost 50 microseconds: only for products that take some hundred.
  const int64_t rowsOrPanels = s.m >= s.n ? ceilDiv(s.m, MR) : ceilDiv(s.n, NR);
  if (s.m * s.n * s.k >= 4000000) job.threads = static_cast<int>(least(context.pool.threads(), rowsOrPanels));
  job.barrier.reset(job.threads);
  context.pool.run(job.threads, matmulThread, &job);
  return true;
}

}  // namespace DSC_ISA
}  // namespace dsc
