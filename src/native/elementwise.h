// Dropout with a counter-based mask, and the nonlinear functions on whole tensors.
#pragma once
#include "kernels.h"
#include "optimiser.h"
#include "vmath.h"

namespace dsc {
namespace DSC_ISA {

static inline uint32_t mix(uint32_t z) {
  z ^= z >> 16;
  z *= 0x21f0aaadu;
  z ^= z >> 15;
  z *= 0x735a2d97u;
  return z ^ z >> 15;
}

// The mask of src/kernels/reference/dropout.ts, bit for bit.
static void dropout(int64_t n, uint32_t seed, double rate, const float* x, float* y) {
  const float scale = static_cast<float>(1 / (1 - rate));
  const uint32_t key = mix(seed + 0x9e3779b9u);
  const double threshold = __builtin_ceil(rate * 4294967296.0);  // hash >= rate 2^32, as an integer
  const bool none = threshold > 4294967295.0;
  const uint32_t least = none ? 0xffffffffu : static_cast<uint32_t>(threshold);
  const float kept = none ? 0 : scale;
  for (int64_t i = 0; i < n; i++) {
    const float scaled = x[i] * kept;
    y[i] = mix(mix(static_cast<uint32_t>(i) ^ seed) + key) >= least ? scaled : 0;
  }
}

struct UnaryJob {
  Unary op;
  int64_t n;
  const float* x;
  float* y;
  int threads;
};

template <vf (*op)(vf)>
static inline void apply(int64_t n, const float* x, float* y) {
  for (int64_t i = 0; i < n; i += VL) {
    const int lanesIn = static_cast<int>(least(VL, n - i));
    storeEdge(y + i, op(loadEdge(x + i, lanesIn)), lanesIn);
  }
}

static void unaryThread(void* arg, int thread) {
  const UnaryJob& job = *static_cast<const UnaryJob*>(arg);
  const int64_t lines = ceilDiv(job.n, 16);
  const int64_t from = part(lines, job.threads, thread) * 16;
  const int64_t n = least(part(lines, job.threads, thread + 1) * 16, job.n) - from;
  switch (job.op) {
    case Unary::exp:
      apply<vexp>(n, job.x + from, job.y + from);
      break;
    case Unary::tanh:
      apply<vtanh>(n, job.x + from, job.y + from);
      break;
    case Unary::sigmoid:
      apply<vsigmoid>(n, job.x + from, job.y + from);
      break;
  }
}

static void unary(Context& context, Unary op, int64_t n, const float* x, float* y) {
  UnaryJob job = {op, n, x, y, threadsFor(context, n / 4)};
  context.pool.run(job.threads, unaryThread, &job);
}

}  // namespace DSC_ISA
}  // namespace dsc
