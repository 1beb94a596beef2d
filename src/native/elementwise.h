// Dropout with a counter-based mask, and elementwise functions of one and two tensors.
#pragma once
#include <cmath>

#include "kernels.h"
#include "split.h"
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
static void dropout(Context& context, int64_t n, uint32_t seed, double rate, const float* x, float* y) {
  const float scale = static_cast<float>(1 / (1 - rate));
  const uint32_t key = mix(seed + 0x9e3779b9u);
  const double threshold = __builtin_ceil(rate * 4294967296.0);  // hash >= rate 2^32, as an integer
  const bool none = threshold > 4294967295.0;
  const uint32_t smallest = none ? 0xffffffffu : static_cast<uint32_t>(threshold);
  const float kept = none ? 0 : scale;
  split(context, n, 2 * n, [=](int64_t from, int64_t to) {
    for (int64_t i = from; i < to; i++) {
      const float scaled = x[i] * kept;
      y[i] = mix(mix(static_cast<uint32_t>(i) ^ seed) + key) >= smallest ? scaled : 0;
    }
  });
}

// The C library's function lane by lane: exact where a loss takes the logarithm or power of a probability.
template <class F>
static inline vf eachLane(vf x, F f) {
  for (int i = 0; i < VL; i++) x[i] = f(x[i]);
  return x;
}
static inline vf vlog(vf x) {
  return eachLane(x, [](float v) { return std::log(v); });
}
static inline vf vnegate(vf x) { return -x; }
static inline vf vsquare(vf x) { return x * x; }
static inline vf vabsolute(vf x) { return (vf)((vi)x & ~(vi)splat(-0.f)); }
// 1 above 0, else 0; NaN stays NaN, as in tfjs.
static inline vf vstep(vf x) { return x > splat(0) ? splat(1) : (vi)(x != x) ? x : splat(0); }

template <vf (*op)(vf)>
static inline void apply(int64_t n, const float* x, float* y) {
  for (int64_t i = 0; i < n; i += VL) {
    const int lanesIn = static_cast<int>(least(VL, n - i));
    storeEdge(y + i, op(loadEdge(x + i, lanesIn)), lanesIn);
  }
}

static inline void unaryRange(Unary op, int64_t n, const float* x, float* y) {
  switch (op) {
    case Unary::exp:
      apply<vexp>(n, x, y);
      break;
    case Unary::tanh:
      apply<vtanh>(n, x, y);
      break;
    case Unary::sigmoid:
      apply<vsigmoid>(n, x, y);
      break;
    case Unary::log:
      apply<vlog>(n, x, y);
      break;
    case Unary::negate:
      apply<vnegate>(n, x, y);
      break;
    case Unary::square:
      apply<vsquare>(n, x, y);
      break;
    case Unary::root:
      apply<root>(n, x, y);
      break;
    case Unary::absolute:
      apply<vabsolute>(n, x, y);
      break;
    case Unary::step:
      apply<vstep>(n, x, y);
      break;
  }
}

static void unary(Context& context, Unary op, int64_t n, const float* x, float* y) {
  const int64_t cost = op == Unary::log ? 16 * n : n;
  split(context, n, cost, [=](int64_t from, int64_t to) { unaryRange(op, to - from, x + from, y + from); });
}

// NaN where either is NaN, as JavaScript's Math.max and Math.min.
static inline vf vmaximum(vf a, vf b) { return ((vi)(a > b) | (vi)(a != a)) ? a : b; }
static inline vf vminimum(vf a, vf b) { return ((vi)(a < b) | (vi)(a != a)) ? a : b; }
static inline vf vadd(vf a, vf b) { return a + b; }
static inline vf vsubtract(vf a, vf b) { return a - b; }
static inline vf vmultiply(vf a, vf b) { return a * b; }
static inline vf vdivide(vf a, vf b) { return a / b; }
static inline vf vsquaredDifference(vf a, vf b) { return (a - b) * (a - b); }
static inline vf vpower(vf a, vf b) {
  for (int i = 0; i < VL; i++) {
    const float p = b[i];
    a[i] = p == 1 ? a[i] : p == 2 ? a[i] * a[i] : std::pow(a[i], p);
  }
  return a;
}

template <vf (*op)(vf, vf)>
static inline void applyBinary(const BinaryShape& s, const float* a, const float* b, float* y) {
  const bool aSpreads = s.a == Spread::scalar || s.a == Spread::column;
  const bool bSpreads = s.b == Spread::scalar || s.b == Spread::column;
  const int64_t aStep = s.a == Spread::full ? s.inner : s.a == Spread::column;
  const int64_t bStep = s.b == Spread::full ? s.inner : s.b == Spread::column;
  for (int64_t r = 0; r < s.outer; r++, a += aStep, b += bStep, y += s.inner) {
    for (int64_t i = 0; i < s.inner; i += VL) {
      const int lanesIn = static_cast<int>(least(VL, s.inner - i));
      const vf left = aSpreads ? splat(*a) : loadEdge(a + i, lanesIn);
      const vf right = bSpreads ? splat(*b) : loadEdge(b + i, lanesIn);
      storeEdge(y + i, op(left, right), lanesIn);
    }
  }
}

static inline void binaryRows(Binary op, const BinaryShape& s, const float* a, const float* b, float* y) {
  switch (op) {
    case Binary::add:
      return applyBinary<vadd>(s, a, b, y);
    case Binary::subtract:
      return applyBinary<vsubtract>(s, a, b, y);
    case Binary::multiply:
      return applyBinary<vmultiply>(s, a, b, y);
    case Binary::divide:
      return applyBinary<vdivide>(s, a, b, y);
    case Binary::maximum:
      return applyBinary<vmaximum>(s, a, b, y);
    case Binary::minimum:
      return applyBinary<vminimum>(s, a, b, y);
    case Binary::power:
      return applyBinary<vpower>(s, a, b, y);
    case Binary::squaredDifference:
      return applyBinary<vsquaredDifference>(s, a, b, y);
  }
}

// By rows; a result of one long row, by columns.
static void binary(Context& context, Binary op, const BinaryShape& s, const float* a, const float* b, float* y) {
  const int64_t cost = s.outer * s.inner * (op == Binary::power ? 32 : 1);
  const auto at = [&s](Spread spread, int64_t row, int64_t column) {
    return spread == Spread::full ? row * s.inner + column : spread == Spread::row ? column : spread == Spread::column ? row : 0;
  };
  if (s.outer == 1) {
    return split(context, s.inner, cost, [&](int64_t from, int64_t to) {
      binaryRows(op, {1, to - from, s.a, s.b}, a + at(s.a, 0, from), b + at(s.b, 0, from), y + from);
    });
  }
  split(context, s.outer, cost, [&](int64_t from, int64_t to) {
    binaryRows(op, {to - from, s.inner, s.a, s.b}, a + at(s.a, from, 0), b + at(s.b, from, 0), y + from * s.inner);
  });
}

}  // namespace DSC_ISA
}  // namespace dsc
