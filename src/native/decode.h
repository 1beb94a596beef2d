// The best label sequences of a packed batch (Viterbi); see kernels/decode.ts for the rules, which this follows to the bit. Each
// sentence is searched by itself: a vector of labels for every label before, in ascending order, so that the lower one stays on a
// tie.
#pragma once
#include "crf.h"

namespace dsc {
namespace DSC_ISA {

struct Search {
  const CrfScores scores;
  const int64_t outside, C, stride;
  const double bias;
  const double* costs;    // transitions, widened: a row for each label before (C, stride)
  const int64_t* offset;  // first row of each step

  double score(int64_t row, int64_t j) const {
    return static_cast<double>(scores.emissions[row * C + j]) + (j == outside ? bias : 0);
  }
  bool forbidden(float cost) const { return cost == -__builtin_inff(); }
};

// Where the highest of n numbers is; the first of equals.
static inline int64_t highestOf(int64_t n, const double* x) {
  int64_t best = 0;
  for (int64_t j = 1; j < n; j++) {
    if (x[j] > x[best]) best = j;
  }
  return best;
}

// Of V vectors of labels from `k`, the best label before each, and the score of the way through it.
template <int V>
static inline void bestBefore(const Search& search, const double* now, int64_t k, double* next, int32_t* came) {
  vd top[V];
  vl best[V] = {};
  DSC_UNROLL for (int v = 0; v < V; v++) top[v] = splatd(now[0]) + loadd(search.costs + k + v * DL);
  for (int64_t i = 1; i < search.C; i++) {
    const vd before = splatd(now[i]);
    const vl label = (vl)splatl(static_cast<uint64_t>(i));
    DSC_UNROLL for (int v = 0; v < V; v++) {
      const vd sum = before + loadd(search.costs + i * search.stride + k + v * DL);
      const vl better = sum > top[v];
      top[v] = better ? sum : top[v];
      best[v] = better ? label : best[v];
    }
  }
  DSC_UNROLL for (int v = 0; v < V; v++) {
    store(next + k + v * DL, top[v]);
    for (int j = 0; j < DL; j++) came[k + v * DL + j] = static_cast<int32_t>(best[v][j]);
  }
}

// The best sequence of sentence b, n tokens. now, next (stride) and came (n, stride) are room.
static inline void searchSentence(const Search& search, int64_t b, int64_t n, double* now, double* next, int32_t* came,
                                  int32_t* ids) {
  const int64_t C = search.C, stride = search.stride;
  for (int64_t j = 0; j < C; j++) now[j] = static_cast<double>(search.scores.start[j]) + search.score(b, j);
  for (int64_t t = 1; t < n; t++) {
    const int64_t row = search.offset[t] + b;
    int64_t k = 0;
    for (; k + 4 * DL <= stride; k += 4 * DL) bestBefore<4>(search, now, k, next, came + t * stride);
    for (; k + 2 * DL <= stride; k += 2 * DL) bestBefore<2>(search, now, k, next, came + t * stride);
    for (; k < stride; k += DL) bestBefore<1>(search, now, k, next, came + t * stride);
    for (int64_t j = 0; j < C; j++) next[j] += search.score(row, j);
    // Sums of long sentences keep their last digits.
    const double most = next[highestOf(C, next)];
    for (int64_t j = 0; j < C && most > -__builtin_inf(); j++) next[j] -= most;
    double* other = now;
    now = next;
    next = other;
  }
  for (int64_t j = 0; j < C; j++) now[j] += static_cast<double>(search.scores.end[j]);
  int64_t last = highestOf(C, now);
  for (int64_t t = n - 1; t >= 0; t--) {
    ids[search.offset[t] + b] = static_cast<int32_t>(last);
    if (t > 0) last = came[t * stride + last];
  }
}

// The best label of each token of a sentence; true where they may follow each other.
static inline bool bestTokens(const Search& search, int64_t b, int64_t n, int32_t* ids) {
  bool may = true;
  int32_t last = -1;
  for (int64_t t = 0; t < n; t++) {
    const int64_t row = search.offset[t] + b;
    double top = search.score(row, 0);
    int32_t best = 0;
    for (int64_t j = 1; j < search.C; j++) {
      const double score = search.score(row, j);
      if (score > top) {
        top = score;
        best = static_cast<int32_t>(j);
      }
    }
    may = may && !search.forbidden(last < 0 ? search.scores.start[best] : search.scores.transitions[last * search.C + best]);
    ids[row] = last = best;
  }
  return may;
}

// Do these scores only allow and forbid?
static inline bool onlyForbids(int64_t n, const float* x) {
  for (int64_t i = 0; i < n; i++) {
    if (x[i] != 0 && x[i] != -__builtin_inff()) return false;
  }
  return true;
}

static bool decode(Context& context, const CrfShape& s, const CrfScores& scores, int64_t outside, double bias, int32_t* ids) {
  Arena& arena = context.arena;
  arena.reset();
  Crf crf(s, scores);
  const int64_t C = crf.C, stride = crf.stride;
  crf.offset = reinterpret_cast<int64_t*>(doubles(arena, s.steps + 1));
  crf.slice = reinterpret_cast<int64_t*>(doubles(arena, crf.units + 1));
  double* costs = doubles(arena, C * stride);
  double* rows = doubles(arena, 2 * crf.units * stride);
  if (!crf.offset || !crf.slice || !costs || !rows) return false;
  crf.offset[0] = 0;
  for (int64_t t = 0; t < s.steps; t++) crf.offset[t + 1] = crf.offset[t] + s.stepSizes[t];
  sliceSentences(s.stepSizes, s.steps, s.rows, crf.units, crf.slice);
  for (int64_t i = 0; i < C; i++) {
    for (int64_t j = 0; j < stride; j++) costs[i * stride + j] = j < C ? static_cast<double>(scores.transitions[i * C + j]) : 0;
  }
  const bool free = onlyForbids(C * C, scores.transitions) && onlyForbids(C, scores.start) && onlyForbids(C, scores.end);
  const Search search = {scores, outside, C, stride, bias, costs, crf.offset};
  // The longest sentence of a unit is its first.
  int32_t** came = reinterpret_cast<int32_t**>(doubles(arena, crf.units + 1));
  if (!came) return false;
  for (int unit = 0; unit < crf.units; unit++) {
    const int64_t longest = crf.slice[unit] < crf.slice[unit + 1] ? crf.length(crf.slice[unit]) : 0;
    came[unit] = reinterpret_cast<int32_t*>(arena.floats(static_cast<size_t>(longest * stride)));
    if (!came[unit] && longest > 0) return false;
  }
  eachUnit(context, crf, [&](int unit) {
    double* room = rows + 2 * unit * stride;
    for (int64_t b = crf.slice[unit]; b < crf.slice[unit + 1]; b++) {
      const int64_t n = crf.length(b);
      // Where tokens score alone the best of each is the best of all sequences: mostly it is allowed.
      if (free && bestTokens(search, b, n, ids)) continue;
      searchSentence(search, b, n, room, room + stride, came[unit], ids);
    }
  });
  return true;
}

}  // namespace DSC_ISA
}  // namespace dsc
