// Embedding rows: gather, and the sums of their gradients; column sums.
#pragma once
#include "kernels.h"
#include "simd.h"
#include "split.h"

namespace dsc {
namespace DSC_ISA {

// Rows of a large table lie in main memory: fetched some rows ahead.
constexpr int64_t kAhead = 6;

static inline void prefetchRow(const float* row, int64_t width) {
  for (int64_t j = 0; j < width; j += 16) __builtin_prefetch(row + j);
}

// Rows [first, last); x is that of row `first`.
static inline void embedRows(int64_t first, int64_t last, int64_t count, const Lookup* lookups, float* x) {
  for (int64_t n = first; n < last; n++) {
    for (int64_t i = 0; i < count; i++) {
      const Lookup& lookup = lookups[i];
      if (n + kAhead < last) prefetchRow(lookup.table + lookup.ids[n + kAhead] * lookup.width, lookup.width);
      const float* from = lookup.table + lookup.ids[n] * lookup.width;
      for (int64_t j = 0; j < lookup.width; j += VL) {
        const int lanesIn = static_cast<int>(least(VL, lookup.width - j));
        storeEdge(x + j, loadEdge(from + j, lanesIn), lanesIn);
      }
      x += lookup.width;
    }
  }
}

static void embed(Context& context, int64_t rows, int64_t count, const Lookup* lookups, float* x) {
  int64_t width = 0;
  for (int64_t i = 0; i < count; i++) width += lookups[i].width;
  const auto some = [=](int64_t from, int64_t to) { embedRows(from, to, count, lookups, x + from * width); };
  split(context, rows, 2 * rows * width, some, 1);
}

static inline void addRow(int64_t n, const float* x, float* sum) {
  for (int64_t j = 0; j < n; j += VL) {
    const int lanesIn = static_cast<int>(least(VL, n - j));
    storeEdge(sum + j, loadEdge(sum + j, lanesIn) + loadEdge(x + j, lanesIn), lanesIn);
  }
}

static void sumRows(int64_t rows, const int32_t* slotOf, const float* grad, int64_t stride, int64_t from, int64_t width,
                    float* sums) {
  for (int64_t n = 0; n < rows; n++) addRow(width, grad + n * stride + from, sums + slotOf[n] * width);
}

static void columnSums(int64_t rows, int64_t columns, const float* x, float* sums) {
  std::memset(sums, 0, static_cast<size_t>(columns) * sizeof(float));
  for (int64_t n = 0; n < rows; n++) addRow(columns, x + n * columns, sums);
}

}  // namespace DSC_ISA
}  // namespace dsc
