// One vector type per instruction set, from the compiler's vector extension: + - * / and comparisons work on it directly, and
// a * b + c contracts to one fused instruction where there is one. Everything is static in this instruction set's own
// namespace, so no function compiled for a wide machine can be linked into the code of a narrow one.
#pragma once
#include <cstdint>
#include <cstring>
#include <utility>

#if DSC_VECTOR == 16 || (DSC_VECTOR == 8 && defined(__AVX2__))
#include <immintrin.h>
#elif defined(__ARM_NEON)
#include <arm_neon.h>
#endif

namespace dsc {
namespace DSC_ISA {

constexpr int VL = DSC_VECTOR;      // floats in a vector
constexpr int NR = 2 * VL;          // columns of a packed panel and of a register tile
constexpr int MR = DSC_TILE_ROWS;   // most rows of a register tile

// Loops over registers are unrolled before the compiler decides where arrays of vectors live; left to later, it keeps them on
// the stack, and a tile of sums is copied in and out around the loop over k.
#define DSC_UNROLL _Pragma("GCC unroll 16")

typedef float vf __attribute__((vector_size(VL * 4)));
typedef int32_t vi __attribute__((vector_size(VL * 4)));
typedef float vfu __attribute__((vector_size(VL * 4), aligned(4), may_alias));

static inline vf load(const float* p) { return *reinterpret_cast<const vfu*>(p); }
static inline void store(float* p, vf v) { *reinterpret_cast<vfu*>(p) = v; }

#if DSC_VECTOR == 16

static inline vf splat(float s) { return _mm512_set1_ps(s); }
static inline __mmask16 lanes(int n) { return static_cast<__mmask16>((1u << n) - 1); }
static inline vf load(const float* p, int n) { return _mm512_maskz_loadu_ps(lanes(n), p); }
static inline void store(float* p, vf v, int n) { _mm512_mask_storeu_ps(p, lanes(n), v); }
// 1 / x for 2^-126 < |x| < 2^126: the 14-bit estimate and one Newton step.
static inline vf reciprocal(vf x) {
  const vf r = _mm512_maskz_rcp14_ps(0xffff, x);
  return r * _mm512_fnmadd_ps(x, r, splat(2));
}
static inline vf root(vf x) { return _mm512_maskz_sqrt_ps(0xffff, x); }
static inline vf largest(vf a, vf b) { return _mm512_maskz_max_ps(0xffff, a, b); }
static inline vf smallest(vf a, vf b) { return _mm512_maskz_min_ps(0xffff, a, b); }

#elif DSC_VECTOR == 8 && defined(__AVX2__)

static inline vf splat(float s) { return _mm256_set1_ps(s); }
static inline __m256i lanes(int n) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
static inline vf load(const float* p, int n) { return _mm256_maskload_ps(p, lanes(n)); }
static inline void store(float* p, vf v, int n) { _mm256_maskstore_ps(p, lanes(n), v); }
static inline vf reciprocal(vf x) { return splat(1) / x; }
static inline vf root(vf x) { return _mm256_sqrt_ps(x); }
static inline vf largest(vf a, vf b) { return _mm256_max_ps(a, b); }
static inline vf smallest(vf a, vf b) { return _mm256_min_ps(a, b); }

#else

#if defined(__ARM_NEON)
static inline vf splat(float s) { return (vf)vdupq_n_f32(s); }
#else
static inline vf splat(float s) {
  vf v;
  for (int i = 0; i < VL; i++) v[i] = s;
  return v;
}
#endif
static inline vf load(const float* p, int n) {
  vf v = {};
  for (int i = 0; i < n; i++) v[i] = p[i];
  return v;
}
static inline void store(float* p, vf v, int n) {
  for (int i = 0; i < n; i++) p[i] = v[i];
}
static inline vf reciprocal(vf x) { return splat(1) / x; }
#if defined(__ARM_NEON)
static inline vf root(vf x) { return (vf)vsqrtq_f32((float32x4_t)x); }
#else
static inline vf root(vf x) {
  for (int i = 0; i < VL; i++) x[i] = __builtin_sqrtf(x[i]);
  return x;
}
#endif
static inline vf largest(vf a, vf b) { return a > b ? a : b; }
static inline vf smallest(vf a, vf b) { return a < b ? a : b; }

#endif

// The full vector in the common case, the first n lanes at the right edge.
static inline vf loadEdge(const float* p, int n) { return n >= VL ? load(p) : load(p, n); }
static inline void storeEdge(float* p, vf v, int n) {
  if (n >= VL) {
    store(p, v);
  } else {
    store(p, v, n);
  }
}

// (a0 b0 a1 b1 ...) of the lower halves of a and b, or of the upper halves.
template <bool upper, int... i>
static inline vf interleave(vf a, vf b, std::integer_sequence<int, i...>) {
#if defined(__clang__) || __GNUC__ >= 12
  return __builtin_shufflevector(a, b, (upper * VL / 2 + i / 2 + i % 2 * VL)...);
#else
  return vf{(i % 2 ? b : a)[upper * VL / 2 + i / 2]...};
#endif
}

// Rows of a square become its columns. With the number of an element (row, column) written in binary, one round of
// interleaving row i with row i + VL / 2 rotates it by one digit.
static inline void transpose(vf (&rows)[VL]) {
  constexpr std::make_integer_sequence<int, VL> all{};
  DSC_UNROLL for (int round = 1; round < VL; round *= 2) {
    vf next[VL];
    DSC_UNROLL for (int i = 0; i < VL / 2; i++) {
      next[2 * i] = interleave<false>(rows[i], rows[i + VL / 2], all);
      next[2 * i + 1] = interleave<true>(rows[i], rows[i + VL / 2], all);
    }
    DSC_UNROLL for (int i = 0; i < VL; i++) rows[i] = next[i];
  }
}

static inline int64_t ceilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }
static inline int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

// Part `i` of `parts` nearly equal parts of [0, n).
static inline int64_t part(int64_t n, int64_t parts, int64_t i) { return n * i / parts; }

}  // namespace DSC_ISA
}  // namespace dsc
