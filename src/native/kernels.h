// What every instruction set provides: one table of functions over plain memory. Callers have checked all sizes.
#pragma once
#include <cstddef>
#include <cstdint>

#include "pool.h"

namespace dsc {

// A packed batch: step t holds the first stepSizes[t] of the sentences (descending), N rows in all, time-major.
struct LstmShape {
  int64_t rows;        // N
  int64_t steps;       // T
  int64_t inputs;      // I
  int64_t units;       // H
  int64_t directions;  // D, 1 or 2
  const int32_t* stepSizes;
};

// c (m, n) = op(a) (m, k) . op(b) (k, n) + bias (n), all row-major; bias may be null.
struct MatmulShape {
  int64_t m, n, k;
  bool transposeA, transposeB;
  const float* bias;
};

struct AdamSettings {
  double rate, beta1, beta2, epsilon, step, scale;
};

// Row n of the output is row ids[n] of each table, side by side.
struct Lookup {
  const float* table;
  const int32_t* ids;
  int64_t width;
};

// Of a packed batch, as above; C labels.
struct CrfShape {
  int64_t rows, steps, labels;
  const int32_t* stepSizes;
};
struct CrfScores {
  const float *emissions /* (N, C) */, *transitions /* (C, C) */, *start /* (C) */, *end /* (C) */;
};
struct CrfGradients {
  float *emissions, *transitions, *start, *end;
};

enum class Unary { exp, tanh, sigmoid, log, negate, square, root, absolute, step };
enum class Binary { add, subtract, multiply, divide, maximum, minimum, power, squaredDifference };
enum class Reduction { sum, maximum };

// How an operand spreads over an (outer, inner) result.
enum class Spread { full, scalar, row /* (inner) */, column /* (outer) */ };

struct BinaryShape {
  int64_t outer, inner;
  Spread a, b;
};

struct Kernels {
  const char* name;
  // Floats in the reserve of an LSTM call.
  int64_t (*lstmReserve)(const LstmShape&);
  // The functions that return bool say false when scratch memory is short.
  bool (*lstm)(Context&, const LstmShape&, const float* x, const float* w, const float* b, float* h, float* reserve);
  bool (*lstmGrad)(Context&, const LstmShape&, const float* x, const float* w, const float* reserve, const float* dh,
                   float* dx, float* dw, float* db);
  bool (*matmul)(Context&, const MatmulShape&, const float* a, const float* b, float* c);
  // gold (N), -1 where it is not known; without gradients the loss alone.
  bool (*crfNll)(Context&, const CrfShape&, const CrfScores&, const int32_t* gold, double* loss, const CrfGradients*);
  // Floats in the reserve, which holds doubles; it may be null where no gradient follows.
  int64_t (*crfReserve)(const CrfShape&);
  bool (*crfMarginals)(Context&, const CrfShape&, const CrfScores&, float* logMarginals, double* reserve);
  bool (*crfMarginalsGrad)(Context&, const CrfShape&, const CrfScores&, double* reserve, const float* dLogMarginals,
                           const CrfGradients&);
  // The best labels (N); those of `outside`, -1 where there is none, score `bias` more.
  bool (*decode)(Context&, const CrfShape&, const CrfScores&, int64_t outside, double bias, int32_t* ids);
  void (*adam)(Context&, const AdamSettings&, int64_t n, float* param, float* m, float* v, const float* grad);
  void (*adamRows)(Context&, const AdamSettings&, int64_t rows, int64_t width, const int32_t* ids, float* param, float* m,
                   float* v, const float* grad);
  double (*sumOfSquares)(Context&, int64_t n, const float* x);
  void (*columnSums)(int64_t rows, int64_t columns, const float* x, float* sums);
  void (*embed)(Context&, int64_t rows, int64_t count, const Lookup* lookups, float* x);
  // sums[slotOf[n]] += columns [from, from + width) of row n of grad; sums are zero before.
  void (*sumRows)(int64_t rows, const int32_t* slotOf, const float* grad, int64_t stride, int64_t from, int64_t width,
                  float* sums);
  void (*dropout)(Context&, int64_t n, uint32_t seed, double rate, const float* x, float* y);
  void (*unary)(Context&, Unary, int64_t n, const float* x, float* y);
  void (*binary)(Context&, Binary, const BinaryShape&, const float* a, const float* b, float* y);
  // (outer, inner) -> (outer), each sum in double precision; sumOuter: -> (inner), by way of inner doubles.
  void (*reduce)(Reduction, int64_t outer, int64_t inner, const float* x, float* y);
  void (*sumOuter)(int64_t outer, int64_t inner, const float* x, double* sums, float* y);
  void (*softmax)(Context&, int64_t rows, int64_t columns, const float* x, float* y);
};

const Kernels& kernelsPlain();
#if defined(DSC_X64)
const Kernels& kernelsAvx2();
const Kernels& kernelsAvx512();
#endif
#if defined(DSC_ARM64)
const Kernels& kernelsNeon();
#endif

// The table named `name`, or the best one of this machine when name is null; null when the machine or build lacks it.
const Kernels* findKernels(const char* name);
// Names that findKernels accepts on this machine, best first; returns how many.
int kernelNames(const char* names[4]);

}  // namespace dsc
