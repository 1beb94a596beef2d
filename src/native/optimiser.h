// Adam on whole parameters and on named rows, and the sum of squares behind the global norm. (Kingma and Ba 2015.)
#pragma once
#include "kernels.h"
#include "rows.h"
#include "split.h"
#include "simd.h"

namespace dsc {
namespace DSC_ISA {

constexpr int64_t kShare = 16384;  // floats of a sum of fixed size

struct AdamFactors {
  vf beta1, rest1, beta2, rest2, scale, rate, inverse2, epsilon;
};

static inline AdamFactors adamFactors(const AdamSettings& s) {
  const double rate = s.rate / (1 - __builtin_pow(s.beta1, s.step));
  const double inverse2 = 1 / (1 - __builtin_pow(s.beta2, s.step));
  const auto f = [](double x) { return splat(static_cast<float>(x)); };
  return {f(s.beta1), f(1 - s.beta1), f(s.beta2), f(1 - s.beta2), f(s.scale), f(rate), f(inverse2), f(s.epsilon)};
}

static inline void adamRange(const AdamFactors& f, int64_t n, float* param, float* m, float* v, const float* grad) {
  for (int64_t i = 0; i < n; i += VL) {
    const int lanesIn = static_cast<int>(least(VL, n - i));
    const vf g = loadEdge(grad + i, lanesIn) * f.scale;
    const vf m1 = f.beta1 * loadEdge(m + i, lanesIn) + f.rest1 * g;
    const vf v1 = f.beta2 * loadEdge(v + i, lanesIn) + f.rest2 * g * g;
    const vf step = f.rate * m1 / (root(v1 * f.inverse2) + f.epsilon);
    storeEdge(m + i, m1, lanesIn);
    storeEdge(v + i, v1, lanesIn);
    storeEdge(param + i, loadEdge(param + i, lanesIn) - step, lanesIn);
  }
}

static void adam(Context& context, const AdamSettings& s, int64_t n, float* param, float* m, float* v,
                 const float* grad) {
  const AdamFactors f = adamFactors(s);
  split(context, n, 4 * n, [=](int64_t from, int64_t to) {
    adamRange(f, to - from, param + from, m + from, v + from, grad + from);
  });
}

static void adamRows(Context& context, const AdamSettings& s, int64_t rows, int64_t width, const int32_t* ids,
                     float* param, float* m, float* v, const float* grad) {
  const AdamFactors f = adamFactors(s);
  const auto some = [=](int64_t from, int64_t to) {
    for (int64_t r = from; r < to; r++) {
      if (r + kAhead < to) {
        const int64_t next = ids[r + kAhead] * width;
        for (const float* table : {param, m, v}) prefetchRow(table + next, width);
      }
      const int64_t at = ids[r] * width;
      adamRange(f, width, param + at, m + at, v + at, grad + r * width);
    }
  };
  split(context, rows, 4 * rows * width, some, 1);
}

// In double, sixteen interleaved sums per share of fixed size: the same bits for any number of threads.
static inline double sumOfSquaresShare(int64_t n, const float* x) {
  double sums[16] = {};
  int64_t i = 0;
  for (; i + 16 <= n; i += 16) {
    for (int j = 0; j < 16; j++) sums[j] += static_cast<double>(x[i + j]) * x[i + j];
  }
  for (; i < n; i++) sums[i % 16] += static_cast<double>(x[i]) * x[i];
  double total = 0;
  for (int j = 0; j < 16; j++) total += sums[j];
  return total;
}

struct SquaresJob {
  int64_t n;
  const float* x;
  double* sums;  // one per share
  int units;
};

static void squaresPart(void* arg, Part part_) {
  const SquaresJob& job = *static_cast<const SquaresJob*>(arg);
  const int64_t shares = ceilDiv(job.n, kShare);
  for (int64_t i = part(shares, job.units, part_.unit); i < part(shares, job.units, part_.unit + 1); i++) {
    job.sums[i] = sumOfSquaresShare(least(kShare, job.n - i * kShare), job.x + i * kShare);
  }
}

static double sumOfSquares(Context& context, int64_t n, const float* x) {
  double total = 0;
  double sums[64];
  const int64_t most = 64 * kShare;
  for (int64_t i = 0; i < n; i += most) {
    const int64_t count = least(most, n - i);
    SquaresJob job = {count, x + i, sums, static_cast<int>(least(unitsFor(context, count), ceilDiv(count, kShare)))};
    runUnits(context, job.units, count, squaresPart, &job);
    for (int64_t k = 0; k < ceilDiv(count, kShare); k++) total += sums[k];
  }
  return total;
}

}  // namespace DSC_ISA
}  // namespace dsc
