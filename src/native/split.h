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

}  // namespace DSC_ISA
}  // namespace dsc
