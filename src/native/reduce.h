// Sums, maxima and softmax along the last axis.
#pragma once
#include "kernels.h"
#include "split.h"
#include "vmath.h"

namespace dsc {
namespace DSC_ISA {

static inline float sumOf(int64_t n, const float* x) {
  double sums[16] = {};
  int64_t i = 0;
  for (; i + 16 <= n; i += 16) {
    for (int j = 0; j < 16; j++) sums[j] += static_cast<double>(x[i + j]);
  }
  double total = 0;
  for (int j = 0; j < 16; j++) total += sums[j];
  for (; i < n; i++) total += static_cast<double>(x[i]);
  return static_cast<float>(total);
}

// NaN where any is NaN; minus infinity of nothing.
static inline float maximumOf(int64_t n, const float* x) {
  float most = -__builtin_inff();
  for (int64_t i = 0; i < n; i++) most = x[i] > most || x[i] != x[i] ? x[i] : most;
  return most;
}

static void reduce(Reduction op, int64_t outer, int64_t inner, const float* x, float* y) {
  for (int64_t r = 0; r < outer; r++) {
    y[r] = op == Reduction::sum ? sumOf(inner, x + r * inner) : maximumOf(inner, x + r * inner);
  }
}

static void sumOuter(int64_t outer, int64_t inner, const float* x, double* sums, float* y) {
  for (int64_t i = 0; i < inner; i++) sums[i] = 0;
  for (int64_t r = 0; r < outer; r++, x += inner) {
    for (int64_t i = 0; i < inner; i++) sums[i] += static_cast<double>(x[i]);
  }
  for (int64_t i = 0; i < inner; i++) y[i] = static_cast<float>(sums[i]);
}

static inline void softmaxRows(int64_t rows, int64_t columns, const float* x, float* y) {
  for (int64_t r = 0; r < rows; r++, x += columns, y += columns) {
    const vf most = splat(maximumOf(columns, x));
    for (int64_t i = 0; i < columns; i += VL) {
      const int lanesIn = static_cast<int>(least(VL, columns - i));
      storeEdge(y + i, vexp(loadEdge(x + i, lanesIn) - most), lanesIn);
    }
    const vf sum = splat(sumOf(columns, y));
    for (int64_t i = 0; i < columns; i += VL) {
      const int lanesIn = static_cast<int>(least(VL, columns - i));
      storeEdge(y + i, loadEdge(y + i, lanesIn) / sum, lanesIn);
    }
  }
}

static void softmax(Context& context, int64_t rows, int64_t columns, const float* x, float* y) {
  split(context, rows, 8 * rows * columns, [=](int64_t from, int64_t to) {
    softmaxRows(to - from, columns, x + from * columns, y + from * columns);
  });
}

}  // namespace DSC_ISA
}  // namespace dsc
