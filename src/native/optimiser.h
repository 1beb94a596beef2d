// Adam on whole parameters and on named rows, and the sum of squares behind the global norm. (Kingma and Ba 2015.)
#pragma once
#include "kernels.h"
#include "rows.h"
#include "simd.h"

namespace dsc {
namespace DSC_ISA {

constexpr int64_t kShare = 16384;  // floats below which a second thread does not pay

constexpr int64_t kLong = 16 * kShare;  // from which sleeping threads are woken

static inline int unitsFor(const Context& context, int64_t floats) {
  return static_cast<int>(least(context.pool.threads(), floats / kShare + 1));
}

// One stage of independent units.
static inline void runUnits(Context& context, int units, int64_t floats, Pool::Job job, void* arg) {
  context.pool.run({1, 1, units, floats >= kLong}, job, arg);
}

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

struct AdamJob {
  AdamFactors factors;
  int64_t n, width;
  const int32_t* ids;
  float *param, *m, *v;
  const float* grad;
  int units;
};

static void adamPart(void* arg, Part part_) {
  const AdamJob& job = *static_cast<const AdamJob*>(arg);
  const int64_t lines = ceilDiv(job.n, 16);
  const int64_t from = part(lines, job.units, part_.unit) * 16;
  const int64_t to = least(part(lines, job.units, part_.unit + 1) * 16, job.n);
  adamRange(job.factors, to - from, job.param + from, job.m + from, job.v + from, job.grad + from);
}

static void adam(Context& context, const AdamSettings& s, int64_t n, float* param, float* m, float* v,
                 const float* grad) {
  AdamJob job = {adamFactors(s), n, 0, nullptr, param, m, v, grad, unitsFor(context, n)};
  runUnits(context, job.units, n, adamPart, &job);
}

static void adamRowsPart(void* arg, Part part_) {
  const AdamJob& job = *static_cast<const AdamJob*>(arg);
  const int64_t to = part(job.n, job.units, part_.unit + 1);
  for (int64_t r = part(job.n, job.units, part_.unit); r < to; r++) {
    if (r + kAhead < to) {
      const int64_t next = job.ids[r + kAhead] * job.width;
      for (const float* table : {job.param, job.m, job.v}) prefetchRow(table + next, job.width);
    }
    const int64_t at = job.ids[r] * job.width;
    adamRange(job.factors, job.width, job.param + at, job.m + at, job.v + at, job.grad + r * job.width);
  }
}

static void adamRows(Context& context, const AdamSettings& s, int64_t rows, int64_t width, const int32_t* ids,
                     float* param, float* m, float* v, const float* grad) {
  AdamJob job = {adamFactors(s), rows, width, ids, param, m, v, grad, unitsFor(context, rows * width)};
  runUnits(context, job.units, rows * width, adamRowsPart, &job);
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
    SquaresJob job = {count, x + i, sums, unitsFor(context, count / 4)};
    runUnits(context, job.units, count / 4, squaresPart, &job);
    for (int64_t k = 0; k < ceilDiv(count, kShare); k++) total += sums[k];
  }
  return total;
}

}  // namespace DSC_ISA
}  // namespace dsc
