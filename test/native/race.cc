// What `npm run test:tsan` compiles with ThreadSanitizer: the thread pool, and the kernels that have several stages or units, on
// one to five threads, many times. The results must be those of one thread to the bit; any race ends the run with its report.
// The plain instruction set alone, since who waits for whom is the same on all, with chunks of some rows (DSC_CHUNK_FLOATS).
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include "kernels.h"

namespace {

using dsc::Context;
using Floats = std::vector<float>;

uint32_t state = 1;
uint32_t below(uint32_t n) { return (state = state * 1664525 + 1013904223) / 65536 % n; }
Floats randoms(int64_t n) {
  Floats x(static_cast<size_t>(n));
  for (auto& v : x) v = static_cast<float>(below(2001)) / 1000 - 1;
  return x;
}

constexpr int64_t kLabels = 30;

struct Problem {
  std::vector<int32_t> steps;
  dsc::LstmShape shape;
  Floats x, w, b, dh, big;
  std::vector<int32_t> ids, gold;
};

Problem make() {
  Problem p;
  std::vector<int32_t> lengths(1 + below(9));
  for (auto& n : lengths) n = static_cast<int32_t>(1 + below(60));
  const int32_t longest = *std::max_element(lengths.begin(), lengths.end());
  int64_t rows = 0;
  for (int32_t t = 0; t < longest; t++) {
    p.steps.push_back(static_cast<int32_t>(std::count_if(lengths.begin(), lengths.end(), [t](int32_t n) { return n > t; })));
    rows += p.steps.back();
  }
  const int64_t I = 1 + below(12), H = 1 + below(20), D = 1 + below(2);
  p.shape = {rows, longest, I, H, D, nullptr};
  p.x = randoms(rows * I);
  p.w = randoms(D * (I + H) * 4 * H);
  p.b = randoms(D * 4 * H);
  p.dh = randoms(rows * D * H);
  p.big = randoms(160 * 520);
  for (int64_t n = 0; n < rows; n++) p.gold.push_back(static_cast<int32_t>(below(kLabels + 1)) - 1);
  for (int32_t i = 0; i < 700; i++) p.ids.push_back(i * 11 % 700);
  return p;
}

// Every number that the kernels make of a problem.
Floats compute(const dsc::Kernels& kernels, Context context, Problem& p) {
  dsc::LstmShape s = p.shape;
  s.stepSizes = p.steps.data();
  Floats out;
  const auto keep = [&out](const Floats& x) { out.insert(out.end(), x.begin(), x.end()); };
  Floats h(p.dh.size()), reserve(static_cast<size_t>(kernels.lstmReserve(s)));
  Floats dx(p.x.size()), dw(p.w.size()), db(p.b.size());
  kernels.lstm(context, s, p.x.data(), p.w.data(), p.b.data(), h.data(), reserve.data());
  kernels.lstmGrad(context, s, p.x.data(), p.w.data(), reserve.data(), p.dh.data(), dx.data(), dw.data(), db.data());
  for (const auto* x : {&h, &dx, &dw, &db}) keep(*x);
  const dsc::CrfShape crf = {s.rows, s.steps, kLabels, s.stepSizes};
  const dsc::CrfScores scores = {p.big.data(), p.big.data(), p.big.data() + 100, p.big.data() + 200};
  Floats logs(static_cast<size_t>(s.rows * kLabels)), doubles(static_cast<size_t>(kernels.crfReserve(crf)));
  Floats de(logs.size()), dt(kLabels * kLabels), dstart(kLabels), dend(kLabels);
  const dsc::CrfGradients gradients = {de.data(), dt.data(), dstart.data(), dend.data()};
  double loss = 0;
  kernels.crfNll(context, crf, scores, p.gold.data(), &loss, &gradients);
  out.push_back(static_cast<float>(loss));
  for (const auto* x : {&de, &dt, &dstart, &dend}) keep(*x);
  kernels.crfMarginals(context, crf, scores, logs.data(), reinterpret_cast<double*>(doubles.data()));
  kernels.crfMarginalsGrad(context, crf, scores, reinterpret_cast<double*>(doubles.data()), p.big.data(), gradients);
  for (const auto* x : {&logs, &de, &dt, &dstart, &dend}) keep(*x);
  std::vector<int32_t> ids(static_cast<size_t>(s.rows));
  kernels.decode(context, crf, scores, 0, 0.5, ids.data());
  out.insert(out.end(), ids.begin(), ids.end());
  for (const bool tall : {true, false}) {
    const int64_t m = tall ? 160 : 60, n = tall ? 50 : 150, k = 520;
    Floats c(static_cast<size_t>(m * n));
    kernels.matmul(context, {m, n, k, false, false, nullptr}, p.big.data(), p.big.data(), c.data());
    keep(c);
  }
  const int64_t n = static_cast<int64_t>(p.big.size());
  Floats param = p.big, m(p.big.size()), v(p.big.size());
  const dsc::AdamSettings adam = {0.1, 0.9, 0.999, 1e-8, 1, 1};
  kernels.adam(context, adam, n, param.data(), m.data(), v.data(), p.big.data());
  kernels.adamRows(context, adam, 700, 100, p.ids.data(), param.data(), m.data(), v.data(), p.big.data());
  for (const auto* x : {&param, &m, &v}) keep(*x);
  kernels.unary(context, dsc::Unary::exp, n, p.big.data(), v.data());
  keep(v);
  out.push_back(static_cast<float>(kernels.sumOfSquares(context, n, p.big.data())));
  return out;
}

// Counts how often each unit ran, and that a stage saw the one before it whole.
struct Count {
  int stages, units;
  std::vector<int> ran;  // (chains, stages, units), plain memory: a race on it is a fault of the pool
  bool ordered = true;
};
void count(void* arg, dsc::Part part) {
  auto& job = *static_cast<Count*>(arg);
  const int at = (part.chain * job.stages + part.stage) * job.units;
  for (int u = 0; part.stage > 0 && u < job.units; u++) {
    if (job.ran[static_cast<size_t>(at - job.units + u)] != 1) job.ordered = false;
  }
  job.ran[static_cast<size_t>(at + part.unit)]++;
}

bool countJobs(dsc::Pool& pool) {
  for (int round = 0; round < 3000; round++) {
    const int chains = static_cast<int>(1 + below(2));
    Count job = {static_cast<int>(1 + below(4)), static_cast<int>(1 + below(6)), {}};
    job.ran.resize(static_cast<size_t>(chains * job.stages * job.units));
    pool.run({chains, job.stages, job.units, below(2) == 0}, count, &job);
    if (!job.ordered || std::count(job.ran.begin(), job.ran.end(), 1) != static_cast<int64_t>(job.ran.size())) return false;
    if (below(200) == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));  // the workers fall asleep
  }
  return true;
}

}  // namespace

int main() {
  const dsc::Kernels& kernels = *dsc::findKernels(nullptr);
  std::vector<Problem> problems;
  std::vector<Floats> expected;
  {
    dsc::Pool pool(1);
    dsc::Arena arena;
    for (int i = 0; i < 8; i++) {
      problems.push_back(make());
      expected.push_back(compute(kernels, {pool, arena}, problems.back()));
    }
  }
  for (const int threads : {2, 3, 4, 5}) {
    dsc::Pool pool(threads);
    dsc::Arena arena;
    if (!countJobs(pool)) {
      std::printf("%d threads: a unit did not run once, or a stage began before the one before it was done\n", threads);
      return 1;
    }
    for (size_t i = 0; i < problems.size(); i++) {
      const Floats found = compute(kernels, {pool, arena}, problems[i]);
      if (std::memcmp(found.data(), expected[i].data(), found.size() * sizeof(float)) != 0) {
        std::printf("%d threads: problem %zu differs from one thread\n", threads, i);
        return 1;
      }
    }
    std::printf("%d threads: no race, and the bits of one thread\n", threads);
  }
  return 0;
}
