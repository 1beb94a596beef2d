// How kernels of one stage are split over the threads.
#pragma once
#include "kernels.h"
#include "simd.h"

namespace dsc {
namespace DSC_ISA {

// The cost of a kernel is told in floats that are read, added and written. A thread that is awake takes a unit within a
// microsecond, which is what some thousand floats cost; one that sleeps, within fifty.
constexpr int64_t kUnitCost = 4096, kWakingCost = 262144;

static inline int unitsFor(const Context& context, int64_t cost) {
  return static_cast<int>(least(context.pool.threads(), cost / kUnitCost + 1));
}

static inline void runUnits(Context& context, int units, int64_t cost, Pool::Job job, void* arg) {
  context.pool.run({1, 1, units, cost >= kWakingCost}, job, arg);
}

// Calls body(from, to) on parts of [0, n), each a whole number of cache lines of floats but for the last.
template <class Body>
static inline void split(Context& context, int64_t n, int64_t cost, const Body& body, int64_t line = 16) {
  struct Split {
    const Body& body;
    int64_t n, line;
    int units;
  } job = {body, n, line, unitsFor(context, cost)};
  const auto run = [](void* arg, Part at) {
    const Split& own = *static_cast<const Split*>(arg);
    const int64_t lines = ceilDiv(own.n, own.line);
    const int64_t from = part(lines, own.units, at.unit) * own.line;
    const int64_t to = least(part(lines, own.units, at.unit + 1) * own.line, own.n);
    if (from < to) own.body(from, to);
  };
  runUnits(context, job.units, cost, run, &job);
}

// Ranges of a packed batch's sentences of about equal token counts: slice[i] to slice[i + 1] is the i-th of `parts`.
static inline void sliceSentences(const int32_t* stepSizes, int64_t steps, int64_t rows, int64_t parts, int64_t* slice) {
  const int64_t sentences = steps > 0 ? stepSizes[0] : 0;
  slice[0] = 0;
  int64_t tokens = 0, length = steps, filled = 1;
  for (int64_t b = 0; b < sentences && filled < parts; b++) {
    while (length > 0 && stepSizes[length - 1] <= b) length--;
    tokens += length;
    while (filled < parts && tokens * parts >= rows * filled) slice[filled++] = b + 1;
  }
  while (filled <= parts) slice[filled++] = sentences;
}

}  // namespace DSC_ISA
}  // namespace dsc
