// Vectors of doubles, and exp and log on them with a relative error of some 1e-15.
#pragma once
#include "simd.h"

namespace dsc {
namespace DSC_ISA {

constexpr int DL = VL / 2;  // doubles in a vector

typedef double vd __attribute__((vector_size(DL * 8)));
typedef int64_t vl __attribute__((vector_size(DL * 8)));  // what comparisons give
typedef uint64_t vul __attribute__((vector_size(DL * 8)));
typedef double vdu __attribute__((vector_size(DL * 8), aligned(8), may_alias));

static inline vd loadd(const double* p) { return *reinterpret_cast<const vdu*>(p); }
static inline void store(double* p, vd v) { *reinterpret_cast<vdu*>(p) = v; }
static inline vd splatd(double s) { return s - vd{}; }
static inline vul splatl(uint64_t s) { return s - vul{}; }

// For x <= 0, and NaN. x = n ln2 + r with |r| <= ln2 / 2; the series of e^r to r^13 / 13!. Results below the smallest normal are 0.
static inline vd dexp(vd x) {
  const vd magic = splatd(6755399441055744.);  // 1.5 * 2^52: adding it rounds to an integer in the low bits
  const vd shifted = x * splatd(0x1.71547652b82fep0) + magic;
  const vd n = shifted - magic;
  const vd r = x - n * splatd(0x1.62e42feep-1) - n * splatd(0x1.a39ef35793c76p-33);
  const vd power = (vd)(((vul)shifted << 52) + (vul)splatd(1));
  vd p = splatd(1. / 6227020800.);
  p = p * r + splatd(1. / 479001600.);
  p = p * r + splatd(1. / 39916800.);
  p = p * r + splatd(1. / 3628800.);
  p = p * r + splatd(1. / 362880.);
  p = p * r + splatd(1. / 40320.);
  p = p * r + splatd(1. / 5040.);
  p = p * r + splatd(1. / 720.);
  p = p * r + splatd(1. / 120.);
  p = p * r + splatd(1. / 24.);
  p = p * r + splatd(1. / 6.);
  p = p * r + splatd(.5);
  p = p * r + splatd(1.);
  p = p * r + splatd(1.);
  const vd y = power * p;
  return x < splatd(-708.) ? splatd(0) : y;
}

// For normal positive x, else any number. x = 2^n (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)); the polynomial in s = f / (2 + f) of
// FreeBSD's e_log.c.
static inline vd dlog(vd x) {
  const vul bits = (vul)x;
  const vul exponent = (bits - splatl(0x3fe6a09e667f3bcd) + splatl(uint64_t{1024} << 52)) >> 52;  // n + 1024
  const vd n = (vd)(exponent | splatl(0x4330000000000000)) - splatd(4503599627370496. + 1024.);
  const vd f = (vd)(bits - ((exponent - splatl(1024)) << 52)) - splatd(1);
  const vd s = f / (splatd(2) + f);
  const vd z = s * s, w = z * z;
  const vd even = w * (splatd(0x1.999999997fa04p-2) + w * (splatd(0x1.c71c51d8e78afp-3) + w * splatd(0x1.39a09d078c69fp-3)));
  const vd odd = z * (splatd(0x1.5555555555593p-1) +
                      w * (splatd(0x1.2492494229359p-2) + w * (splatd(0x1.7466496cb03dep-3) + w * splatd(0x1.2f112df3e5244p-3))));
  const vd half = splatd(.5) * f * f;
  return n * splatd(0x1.62e42feep-1) - ((half - (s * (half + even + odd) + n * splatd(0x1.a39ef35793c76p-33))) - f);
}

static inline double largest(vd v) {
  double most = v[0];
  for (int i = 1; i < DL; i++) most = v[i] > most ? v[i] : most;
  return most;
}
static inline double total(vd v) {
  double sum = v[0];
  for (int i = 1; i < DL; i++) sum += v[i];
  return sum;
}

}  // namespace DSC_ISA
}  // namespace dsc
