// Linear-chain CRF over a packed batch: likelihood, marginals and their gradients; see kernels/crf.ts for the formulas.
//
// A sentence's walk is in powers: of each row `a` holds exp(alpha - its largest), `u` exp(e + beta - its largest), and `p` and `q`
// the products with exp(transitions) that alpha and beta are the logs of; rows are padded to whole vectors. A product that falls
// below kTiny, of scores hundreds apart, may have lost terms: such a sentence is walked again in logs, term by term. Sentences
// are dealt out in units whose number depends on the batch alone, so that sums over them do not depend on the threads.
#pragma once
#include "dmath.h"
#include "kernels.h"
#include "split.h"

namespace dsc {
namespace DSC_ISA {

constexpr double kTiny = 1e-250, kTinySum = 1e-200;
constexpr double kPadding = -1e300;  // the score of a label that is none
constexpr int64_t kMostCrfUnits = 8;

struct Crf {
  const CrfShape s;
  const CrfScores scores;
  int64_t C, stride, sentences;
  int units = 1;
  double top, startTop, endTop;  // the largest transition, start and end
  // exp(transitions - top), summed over its rows: the label before, the label after. (C, stride)
  double *fromLast = nullptr, *fromNext = nullptr;
  double *start = nullptr, *end = nullptr;  // less their largest (stride)
  int64_t *offset = nullptr, *slice = nullptr;
  double *rowOf = nullptr;   // one a unit (stride)
  double *score = nullptr;   // of each sentence: log Z, less that of the gold path
  double *exact = nullptr;   // of each sentence: 1 where it must be walked in logs
  double *a = nullptr, *p = nullptr, *u = nullptr, *q = nullptr, *marginals = nullptr;  // (N, stride)
  double *sums = nullptr;    // one a unit: what becomes the gradient of the transitions, before exp(transitions - top) (C, stride)

  Crf(const CrfShape& shape, const CrfScores& given) : s(shape), scores(given) {
    C = s.labels;
    stride = ceilDiv(C, DL) * DL;
    sentences = s.steps > 0 ? s.stepSizes[0] : 0;
    const int64_t most = least(kMostCrfUnits, ceilDiv(sentences, 4));
    const int64_t wanted = s.rows * C * (C + 64) / 131072 + 1;
    units = static_cast<int>(wanted < most ? wanted : most > 1 ? most : 1);
  }
  int64_t size() const { return s.rows * stride; }
  int64_t reserve() const { return 5 * size() + sentences; }
  int64_t alive(int64_t t) const { return t < s.steps ? s.stepSizes[t] : 0; }
  // How many of the sentences [from, to) have a token t.
  int64_t count(int64_t t, int64_t from, int64_t to) const {
    const int64_t n = least(to, alive(t)) - from;
    return n > 0 ? n : 0;
  }
  // Tokens of a sentence.
  int64_t length(int64_t b) const {
    int64_t low = 0, high = s.steps;
    while (low < high) {
      const int64_t t = (low + high) / 2;
      if (s.stepSizes[t] > b) {
        low = t + 1;
      } else {
        high = t;
      }
    }
    return low;
  }
  // Less than half the time of a gradient; a float of cost is half a nanosecond.
  int64_t cost() const { return s.rows * C * (C + 64) / 4; }
};

static inline double* doubles(Arena& arena, int64_t n) {
  return reinterpret_cast<double*>(arena.floats(static_cast<size_t>(2 * n)));
}

static inline double* zeroed(Arena& arena, int64_t n) {
  double* x = doubles(arena, n);
  if (x) std::memset(x, 0, static_cast<size_t>(n) * sizeof(double));
  return x;
}

static inline double maximum(int64_t n, const float* x) {
  double most = -__builtin_inf();
  for (int64_t i = 0; i < n; i++) most = static_cast<double>(x[i]) > most ? static_cast<double>(x[i]) : most;
  return most;
}

// All but the walk itself, which has its room from the caller.
static inline bool prepare(Crf& crf, Arena& arena) {
  const int64_t C = crf.C, stride = crf.stride;
  crf.fromLast = doubles(arena, C * stride);
  crf.fromNext = doubles(arena, C * stride);
  crf.start = doubles(arena, stride);
  crf.end = doubles(arena, stride);
  crf.offset = reinterpret_cast<int64_t*>(doubles(arena, crf.s.steps + 1));
  crf.slice = reinterpret_cast<int64_t*>(doubles(arena, crf.units + 1));
  crf.rowOf = doubles(arena, crf.units * stride);
  crf.score = doubles(arena, crf.sentences + 1);
  crf.sums = zeroed(arena, crf.units * C * stride);
  if (!crf.fromLast || !crf.fromNext || !crf.start || !crf.end || !crf.offset || !crf.slice || !crf.rowOf || !crf.score ||
      !crf.sums) {
    return false;
  }
  crf.top = maximum(C * C, crf.scores.transitions);
  crf.startTop = maximum(C, crf.scores.start);
  crf.endTop = maximum(C, crf.scores.end);
  for (int64_t i = 0; i < C; i++) {
    for (int64_t j = 0; j < stride; j++) {
      // Ones in the padding, so that no product there is small.
      crf.fromLast[i * stride + j] = j < C ? __builtin_exp(static_cast<double>(crf.scores.transitions[i * C + j]) - crf.top) : 1;
    }
  }
  for (int64_t j = 0; j < C; j++) {
    for (int64_t i = 0; i < stride; i++) crf.fromNext[j * stride + i] = i < C ? crf.fromLast[i * stride + j] : 1;
  }
  for (int64_t j = 0; j < stride; j++) {
    crf.start[j] = j < C ? static_cast<double>(crf.scores.start[j]) - crf.startTop : 0;
    crf.end[j] = j < C ? static_cast<double>(crf.scores.end[j]) - crf.endTop : 0;
  }
  crf.offset[0] = 0;
  for (int64_t t = 0; t < crf.s.steps; t++) crf.offset[t + 1] = crf.offset[t] + crf.s.stepSizes[t];
  sliceSentences(crf.s.stepSizes, crf.s.steps, crf.s.rows, crf.units, crf.slice);
  return true;
}

// R rows of x (stride) times m (C, stride), V vectors of columns from `column`. Each sum is over ascending rows of m, whatever R
// and V are.
template <int R, int V>
static inline void rowTile(const Crf& crf, const double* x, const double* m, int64_t column, double* y) {
  vd sum[R][V] = {};
  for (int64_t i = 0; i < crf.C; i++) {
    DSC_UNROLL for (int v = 0; v < V; v++) {
      const vd entry = loadd(m + i * crf.stride + column + v * DL);
      DSC_UNROLL for (int r = 0; r < R; r++) sum[r][v] += splatd(x[r * crf.stride + i]) * entry;
    }
  }
  DSC_UNROLL for (int r = 0; r < R; r++) {
    DSC_UNROLL for (int v = 0; v < V; v++) store(y + r * crf.stride + column + v * DL, sum[r][v]);
  }
}

// y (n, stride) = x (n, stride) . m (C, stride)
static inline void multiplyRows(const Crf& crf, int64_t n, const double* x, const double* m, double* y) {
  const int64_t stride = crf.stride;
  for (; n >= 4; n -= 4, x += 4 * stride, y += 4 * stride) {
    int64_t k = 0;
    for (; k + 2 * DL <= stride; k += 2 * DL) rowTile<4, 2>(crf, x, m, k, y);
    if (k < stride) rowTile<4, 1>(crf, x, m, k, y);
  }
  for (; n > 0; n--, x += stride, y += stride) {
    int64_t k = 0;
    for (; k + 4 * DL <= stride; k += 4 * DL) rowTile<1, 4>(crf, x, m, k, y);
    for (; k < stride; k += DL) rowTile<1, 1>(crf, x, m, k, y);
  }
}

// sums[i, k] += x[row, i] y[next row, k] over all pairs of neighbours of a unit, for R labels from i and V vectors from k.
template <int R, int V>
static inline void pairTile(const Crf& crf, int unit, const double* x, const double* y, int64_t i, int64_t k, double* sums) {
  const int64_t from = crf.slice[unit], to = crf.slice[unit + 1], stride = crf.stride;
  vd sum[R][V];
  DSC_UNROLL for (int r = 0; r < R; r++) {
    DSC_UNROLL for (int v = 0; v < V; v++) sum[r][v] = loadd(sums + (i + r) * stride + k + v * DL);
  }
  for (int64_t t = 1; crf.count(t, from, to) > 0; t++) {
    const double* left = x + (crf.offset[t - 1] + from) * stride + i;
    const double* right = y + (crf.offset[t] + from) * stride + k;
    for (int64_t n = crf.count(t, from, to); n > 0; n--, left += stride, right += stride) {
      DSC_UNROLL for (int v = 0; v < V; v++) {
        const vd entry = loadd(right + v * DL);
        DSC_UNROLL for (int r = 0; r < R; r++) sum[r][v] += splatd(left[r]) * entry;
      }
    }
  }
  DSC_UNROLL for (int r = 0; r < R; r++) {
    DSC_UNROLL for (int v = 0; v < V; v++) store(sums + (i + r) * stride + k + v * DL, sum[r][v]);
  }
}

template <int R>
static inline void pairRows(const Crf& crf, int unit, const double* x, const double* y, int64_t i, double* sums) {
  int64_t k = 0;
  for (; k + 2 * DL <= crf.stride; k += 2 * DL) pairTile<R, 2>(crf, unit, x, y, i, k, sums);
  if (k < crf.stride) pairTile<R, 1>(crf, unit, x, y, i, k, sums);
}

static inline void addPairs(const Crf& crf, int unit, const double* x, const double* y) {
  double* sums = crf.sums + unit * crf.C * crf.stride;
  int64_t i = 0;
  for (; i + 4 <= crf.C; i += 4) pairRows<4>(crf, unit, x, y, i, sums);
  for (; i < crf.C; i++) pairRows<1>(crf, unit, x, y, i, sums);
}

// A row of emissions, padded.
static inline void widen(const Crf& crf, int64_t row, double* out) {
  const float* from = crf.scores.emissions + row * crf.C;
  for (int64_t j = 0; j < crf.C; j++) out[j] = static_cast<double>(from[j]);
  for (int64_t j = crf.C; j < crf.stride; j++) out[j] = kPadding;
}

// x = e + log p, or + `given` in place of the log; powers = exp(x - the largest), which it returns; logs = x where they are wanted.
// `low` becomes the least of p. p is not read where `given` is.
static inline double powersOf(const Crf& crf, const double* e, const double* p, const double* given, double* powers,
                              double* logs, bool& low) {
  vd most = splatd(-__builtin_inf());
  vl bad = {};
  for (int64_t k = 0; k < crf.stride; k += DL) {
    vd x = loadd(e + k);
    if (given) {
      x += loadd(given + k);
    } else {
      const vd product = loadd(p + k);
      bad |= ~(product >= splatd(kTiny));
      x += dlog(product);
    }
    store(powers + k, x);
    if (logs) store(logs + k, x);
    most = x > most ? x : most;
  }
  for (int i = 0; i < DL; i++) low |= bad[i] != 0;
  const double largestX = largest(most);
  for (int64_t k = 0; k < crf.stride; k += DL) store(powers + k, dexp(loadd(powers + k) - splatd(largestX)));
  return largestX;
}

// From the first token to the last, sentences [from, to): a, p and the score. `logs` (N, stride) takes alpha less its largest of
// the token before, where it is wanted.
static inline void walkForward(const Crf& crf, int unit, const int32_t* gold, double* logs) {
  const int64_t from = crf.slice[unit], to = crf.slice[unit + 1], C = crf.C, stride = crf.stride;
  double* e = crf.rowOf + unit * stride;
  for (int64_t t = 0; crf.count(t, from, to) > 0; t++) {
    const int64_t row = crf.offset[t] + from, n = crf.count(t, from, to), going = crf.count(t + 1, from, to);
    const int64_t before = t > 0 ? crf.offset[t - 1] + from : 0;
    if (t > 0) multiplyRows(crf, n, crf.a + before * stride, crf.fromLast, crf.p + row * stride);
    for (int64_t i = 0; i < n; i++) {
      const int64_t at = (row + i) * stride, b = from + i;
      bool low = false;
      widen(crf, row + i, e);
      if (t == 0) {
        for (int64_t k = 0; k < stride; k += DL) {
          const vd p = dexp(loadd(crf.start + k));
          store(crf.p + at + k, p);
          for (int j = 0; j < DL; j++) low |= !(p[j] >= kTiny);
        }
        crf.score[b] = crf.startTop;
        crf.exact[b] = 0;
      } else {
        crf.score[b] += crf.top;
      }
      crf.score[b] += powersOf(crf, e, crf.p + at, t == 0 ? crf.start : nullptr, crf.a + at, logs ? logs + at : nullptr, low);
      if (gold) {
        const int32_t y = gold[row + i], last = t > 0 ? gold[before + i] : 0;
        if (y < 0 || last < 0) {
          low = true;
        } else {
          crf.score[b] -= e[y];
          crf.score[b] -= static_cast<double>(t > 0 ? crf.scores.transitions[last * C + y] : crf.scores.start[y]);
          if (i >= going) crf.score[b] -= static_cast<double>(crf.scores.end[y]);
        }
      }
      if (i >= going) {
        vd sum = {};
        for (int64_t k = 0; k < stride; k += DL) sum += loadd(crf.a + at + k) * dexp(loadd(crf.end + k));
        const double z = total(sum);
        low |= !(z >= kTinySum);
        crf.score[b] += crf.endTop + __builtin_log(z);
      }
      if (low) crf.exact[b] = 1;
    }
  }
}

// From the last token to the first: u, q and the marginals, and their logs (N, C) where those are wanted, which then come from
// `logs` of the walk forward.
static inline void walkBackward(const Crf& crf, int unit, const double* logs, float* logMarginals) {
  const int64_t from = crf.slice[unit], to = crf.slice[unit + 1], C = crf.C, stride = crf.stride;
  double* e = crf.rowOf + unit * stride;
  int64_t steps = 0;
  while (crf.count(steps, from, to) > 0) steps++;
  for (int64_t t = steps - 1; t >= 0; t--) {
    const int64_t row = crf.offset[t] + from, n = crf.count(t, from, to), going = crf.count(t + 1, from, to);
    const int64_t next = crf.offset[t + 1] + from;
    if (going > 0) multiplyRows(crf, going, crf.u + next * stride, crf.fromNext, crf.q + row * stride);
    for (int64_t i = 0; i < n; i++) {
      const int64_t at = (row + i) * stride;
      const bool last = i >= going;
      bool low = false;
      widen(crf, row + i, e);
      for (int64_t k = 0; k < stride && last; k += DL) store(crf.q + at + k, splatd(1));
      const double most = powersOf(crf, e, crf.q + at, last ? crf.end : nullptr, crf.u + at, nullptr, low);
      vd sum = {};
      for (int64_t k = 0; k < stride; k += DL) sum += loadd(crf.p + at + k) * loadd(crf.u + at + k);
      const double z = total(sum);
      low |= !(z >= kTinySum);
      if (low) crf.exact[from + i] = 1;
      if (logMarginals) {
        // log P = log p + (e + beta - largest) - log z, and `logs` is e + log p
        const double norm = most + __builtin_log(z);
        float* out = logMarginals + (row + i) * C;
        for (int64_t k = 0; k < stride; k += DL) {
          const vd beta = last ? loadd(crf.end + k) : dlog(loadd(crf.q + at + k));
          const vd value = loadd(logs + at + k) + beta - splatd(norm);
          for (int64_t j = 0; j < least(DL, C - k); j++) out[k + j] = static_cast<float>(value[j]);
        }
      }
      const vd scale = splatd(1 / z);
      for (int64_t k = 0; k < stride; k += DL) {
        store(crf.marginals + at + k, loadd(crf.p + at + k) * loadd(crf.u + at + k) * scale);
      }
    }
  }
}

// Leaves nothing of sentences that are walked in logs in the way of the others.
static inline void clearExact(const Crf& crf, int unit) {
  for (int64_t b = crf.slice[unit]; b < crf.slice[unit + 1]; b++) {
    if (crf.exact[b] == 0) continue;
    for (int64_t t = 0, n = crf.length(b); t < n; t++) {
      const int64_t at = (crf.offset[t] + b) * crf.stride;
      for (int64_t j = at; j < at + crf.stride; j++) {
        crf.a[j] = crf.u[j] = crf.marginals[j] = 0;
        crf.q[j] = 1;
        crf.p[j] = crf.p == crf.marginals ? 0 : 1;
      }
    }
  }
}

// One sentence in logs, term by term: of rows with a gold label, where `gold` is given, that label alone.
struct ExactWalk {
  const Crf& crf;
  int64_t b, n, C;
  const int32_t* gold;
  double *alpha, *beta;  // (n, C)

  ExactWalk(const Crf& of, int64_t sentence, const int32_t* given, double* room)
      : crf(of), b(sentence), n(of.length(sentence)), C(of.C), gold(given), alpha(room), beta(room + n * C) {
    for (int64_t i = 0; i < n * C; i++) alpha[i] = beta[i] = -__builtin_inf();
    for (int64_t t = 0; t < n; t++) {
      for (int64_t j = first(t); j < last(t); j++) {
        double score = static_cast<double>(crf.scores.start[j]);
        if (t > 0) score = logSum(first(t - 1), last(t - 1), [&](int64_t i) { return alpha[(t - 1) * C + i] + link(i, j); });
        alpha[t * C + j] = emission(t, j) + score;
      }
    }
    for (int64_t t = n - 1; t >= 0; t--) {
      for (int64_t i = first(t); i < last(t); i++) {
        double score = static_cast<double>(crf.scores.end[i]);
        if (t + 1 < n) score = logSum(first(t + 1), last(t + 1), [&](int64_t j) { return link(i, j) + ahead(t + 1, j); });
        beta[t * C + i] = score;
      }
    }
  }

  int64_t row(int64_t t) const { return crf.offset[t] + b; }
  int64_t first(int64_t t) const { return gold && gold[row(t)] >= 0 ? gold[row(t)] : 0; }
  int64_t last(int64_t t) const { return gold && gold[row(t)] >= 0 ? gold[row(t)] + 1 : C; }
  double emission(int64_t t, int64_t j) const { return static_cast<double>(crf.scores.emissions[row(t) * C + j]); }
  double link(int64_t i, int64_t j) const { return static_cast<double>(crf.scores.transitions[i * C + j]); }
  double ahead(int64_t t, int64_t j) const { return emission(t, j) + beta[t * C + j]; }
  double logZ(int64_t t) const {
    return logSum(first(t), last(t), [&](int64_t j) { return alpha[t * C + j] + beta[t * C + j]; });
  }
  // Pr(y_(t+1) = j | y_t = i) and Pr(y_t = i | y_(t+1) = j)
  double forward(int64_t t, int64_t i, int64_t j) const { return __builtin_exp(link(i, j) + ahead(t + 1, j) - beta[t * C + i]); }
  double backward(int64_t t, int64_t i, int64_t j) const {
    return __builtin_exp(alpha[t * C + i] + link(i, j) - (alpha[(t + 1) * C + j] - emission(t + 1, j)));
  }

  template <class Term>
  static double logSum(int64_t from, int64_t to, const Term& term) {
    double most = -__builtin_inf(), sum = 0;
    for (int64_t i = from; i < to; i++) most = term(i) > most ? term(i) : most;
    for (int64_t i = from; i < to; i++) sum += __builtin_exp(term(i) - most);
    return most + __builtin_log(sum);
  }

  // Marginals (n, C) added to `labels`, and of pairs (C, C) to `pairs`, both times `sign`.
  void count(double sign, double* labels, double* pairs) const {
    for (int64_t t = 0; t < n; t++) {
      const double norm = logZ(t);
      for (int64_t i = first(t); i < last(t); i++) {
        const double p = sign * __builtin_exp(alpha[t * C + i] + beta[t * C + i] - norm);
        labels[t * C + i] += p;
        for (int64_t j = 0; t + 1 < n && j < C; j++) {
          if (j >= first(t + 1) && j < last(t + 1)) pairs[i * C + j] += p * forward(t, i, j);
        }
      }
    }
  }
};

// de of the first tokens added up, and of the last ones.
static inline void gradientsOfEnds(const Crf& crf, const float* de, float* dstart, float* dend) {
  for (int64_t j = 0; j < crf.C; j++) {
    double start = 0, end = 0;
    for (int64_t b = 0; b < crf.sentences; b++) start += static_cast<double>(de[b * crf.C + j]);
    for (int64_t t = 0; t < crf.s.steps; t++) {
      for (int64_t b = crf.alive(t + 1); b < crf.s.stepSizes[t]; b++) {
        end += static_cast<double>(de[(crf.offset[t] + b) * crf.C + j]);
      }
    }
    dstart[j] = static_cast<float>(start);
    dend[j] = static_cast<float>(end);
  }
}

// dt = scale (exp(transitions - top) times the sums of all units, + pairs) (C, C)
static inline void gradientOfTransitions(const Crf& crf, double scale, const double* pairs, float* dt) {
  const int64_t C = crf.C, stride = crf.stride;
  for (int64_t i = 0; i < C; i++) {
    for (int64_t j = 0; j < C; j++) {
      double sum = 0;
      for (int unit = 0; unit < crf.units; unit++) sum += crf.sums[(unit * C + i) * stride + j];
      dt[i * C + j] = static_cast<float>(scale * (crf.fromLast[i * stride + j] * sum + pairs[i * C + j]));
    }
  }
}

template <class Body>
static inline void eachUnit(Context& context, const Crf& crf, const Body& body) {
  const auto run = [](void* arg, Part at) { (*static_cast<const Body*>(arg))(at.unit); };
  context.pool.run({1, 1, crf.units, crf.cost() >= kWakingCost}, run, const_cast<void*>(static_cast<const void*>(&body)));
}

static bool crfNll(Context& context, const CrfShape& s, const CrfScores& scores, const int32_t* gold, double* loss,
                   const CrfGradients* gradients) {
  Arena& arena = context.arena;
  arena.reset();
  Crf crf(s, scores);
  const int64_t C = crf.C, stride = crf.stride;
  if (!prepare(crf, arena)) return false;
  double* room = doubles(arena, 4 * crf.size());
  crf.exact = doubles(arena, crf.sentences + 1);
  double* pairs = zeroed(arena, C * C);
  if (!room || !crf.exact || !pairs) return false;
  crf.a = room;
  crf.p = crf.marginals = room + crf.size();
  crf.u = room + 2 * crf.size();
  crf.q = room + 3 * crf.size();
  int64_t known = 0;
  for (int64_t n = 0; n < s.rows; n++) known += gold[n] >= 0;
  const double scale = 1 / static_cast<double>(known > 0 ? known : 1);

  eachUnit(context, crf, [&](int unit) {
    walkForward(crf, unit, gold, nullptr);
    if (!gradients) return;
    walkBackward(crf, unit, nullptr, nullptr);
    clearExact(crf, unit);
    const int64_t from = crf.slice[unit], to = crf.slice[unit + 1];
    for (int64_t t = 0; crf.count(t, from, to) > 0; t++) {
      const int64_t row = crf.offset[t] + from, n = crf.count(t, from, to), going = crf.count(t + 1, from, to);
      for (int64_t i = 0; i < n; i++) {
        const double* marginals = crf.marginals + (row + i) * stride;
        float* de = gradients->emissions + (row + i) * C;
        for (int64_t j = 0; j < C; j++) de[j] = static_cast<float>(scale * marginals[j]);
        const int32_t y = gold[row + i];
        if (y >= 0) de[y] = static_cast<float>(scale * (marginals[y] - 1));
      }
      // Pr(i, j) = P[i] exp(transitions[i, j]) u_next[j] / q[i]
      for (int64_t k = row * stride; k < (row + going) * stride; k += DL) {
        store(crf.q + k, loadd(crf.marginals + k) / loadd(crf.q + k));
      }
    }
    addPairs(crf, unit, crf.q, crf.u);
  });

  double* logs = nullptr;
  double sum = 0;
  for (int64_t b = 0; b < crf.sentences; b++) {
    const int64_t n = crf.length(b);
    if (crf.exact[b] == 0) {
      sum += crf.score[b];
      for (int64_t t = 1; t < n && gradients; t++) pairs[gold[crf.offset[t - 1] + b] * C + gold[crf.offset[t] + b]] -= 1;
      continue;
    }
    if (!logs) logs = doubles(arena, 5 * s.steps * C);
    if (!logs) return false;
    const ExactWalk all(crf, b, nullptr, logs), given(crf, b, gold, logs + 2 * n * C);
    sum += all.logZ(n - 1) - given.logZ(n - 1);
    if (!gradients) continue;
    double* labels = logs + 4 * n * C;
    std::memset(labels, 0, static_cast<size_t>(n * C) * sizeof(double));
    bool any = false;
    for (int64_t t = 0; t < n; t++) any |= gold[crf.offset[t] + b] >= 0;
    if (any) {  // else all cancels, but for the rounding
      all.count(1, labels, pairs);
      given.count(-1, labels, pairs);
    }
    for (int64_t t = 0; t < n; t++) {
      for (int64_t j = 0; j < C; j++) {
        gradients->emissions[(crf.offset[t] + b) * C + j] = static_cast<float>(scale * labels[t * C + j]);
      }
    }
  }
  *loss = sum * scale;
  if (!gradients) return true;
  gradientOfTransitions(crf, scale, pairs, gradients->transitions);
  gradientsOfEnds(crf, gradients->emissions, gradients->start, gradients->end);
  return true;
}

static int64_t crfReserve(const CrfShape& s) { return 2 * Crf(s, {}).reserve(); }

static inline void placeReserve(Crf& crf, double* reserve) {
  double** const parts[] = {&crf.a, &crf.p, &crf.u, &crf.q, &crf.marginals};
  for (double** part : parts) {
    *part = reserve;
    reserve += crf.size();
  }
  crf.exact = reserve;
}

static bool crfMarginals(Context& context, const CrfShape& s, const CrfScores& scores, float* logMarginals,
                         double* reserve) {
  Arena& arena = context.arena;
  arena.reset();
  Crf crf(s, scores);
  if (!prepare(crf, arena)) return false;
  double* alphas = doubles(arena, crf.size());
  if (!reserve) reserve = doubles(arena, crf.reserve());
  if (!alphas || !reserve) return false;
  placeReserve(crf, reserve);
  eachUnit(context, crf, [&](int unit) {
    walkForward(crf, unit, nullptr, alphas);
    walkBackward(crf, unit, alphas, logMarginals);
    clearExact(crf, unit);
  });
  double* logs = nullptr;
  for (int64_t b = 0; b < crf.sentences; b++) {
    if (crf.exact[b] == 0) continue;
    if (!logs) logs = doubles(arena, 2 * s.steps * crf.C);
    if (!logs) return false;
    const ExactWalk all(crf, b, nullptr, logs);
    for (int64_t t = 0; t < all.n; t++) {
      const double norm = all.logZ(t);
      for (int64_t k = t * crf.C; k < (t + 1) * crf.C; k++) {
        logMarginals[(crf.offset[t] + b - t) * crf.C + k] = static_cast<float>(all.alpha[k] + all.beta[k] - norm);
      }
    }
  }
  return true;
}

// One sentence whose walk is in logs: its rows of de, and what it adds to `pairs`.
static inline void exactGradient(const Crf& crf, int64_t b, const float* dy, double* room, double* pairs, float* de) {
  const ExactWalk all(crf, b, nullptr, room);
  const int64_t n = all.n, C = crf.C;
  double *a = room + 2 * n * C, *r = room + 3 * n * C, sum = 0;
  const auto upstream = [&](int64_t t, int64_t j) { return static_cast<double>(dy[all.row(t) * C + j]); };
  for (int64_t t = 0; t < n; t++) {
    for (int64_t j = 0; j < C; j++) {
      a[t * C + j] = upstream(t, j);
      for (int64_t i = 0; t > 0 && i < C; i++) a[t * C + j] += all.forward(t - 1, i, j) * a[(t - 1) * C + i];
    }
  }
  for (int64_t j = 0; j < C; j++) sum += a[(n - 1) * C + j];
  for (int64_t t = n - 1; t >= 0; t--) {
    const double norm = all.logZ(t);
    for (int64_t i = 0; i < C; i++) {
      const int64_t k = t * C + i;
      const double p = __builtin_exp(all.alpha[k] + all.beta[k] - norm);
      r[k] = 0;
      for (int64_t j = 0; t + 1 < n && j < C; j++) {
        const double right = all.backward(t, i, j) * (upstream(t + 1, j) + r[(t + 1) * C + j]);
        r[k] += right;
        pairs[i * C + j] += all.forward(t, i, j) * (a[k] - sum * p) + right;
      }
      de[all.row(t) * C + i] = static_cast<float>(a[k] + r[k] - sum * p);
    }
  }
}

static bool crfMarginalsGrad(Context& context, const CrfShape& s, const CrfScores& scores, double* reserve, const float* dy,
                             const CrfGradients& gradients) {
  Arena& arena = context.arena;
  arena.reset();
  Crf crf(s, scores);
  const int64_t C = crf.C, stride = crf.stride;
  if (!prepare(crf, arena)) return false;
  placeReserve(crf, reserve);
  // Sums to each label from the left and from the right, and what is multiplied on to the next token.
  double *a = doubles(arena, crf.size()), *r = doubles(arena, crf.size()), *x = doubles(arena, crf.size());
  double* pairs = zeroed(arena, C * C);
  if (!a || !r || !x || !pairs) return false;

  eachUnit(context, crf, [&](int unit) {
    const int64_t from = crf.slice[unit], to = crf.slice[unit + 1];
    double* g = crf.rowOf + unit * stride;
    const auto upstream = [&](int64_t row) {
      for (int64_t j = 0; j < stride; j++) g[j] = j < C ? static_cast<double>(dy[row * C + j]) : 0;
    };
    int64_t steps = 0;
    for (; crf.count(steps, from, to) > 0; steps++) {
      const int64_t t = steps, row = crf.offset[t] + from, n = crf.count(t, from, to), going = crf.count(t + 1, from, to);
      if (t > 0) {
        multiplyRows(crf, n, x + (crf.offset[t - 1] + from) * stride, crf.fromLast, a + row * stride);
      }
      for (int64_t i = 0; i < n; i++) {
        const int64_t at = (row + i) * stride;
        upstream(row + i);
        vd sum = {};
        for (int64_t k = 0; k < stride; k += DL) {
          vd value = loadd(g + k);
          if (t > 0) value += loadd(crf.u + at + k) * loadd(a + at + k);
          store(a + at + k, value);
          store(x + at + k, value / loadd(crf.q + at + k));
          sum += value;
        }
        if (i >= going) crf.score[from + i] = total(sum);
      }
    }
    for (int64_t t = steps - 1; t >= 0; t--) {
      const int64_t row = crf.offset[t] + from, n = crf.count(t, from, to), going = crf.count(t + 1, from, to);
      const int64_t next = crf.offset[t + 1] + from;
      if (going > 0) multiplyRows(crf, going, x + next * stride, crf.fromNext, r + row * stride);
      for (int64_t i = 0; i < n; i++) {
        const int64_t at = (row + i) * stride;
        const vd sum = splatd(crf.score[from + i]);
        float* de = gradients.emissions + (row + i) * C;
        upstream(row + i);
        for (int64_t k = 0; k < stride; k += DL) {
          vd right = {};
          if (i < going) right = loadd(crf.a + at + k) * loadd(r + at + k);
          const vd left = loadd(a + at + k) - sum * loadd(crf.marginals + at + k);
          const vd value = left + right;
          for (int64_t j = 0; j < least(DL, C - k); j++) de[k + j] = static_cast<float>(value[j]);
          store(x + at + k, (loadd(g + k) + right) / loadd(crf.p + at + k));
          store(a + at + k, left / loadd(crf.q + at + k));
        }
      }
    }
    addPairs(crf, unit, a, crf.u);
    addPairs(crf, unit, crf.a, x);
  });

  double* room = nullptr;
  for (int64_t b = 0; b < crf.sentences; b++) {
    if (crf.exact[b] == 0) continue;
    if (!room) room = doubles(arena, 4 * s.steps * C);
    if (!room) return false;
    exactGradient(crf, b, dy, room, pairs, gradients.emissions);
  }
  gradientOfTransitions(crf, 1, pairs, gradients.transitions);
  gradientsOfEnds(crf, gradients.emissions, gradients.start, gradients.end);
  return true;
}

}  // namespace DSC_ISA
}  // namespace dsc
