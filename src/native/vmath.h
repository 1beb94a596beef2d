// exp, tanh and sigmoid on vectors, relative error below 1e-6. NaN in, NaN out.
#pragma once
#include "simd.h"

namespace dsc {
namespace DSC_ISA {

// x = n ln2 + r with |r| <= ln2 / 2. Returns e^r - 1 and gives 2^n. The polynomial is a least-maximum fit of (e^r - 1) / r,
// relative error 2e-8. Needs |x| < 88.
static inline vf expParts(vf x, vf& power) {
  const vf magic = splat(12582912.f);  // 1.5 * 2^23: adding it rounds to an integer in the low bits
  const vf shifted = x * splat(1.44269504f) + magic;
  const vf n = shifted - magic;
  const vf r = x - n * splat(0.693359375f) + n * splat(2.12194440e-4f);
  power = (vf)(((vi)shifted << 23) + (vi)splat(1.f));
  vf p = splat(0x1.6c16a6p-10f);
  p = p * r + splat(0x1.123d70p-7f);
  p = p * r + splat(0x1.555652p-5f);
  p = p * r + splat(0x1.55547ep-3f);
  p = p * r + splat(0x1.fffffep-2f);
  return p * r * r + r;
}

// Second operand on NaN, as the hardware's min and max do.
static inline vf atLeast(float low, vf x) { return largest(splat(low), x); }
static inline vf atMost(float high, vf x) { return smallest(splat(high), x); }

// Results below the smallest normal float are 0, above the largest infinity.
static inline vf vexp(vf x) {
  const vf clamped = atLeast(-87.33654f, atMost(88.72283f, x));
  vf power;
  const vf p = expParts(clamped * splat(.5f), power);  // halved, so that 2^n stays a normal float up to the edge
  const vf half = power * p + power;
  vf y = half * half;
  y = x < splat(-87.33654f) ? splat(0.f) : y;
  return x > splat(88.72283f) ? splat(__builtin_inff()) : y;
}

// Absolute error below 2e-38 for x < -87.
static inline vf vsigmoid(vf x) {
  vf power;
  const vf p = expParts(atLeast(-87.f, atMost(87.f, -x)), power);
  return reciprocal(power * p + (power + splat(1.f)));
}

// With e = exp(-2|x|) - 1, which keeps its digits near 0: tanh|x| = -e / (2 + e).
static inline vf vtanh(vf x) {
  const vi sign = (vi)x & (vi)splat(-0.f);
  const vf magnitude = (vf)((vi)x ^ sign);
  vf power;
  const vf p = expParts(atMost(20.f, magnitude) * splat(-2.f), power);
  const vf e = power * p + (power - splat(1.f));
  return (vf)((vi)((splat(0) - e) * reciprocal(splat(2.f) + e)) | sign);
}

}  // namespace DSC_ISA
}  // namespace dsc
